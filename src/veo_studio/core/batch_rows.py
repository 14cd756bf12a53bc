"""One row of a batch: what it says, what the defaults add, and whether its model takes that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from veo_studio.core.batch_file import FileRow
from veo_studio.core.batch_pictures import PictureHeads
from veo_studio.core.capabilities import ModelInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.fitting import MAX_DURATION_S, MIN_DURATION_S, check_prompt_length
from veo_studio.core.generators.requests import check_prompt
from veo_studio.core.models import GenerationKind, InputRole, MediaInput, VideoConfig
from veo_studio.core.prompt_lists import expanded
from veo_studio.core.wallet import Wallet

MAX_TAKES = 8
_KINDS = {
    "video": GenerationKind.VIDEO, "clip": GenerationKind.VIDEO,
    "image": GenerationKind.IMAGE, "picture": GenerationKind.IMAGE,
}  # fmt: skip
_YES = {"true": True, "yes": True, "on": True, "1": True,
        "false": False, "no": False, "off": False, "0": False}  # fmt: skip
# the fields of the settings, in the order in which a problem is looked for
_FIELDS = {
    "duration": "duration_s",
    "aspect_ratio": "aspect_ratio",
    "resolution": "resolution",
    "negative_prompt": "negative_prompt",
    "seed": "seed",
    "enable_audio": "enable_audio",
    "samples": "samples",
}
_NO_LENGTH = "A picture has no length: leave the cell empty."
_PICTURE_COLUMNS = ("first_frame", "last_frame", "references")


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with a row; `column` is "" where no cell alone is."""

    column: str
    sentence: str


@dataclass(frozen=True)
class BatchDefaults:
    """What a row gets that says nothing itself.

    `cells` stand for missing ones, as if they were written in every row. `config` (the form's settings)
    is brought to what each model can do; without it the models' own defaults count. `expands`: lists
    such as {red|blue} make several prompts, with the user's own named `lists`.
    """

    model: ModelInfo
    cells: Mapping[str, str] = field(default_factory=dict)
    config: VideoConfig | None = None
    output_dir: Path | None = None
    expands: bool = False
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def cells_of(self, row: FileRow) -> dict[str, str]:
        """What the row says, and what stands for the rest."""
        cells = {**self.cells, **row.cells}
        if "provider" in row.cells and "model" not in row.cells:
            # the default model need not be sold there
            cells.pop("model", None)
        return cells


@dataclass(frozen=True)
class CheckedRow:
    """A row with what comes of it; where it has `problems` nothing is made of it.

    `pictures` are not taken in yet: the config has what stands for them. Tokens and cost are those of
    all its generations together.
    """

    number: int
    cells: Mapping[str, str]
    problems: tuple[RowProblem, ...] = ()
    model: ModelInfo | None = None
    config: VideoConfig = field(default_factory=VideoConfig)
    prompts: tuple[str, ...] = ()
    takes: int = 1
    pictures: tuple[tuple[InputRole, Path], ...] = ()
    output_dir: Path | None = None
    tokens: int = 0
    cost_usd: Decimal | None = None

    @property
    def count(self) -> int:
        """Generations."""
        return len(self.prompts) * self.takes

    def problem_of(self, column: str) -> str:
        return " ".join(one.sentence for one in self.problems if one.column == column)


