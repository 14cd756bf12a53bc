"""The models as data: what each accepts, what it costs, and until when it is sold.

The shipped entries are in the folder `catalogue`, a file per provider; the user's own file of the same
form adds or replaces entries.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Set
from datetime import date
from pathlib import Path
from typing import NoReturn

from veo_studio.core import fitting
from veo_studio.core.capabilities import AudioSupport as AudioSupport
from veo_studio.core.capabilities import Capabilities as Capabilities
from veo_studio.core.capabilities import ModelInfo as ModelInfo
from veo_studio.core.capabilities import ProviderInfo as ProviderInfo
from veo_studio.core.capabilities import Retired as Retired
from veo_studio.core.capabilities import either
from veo_studio.core.catalog_file import model_from, provider_from, retired_from
from veo_studio.core.fitting import MAX_DURATION_S as MAX_DURATION_S
from veo_studio.core.fitting import MIN_DURATION_S as MIN_DURATION_S
from veo_studio.core.models import GenerationKind, InputMode, VideoConfig
from veo_studio.core.own_models import read_own
from veo_studio.core.workflows import PROVIDER, load_workflows

_FOLDER = Path(__file__).with_name("catalogue")
# the order in which people see them, and in which a name that several sell is looked for
_SHIPPED = ("rehearsal", "gemini", "runway", "vertex", "kie", "comfyui", "retired")


class Catalog:
    """All models and providers that this program knows; `models` are those that are sold `today`."""

    def __init__(
        self,
        models: Iterable[ModelInfo],
        providers: Mapping[str, ProviderInfo],
        retired: Iterable[Retired] = (),
        problems: Iterable[str] = (),
        today: date | None = None,
    ) -> None:
        day = today or date.today()
        self._known = tuple(models)
        self.models = tuple(m for m in self._known if m.retired_on is None or m.retired_on > day)
        # sentences about what of the user's was left out, of workflows and of the model list
        self.problems = tuple(problems)
        self.providers = dict(providers)
        ended = [model for model in self._known if model not in self.models]
        self._retired = (*map(self._ended, ended), *retired)

    @classmethod
    def load(cls, user_file: Path | None = None) -> Catalog:
        """Read the shipped catalogue and the user's own, and the workflows beside that.

        What is broken of the user's is left out and named in `problems`.
        """
        documents = [
            tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
            for name in _SHIPPED
        ]
        mistakes: list[str] = []
        if user_file is not None and user_file.exists():
            shipped = {key: entry for document in documents
                       for key, entry in document.get("providers", {}).items()}  # fmt: skip
            entries = {(entry["provider"], entry["id"]): entry for document in documents
                       for entry in document.get("models", [])}  # fmt: skip
            own, mistakes = read_own(user_file, shipped, entries)
            documents.append(own)
        providers: dict[str, ProviderInfo] = {}
        models: dict[tuple[str, str], ModelInfo] = {}
        retired: list[Retired] = []
        for document in documents:
            for key, entry in document.get("providers", {}).items():
                providers[key] = provider_from(key, entry)
            for entry in document.get("models", []):
                model = model_from(entry)
                models[model.provider, model.id] = model
            retired += map(retired_from, document.get("retired", []))
        workflows, problems = load_workflows(user_file and user_file.with_name("workflows"))
        for workflow in workflows:
            models[PROVIDER, workflow.id] = workflow.model()
        return cls(models.values(), providers, retired, [*mistakes, *problems])

    def add(self, model: ModelInfo) -> None:
        """A model that came while the program runs: a workflow that was imported."""
        self._known = (*self._known, model)
        self.models = (*self.models, model)

    def default_model(self, ready: Set[str]) -> ModelInfo:
        """The model a newcomer gets: the first of a service that is connected, else rehearsal."""
        videos = self.of_kind(GenerationKind.VIDEO)
        real = [m for m in videos if m.provider in ready and m.provider != "rehearsal"]
        return real[0] if real else videos[0]

    def of_kind(self, kind: GenerationKind) -> list[ModelInfo]:
        """What makes clips, or pictures."""
        return [model for model in self.models if model.kind is kind]

    def get(self, provider: str, model_id: str) -> ModelInfo | None:
        """The entry of a stored generation; None where the catalogue no longer has it."""
        return next((m for m in self._known if m.provider == provider and m.id == model_id), None)

    def find(
        self, name: str, provider: str | None = None, *, ready: Set[str] = frozenset({"rehearsal"})
    ) -> ModelInfo:
        """The model called `name` (id or alias) at `provider`, or at the best provider that is ready.

        Raises ValueError with a sentence: unknown, retired (with what to use instead), or locked.
        """
        wanted = name.strip().lower()
        if provider is not None and provider not in self.providers:
            raise ValueError(f"Unknown provider '{provider}'. Known: {either(self.providers)}.")
        candidates = [
            model
            for model in self.models
            if (model.id == wanted or wanted in model.aliases)
            and provider in (None, model.provider)
        ]
        # A name of the specification means the real thing as soon as any real service is connected.
        is_sketch_name = wanted == "rehearsal" or any(
            m.provider == "rehearsal" and m.id == wanted for m in candidates
        )
        if provider is None and ready - {"rehearsal"} and not is_sketch_name:
            real = [model for model in candidates if model.provider != "rehearsal"]
            if real != candidates and not any(model.provider in ready for model in real):
                self._raise_not_found(wanted, provider, ready)
            candidates = real
        if candidates:
            return next((model for model in candidates if model.provider in ready), candidates[0])
        self._raise_not_found(wanted, provider, ready)

    def _ended(self, model: ModelInfo) -> Retired:
        """What a model that is sold no longer says to those who ask for it."""
        assert model.retired_on is not None
        alike = [m for m in self.models if m.kind is model.kind]
        same = [m.id for m in alike if m.provider == model.provider]
        others = same or [m.id for m in alike if m.provider != "rehearsal"]
        others += [m.id for m in alike]
        return Retired((model.id, *model.aliases), model.retired_on, (others or ["rehearsal-1"])[0])

    def _raise_not_found(self, wanted: str, provider: str | None, ready: Set[str]) -> NoReturn:
        for entry in self._retired:
            if wanted in entry.names:
                raise ValueError(
                    f"The model '{wanted}' was retired on {entry.retired_on:%Y-%m-%d}. "
                    f"Use '{entry.use_instead}' instead.{self._how_to_use(entry.use_instead, ready)}"
                )
        if wanted == "veo-3.1":
            raise ValueError(
                f"No connected service sells Veo 3.1. {self._how_to_get(wanted)}"
                "Use 'gemini-omni-1.2-flash', "
                "or choose the provider 'rehearsal' for a free sketch."
            )
        at = f" at {provider}" if provider else ""
        known = either(model.id for model in self.models if provider in (None, model.provider))
        raise ValueError(f"Unknown model '{wanted}'{at}. Known: {known}.")

    def _how_to_use(self, name: str, ready: Set[str]) -> str:
        """Where the alternative is locked too: how to unlock it, and what is there already."""
        sellers = [m for m in self.models if name in (m.id, *m.aliases)]
        if not sellers or any(m.provider in ready for m in sellers):
            return ""
        real = [m.id for m in self.models if m.provider in ready - {"rehearsal"}
                and m.kind is sellers[0].kind and InputMode.TEXT in m.capabilities.modes]  # fmt: skip
        others = f" '{real[0]}' is there already." if real else ""
        services = either(dict.fromkeys(self.providers[m.provider].name for m in sellers))
        return f" Connect {services} in Settings > Services to use it.{others}"

    def _how_to_get(self, wanted: str) -> str:
        sellers = dict.fromkeys(
            self.providers[model.provider].name
            for model in self.models
            if wanted in (model.id, *model.aliases) and model.provider != "rehearsal"
        )
        if not sellers:
            return ""
        return f"Connect {either(sellers)} in Settings > Services to use it. "

    def check(self, model: ModelInfo, config: VideoConfig) -> None:
        """ValueError that names what the model does accept."""
        fitting.check(model, config)

    def fit(self, model: ModelInfo, config: VideoConfig) -> tuple[VideoConfig, list[str]]:
        """Keep what `model` can do and bring the rest to its nearest; the words say what changed."""
        return fitting.fit(model, config)
