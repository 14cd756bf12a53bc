"""`enhance` and `generate --enhance`: a better prompt, what changed in it, and whether it is used."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, checking_input
from veo_studio.cli.enhancer import check_file, check_ready, kind_of, open_enhancers
from veo_studio.cli.terminal import ExitCode, Output, can_ask, plain
from veo_studio.core.catalog import Catalog
from veo_studio.core.clean_media import clean_picture
from veo_studio.core.enhance import Ask, EnhancerKind, Enhancers, NothingToAdd, Proposal
from veo_studio.core.enhancing.photo import small_picture
from veo_studio.core.errors import GenerationFailedError
from veo_studio.core.generators.requests import check_prompt, check_request
from veo_studio.core.inputs import MAX_IMAGE_BYTES
from veo_studio.core.models import GenerationKind, GenerationRequest, InputRole
from veo_studio.core.providers.chat import Picture
from veo_studio.core.studio import Studio
from veo_studio.core.word_diff import diff

_USUAL_SECONDS = 8
_STYLES = {"same": "", "removed": "red strike", "added": "green"}
_MARKS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}


@dataclass(frozen=True)
class EnhanceWish:
    """What the user typed; `refusal` is the reason of a provider that refused the prompt."""

    prompt: str
    image: Path | None = None
    service: str | None = None
    is_picture: bool = False
    model: str | None = None
    duration_s: int | None = None
    refusal: str | None = None


async def enhance(wish: EnhanceWish, output: Output) -> int:
    """Print the proposal. Raises BadInput, ProviderError where the service failed."""
    if wish.prompt.strip() or wish.image is None:
        with checking_input():
            check_prompt(wish.prompt)
    kind = kind_of(wish.service) if wish.service is not None else None
    picture = None if wish.image is None else await asyncio.to_thread(_small, wish.image)
    async with open_enhancers() as (catalog, enhancers):
        ask = _ask(catalog, wish, picture)
        used = enhancers.chosen if kind is None else kind
        check_ready(catalog, enhancers.choice(used))
        proposal, note = await propose(enhancers, ask, used)
    after = wish.prompt if proposal is None else proposal.prompt
    if output.is_json:
        output.json(_json_of(wish, used, proposal, note))
    else:
        if proposal is not None:
            show_changes(wish.prompt, after, output)
        for line in after.splitlines():
            output.text(line)
    if note:
        output.say(note)
    return ExitCode.DONE


def _json_of(
    wish: EnhanceWish, used: EnhancerKind, proposal: Proposal | None, note: str
) -> dict[str, Any]:
    after = wish.prompt if proposal is None else proposal.prompt
    return {
        "prompt": after,
        "original_prompt": wish.prompt,
        "is_changed": proposal is not None,
        "service": used.value,
        "note": note or None,
        "changes": [{"kind": piece.kind, "text": piece.text} for piece in diff(wish.prompt, after)],
    }


async def propose(
    enhancers: Enhancers, ask: Ask, kind: EnhancerKind | None = None
) -> tuple[Proposal | None, str]:
    """The proposal and a sentence about it; None where the prompt is good as it is.

    Raises ProviderError, also for an answer that is no prompt.
    """
    used = enhancers.chosen if kind is None else kind
    try:
        proposal = await enhancers.propose(ask, used)
    except NothingToAdd as error:
        missing = enhancers.missing if used is EnhancerKind.RULES else ""
        return None, f"{missing} {error}".strip()
    except ValueError as error:
        action = "Your prompt is unchanged; `--service rules` works without a service."
        raise GenerationFailedError(str(error), provider=used.value, action=action) from error
    return proposal, proposal.note


async def enhanced(
    studio: Studio, requests: Sequence[GenerationRequest], output: Output, *, is_agreed: bool
) -> list[GenerationRequest]:
    """The requests with better prompts, where the user agrees; their own words are kept beside them.

    Raises BadInput where nobody can be asked, ProviderError: nothing was stored or sent then.
    """
    used: dict[str, str] = {}
    for request in requests:
        if request.prompt in used:
            continue
        ask = await _ask_for(studio, request)
        proposal, note = await propose(studio.enhancers, ask)
        if note:
            output.say(note)
        used[request.prompt] = request.prompt
        if proposal is None:
            continue
        show_changes(request.prompt, proposal.prompt, output)
        if _is_wanted(output, is_agreed=is_agreed):
            used[request.prompt] = proposal.prompt
    with checking_input():
        return [_with(studio, request, used[request.prompt]) for request in requests]


def _with(studio: Studio, request: GenerationRequest, prompt: str) -> GenerationRequest:
    if prompt == request.prompt:
        return request
    config = replace(request.config, original_prompt=request.prompt)
    return check_request(studio.catalog, replace(request, prompt=prompt, config=config))


def _is_wanted(output: Output, *, is_agreed: bool) -> bool:
    if is_agreed:
        return True
    if not can_ask():
        raise BadInput("Nobody can be asked about the proposal. Add --yes to use it.")
    if output.ask("Use it? No sends your own words."):
        return True
    output.say("Your own words are used.")
    return False


async def _ask_for(studio: Studio, request: GenerationRequest) -> Ask:
    model = studio.catalog.find(request.model, request.provider)
    frames = request.config.inputs_of(InputRole.FIRST_FRAME)
    picture = None
    if frames:
        picture = await asyncio.to_thread(small_picture, studio.client.files.path(frames[0]))
    return Ask.about(model, request.config, request.prompt, picture=picture)


def _ask(catalog: Catalog, wish: EnhanceWish, picture: Picture | None) -> Ask:
    kind = GenerationKind.IMAGE if wish.is_picture else GenerationKind.VIDEO
    refusal = wish.refusal or ""
    if wish.refusal is not None and not refusal.strip():
        refusal = "The provider gave no reason."
    if wish.model is None:
        seconds = wish.duration_s or _USUAL_SECONDS
        named = "an image model" if wish.is_picture else "a video model"
        seconds = 0 if wish.is_picture else seconds
        has_sound = not wish.is_picture
        return Ask(wish.prompt, kind, named, seconds, picture, refusal, has_sound=has_sound)
    with checking_input():
        model = catalog.find(wish.model)
    config = model.default_config()
    if wish.duration_s is not None and not model.makes_pictures:
        config = replace(config, duration_s=wish.duration_s)
    return Ask.about(model, config, wish.prompt, picture=picture, refusal=refusal)


def _small(path: Path) -> Picture:
    """Blocks. BadInput for what is no picture; nothing of it is kept."""
    try:
        check_file(path)
        with open(path, "rb") as file:
            content = file.read(MAX_IMAGE_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(content) > MAX_IMAGE_BYTES:
        raise BadInput(f"{path.name} is larger than {MAX_IMAGE_BYTES // 1024**2} MB.")
    with checking_input():
        clean = clean_picture(content, path.name)
        with tempfile.TemporaryDirectory(prefix="veo-studio-") as folder:
            copy = Path(folder) / "photo"
            copy.write_bytes(clean.content)
            return small_picture(copy)


def show_changes(before: str, after: str, output: Output) -> None:
    """On stderr: colours on a terminal, [-marks-] and {+marks+} elsewhere."""
    console = output.errors
    is_coloured = console.is_terminal and not console.no_color
    text = Text()
    for piece in diff(before, after):
        if is_coloured:
            text.append(plain(piece.text), style=_STYLES[piece.kind])
            continue
        words = piece.text.rstrip()
        opening, closing = _MARKS[piece.kind]
        shown = f"{opening}{words}{closing}{piece.text[len(words) :]}" if words else piece.text
        text.append(plain(shown))
    console.print(text, soft_wrap=True)