class RowChecker:
    """Checks the rows of one file; `locked` says why a provider cannot be used, None where it can."""

    def __init__(
        self,
        catalog: Catalog,
        defaults: BatchDefaults,
        folder: Path,
        locked: Callable[[str], str | None],
    ) -> None:
        self._catalog = catalog
        self.defaults = defaults
        self._folder = folder
        self.heads = PictureHeads(folder)
        self._locked: dict[str, str | None] = {name: locked(name) for name in catalog.providers}
        self._ready = frozenset(name for name, reason in self._locked.items() if reason is None)
        self._models: dict[tuple[str, str, str], ModelInfo | RowProblem] = {}

    def check(self, row: FileRow) -> CheckedRow:
        """What comes of the row, or every problem that it has. Blocks where it names pictures."""
        if row.problem:
            return CheckedRow(row.number, row.cells, (RowProblem("", row.problem),))
        cells = self.defaults.cells_of(row)
        problems: list[RowProblem] = []
        prompts = self._prompts(cells.get("prompt", ""), problems)
        takes = _whole(cells, "takes", problems, 1, 1, MAX_TAKES)
        inputs, pictures = self._pictures(cells, problems)
        model = self._model(cells)
        output_dir = self._output_dir(cells, problems)
        if isinstance(model, RowProblem):
            problems.append(model)
            return CheckedRow(row.number, row.cells, tuple(problems))
        for prompt in prompts:
            _noting(problems, "prompt", partial(check_prompt_length, model, prompt))
        base = self._base(model, inputs)
        given = _given(cells, problems)
        config = model.settled(replace(base, **given))  # type: ignore[arg-type]
        if model.makes_pictures and row.cells.get("duration"):
            problems.append(RowProblem("duration", _NO_LENGTH))
        if not any(problem.column in _PICTURE_COLUMNS for problem in problems):
            self._check(model, base, given, config, problems)
        if problems:
            return CheckedRow(row.number, row.cells, tuple(problems), model)
        price = Wallet.estimate(model, config, len(prompts) * takes)
        return CheckedRow(
            row.number, row.cells, (), model, config, prompts, takes, pictures, output_dir,
            price.tokens, price.cost_usd,
        )  # fmt: skip

    # what the cells say

    def _prompts(self, words: str, problems: list[RowProblem]) -> tuple[str, ...]:
        made: list[str] = []

        def read() -> None:
            every = [words]
            if self.defaults.expands:
                every = expanded(words, self.defaults.lists)
            made.extend(check_prompt(one) for one in every)

        _noting(problems, "prompt", read)
        return tuple(made)

    def _model(self, cells: Mapping[str, str]) -> ModelInfo | RowProblem:
        key = (cells.get("model", ""), cells.get("provider", "").lower(), cells.get("kind", ""))
        if key not in self._models:
            self._models[key] = self._found(*key)
        return self._models[key]

    def _found(self, name: str, provider: str, kind_word: str) -> ModelInfo | RowProblem:
        kind = _KINDS.get(kind_word.lower())
        if kind_word and kind is None:
            return RowProblem("kind", f"The kind is video or picture, not {kind_word}.")
        try:
            model = self._named(name, provider, kind)
        except ValueError as error:
            return RowProblem("provider" if provider and not name else "model", str(error))
        if kind is not None and model.kind is not kind:
            made = "pictures" if model.makes_pictures else "clips"
            return RowProblem("kind", f"{model.name} makes {made}; choose another model.")
        if (reason := self._locked.get(model.provider)) is not None:
            column = "model" if name else "provider"
            return RowProblem(column, f"{model.name} cannot be used yet. {reason}")
        return model

    def _named(self, name: str, provider: str, kind: GenerationKind | None) -> ModelInfo:
        if name:
            return self._catalog.find(name, provider or None, ready=self._ready)
        default = self.defaults.model
        if provider and provider not in self._catalog.providers:
            known = ", ".join(self._catalog.providers)
            raise ValueError(f"There is no provider {provider!r}. Known: {known}.")
        wanted = kind or default.kind
        if default.kind is wanted and provider in ("", default.provider):
            return default
        offered = [
            model for model in self._catalog.of_kind(wanted) if provider in ("", model.provider)
        ]
        ready = [model for model in offered if model.provider in self._ready]
        # what is free stands last: nobody wants a sketch who has the real thing
        ready.sort(key=lambda model: model.provider == "rehearsal")
        if not offered:
            what = "pictures" if wanted is GenerationKind.IMAGE else "clips"
            raise ValueError(f"No model here makes {what}.")
        return (ready or offered)[0]

    def _pictures(
        self, cells: Mapping[str, str], problems: list[RowProblem]
    ) -> tuple[tuple[MediaInput, ...], tuple[tuple[InputRole, Path], ...]]:
        if not any(cells.get(column) for column in _PICTURE_COLUMNS):
            return (), ()
        inputs: list[MediaInput] = []
        paths: list[tuple[InputRole, Path]] = []
        try:
            named = self.heads.named(cells)
        except ValueError as error:
            problems.append(RowProblem("first_frame", str(error)))
            return (), ()
        for column, role, path in named:

            def look(role: InputRole = role, path: Path = path) -> None:
                inputs.append(self.heads.look(path, role))
                paths.append((role, path))

            _noting(problems, column, look)
        return tuple(inputs), tuple(paths)

    def _output_dir(self, cells: Mapping[str, str], problems: list[RowProblem]) -> Path | None:
        words = cells.get("output_dir", "")
        if not words:
            return self.defaults.output_dir
        folder = Path(words).expanduser() if words.startswith("~") else self._folder / words
        if "\0" in words or folder.is_file():
            problems.append(RowProblem("output_dir", f"{words} is no folder."))
        return folder

    # against the model

    def _base(self, model: ModelInfo, inputs: tuple[MediaInput, ...]) -> VideoConfig:
        """The settings of a row that names none."""
        if self.defaults.config is not None:
            wanted = replace(self.defaults.config, inputs=inputs)
            fitted, _changes = self._catalog.fit(model, wanted)
            # pictures that do not fit are told, not dropped
            return replace(fitted, inputs=inputs, final=None)
        able = model.capabilities.in_mode(VideoConfig(inputs=inputs).mode)
        return VideoConfig(
            aspect_ratio=able.default_aspect_ratio,
            duration_s=able.default_duration_s,
            resolution=able.default_resolution,
            inputs=inputs,
        )

    def _check(
        self,
        model: ModelInfo,
        base: VideoConfig,
        given: Mapping[str, object],
        config: VideoConfig,
        problems: list[RowProblem],
    ) -> None:
        """Every mistake with the column that it comes from: without that cell it is gone."""
        left = dict(given)
        while (sentence := self._refused(model, config)) is not None:
            for column, name in _FIELDS.items():
                if name not in left:
                    continue
                less = {key: value for key, value in left.items() if key != name}
                without = model.settled(replace(base, **less))  # type: ignore[arg-type]
                if self._refused(model, without) != sentence:
                    problems.append(RowProblem(column, sentence))
                    left, config = less, without
                    break
            else:
                column = next((one for one, role in _ROLES if base.inputs_of(role)), "model")
                problems.append(RowProblem(column, sentence))
                return

    def _refused(self, model: ModelInfo, config: VideoConfig) -> str | None:
        try:
            self._catalog.check(model, config)
        except ValueError as error:
            return str(error)
        return None


_ROLES = (
    ("last_frame", InputRole.LAST_FRAME),
    ("first_frame", InputRole.FIRST_FRAME),
    ("references", InputRole.REFERENCE),
)


def _given(cells: Mapping[str, str], problems: list[RowProblem]) -> dict[str, object]:
    """The settings that the row names itself, as they are stored."""
    given: dict[str, object] = {}
    for column in ("aspect_ratio", "resolution", "negative_prompt"):
        if cells.get(column):
            given[column] = cells[column]
    if "aspect_ratio" in given:
        given["aspect_ratio"] = str(given["aspect_ratio"]).replace(" ", "").replace("x", ":")
    if "resolution" in given:
        given["resolution"] = str(given["resolution"]).lower()
    if cells.get("duration"):
        words = cells["duration"].lower().removesuffix("s").strip()
        seconds = _whole(
            {"duration": words}, "duration", problems, 0, MIN_DURATION_S, MAX_DURATION_S
        )
        if seconds:
            given["duration_s"] = seconds
    if cells.get("seed"):
        seed = _whole(cells, "seed", problems, -1, 0, 2**32 - 1)
        if seed >= 0:
            given["seed"] = seed
    if cells.get("samples"):
        given["samples"] = _whole(cells, "samples", problems, 1, 1, 100)
    if words := cells.get("enable_audio", "").lower():
        if words in _YES:
            given["enable_audio"] = _YES[words]
        else:
            problems.append(RowProblem("enable_audio", f"Write true or false, not {words}."))
    return given


_NAMES = {"takes": "The number of takes", "duration": "The duration", "seed": "The seed",
          "samples": "The number of samples"}  # fmt: skip


def _whole(
    cells: Mapping[str, str],
    column: str,
    problems: list[RowProblem],
    fallback: int,
    least: int,
    most: int,
) -> int:
    """A whole number as spreadsheets write it too (8.0); `fallback` where there is none."""
    words = cells.get(column, "")
    if not words:
        return fallback
    digits = words[:-2] if words.endswith((".0", ",0")) else words
    is_number = digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) <= 12
    if is_number and least <= int(digits) <= most:
        return int(digits)
    problems.append(
        RowProblem(
            column, f"{_NAMES[column]} must be a whole number from {least} to {most}, not {words}."
        )
    )
    return fallback


def _noting(problems: list[RowProblem], column: str, do_it: Callable[[], None]) -> None:
    """What the core says about a value is a problem of its column."""
    try:
        do_it()
    except UnicodeError:
        raise
    except ValueError as error:
        problems.append(RowProblem(column, str(error)))
