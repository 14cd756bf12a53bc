"""`publish`, `unpublish`, `deliver` and `drafts`: what is shown, and the way there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, check_words, checking_input
from veo_studio.cli.delivery_following import follow, take_away
from veo_studio.cli.delivery_words import code_of, delivery_json, line_of, local, schedule_json
from veo_studio.cli.listing import shortened, table_of
from veo_studio.cli.moments import moment_of
from veo_studio.cli.opening import Seat, open_database, open_workplace, take_seat
from veo_studio.cli.targets import find_target
from veo_studio.cli.terminal import ExitCode, Output, plain
from veo_studio.cli.words import ago
from veo_studio.core.json_view import generation_json
from veo_studio.core.models import Generation
from veo_studio.core.publishing.drafts import DraftState, draft_state, drafts_query
from veo_studio.core.publishing.models import (
    MAX_CAPTION_LENGTH,
    Delivery,
    PublishWish,
    Schedule,
    TargetWish,
    Way,
)
from veo_studio.core.store.library import LibraryRepository


@dataclass(frozen=True)
class Wish:
    """What `publish` and `deliver` were asked for; None leaves caption, tags and cover as they are."""

    ids: tuple[int, ...]
    caption: str | None = None
    tags: tuple[str, ...] | None = None
    cover_at_s: float | None = None
    targets: tuple[str, ...] = ()
    at: str | None = None
    is_smaller: bool = False
    link_store: str | None = None
    waits: bool = True


async def publish(wish: Wish, output: Output) -> int:
    """All of these clips or none. Raises BadInput, StorageError."""
    _check(wish)
    due_at = None if wish.at is None else moment_of(wish.at)
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        desk = seat.studio.publishing
        targets = await _targets(seat, wish)
        wishes = [
            PublishWish(number, wish.caption, wish.tags, wish.cover_at_s, targets, due_at)
            for number in dict.fromkeys(wish.ids)
        ]
        if due_at is None:
            await _refuse_early(seat, wish.ids, targets)
        before = await _newest_delivery(seat)
        with checking_input():
            published = await desk.publish(wishes)
        if due_at is not None:
            planned = [one for one in await desk.schedules() if one.wish.generation_id in wish.ids]
            return _tell_planned(planned, output)
        asked = await _asked_since(seat, before, wish.ids)
        if wish.waits and asked:
            asked = await follow(seat, asked, output)
        return _tell(published, asked, output)


async def deliver(wish: Wish, output: Output) -> int:
    """The same clips to targets, without a word in the feed. Raises BadInput, StorageError."""
    if not wish.targets:
        raise BadInput("Say where to: --to TARGET. `veo-studio targets` lists them.")
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        targets = await _targets(seat, wish)
        await _refuse_early(seat, wish.ids, targets)
        with checking_input():
            asked = await seat.studio.publishing.deliver(list(dict.fromkeys(wish.ids)), targets)
        if wish.waits:
            asked = await follow(seat, asked, output)
    if output.is_json:
        output.json([delivery_json(one) for one in asked])
    else:
        for one in asked:
            output.say(line_of(one))
    return code_of(asked) if wish.waits else ExitCode.DONE


async def unpublish(ids: Sequence[int], output: Output) -> int:
    """Back to the drafts. Raises BadInput."""
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        with checking_input():
            taken_back = await seat.studio.publishing.unpublish(list(dict.fromkeys(ids)))
        await take_away(seat, output, ids)
    if output.is_json:
        output.json([generation_json(one) for one in taken_back])
    else:
        for one in taken_back:
            output.text(f"{one.id}: a draft again")
    return ExitCode.DONE


async def drafts(state: str | None, limit: int, output: Output) -> int:
    """The newest drafts first. Raises BadInput."""
    if limit < 1:
        raise BadInput("The limit must be 1 or more.")
    known = {one.value: one for one in DraftState}
    if state is not None and state not in known:
        raise BadInput(f"There is no state {state!r}. Known: {', '.join(known)}.")
    query = drafts_query([] if state is None else [known[state]])
    async with open_database(open_workplace()) as database:
        found = await LibraryRepository(database).first(query, limit)
    if output.is_json:
        output.json([generation_json(one) for one in found])
        return ExitCode.DONE
    if not found:
        output.say("There is no draft." if state is None else f"No draft is {state}.")
        return ExitCode.DONE
    table = table_of("id", "state", "caption or prompt", "age", "path")
    table.columns[0].justify = "right"
    table.columns[2].max_width = 60
    table.columns[4].overflow = "fold"
    for one in found:
        words = shortened(one.caption or one.prompt, 120)
        path = "" if one.video_path is None else str(one.video_path)
        cells = (str(one.id), _state_word(one), words, ago(one.created_at), path)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)
    return ExitCode.DONE


def _state_word(generation: Generation) -> str:
    state = draft_state(generation.state)
    return generation.state.value if state is None else state.value


def _check(wish: Wish) -> None:
    check_words("--caption", wish.caption or "")
    check_words("--tag", *(wish.tags or ()))
    if wish.caption is not None and len(wish.caption) > MAX_CAPTION_LENGTH:
        raise BadInput(f"A caption has {MAX_CAPTION_LENGTH:,} characters at most.")
    if wish.is_smaller and wish.link_store is not None:
        raise BadInput("Choose --smaller or --link, not both.")
    if not wish.targets and (wish.is_smaller or wish.link_store is not None):
        raise BadInput("--smaller and --link say how a clip travels: say where to with --to.")


async def _targets(seat: Seat, wish: Wish) -> tuple[TargetWish, ...]:
    """`--smaller` and `--link` are for the targets that would not take the file as it is."""
    known = await seat.studio.publishing.targets()
    store = None if wish.link_store is None else find_target(known, wish.link_store).id
    way = Way.SMALLER if wish.is_smaller else Way.LINK if store is not None else Way.AS_IS
    found = [find_target(known, name) for name in dict.fromkeys(wish.targets)]
    plain_wishes = tuple(TargetWish(one.id) for one in found)
    if way is Way.AS_IS:
        return plain_wishes
    refused = await seat.studio.publishing.refusals(list(wish.ids), plain_wishes)
    in_need = {target_id for (_, target_id), why in refused.items() if way in why.ways}
    return tuple(
        TargetWish(one.id, way, store) if one.id in in_need else TargetWish(one.id) for one in found
    )


async def _refuse_early(seat: Seat, ids: Sequence[int], targets: Sequence[TargetWish]) -> None:
    """What a target surely would not take is said before anything is published."""
    with checking_input():
        refused = await seat.studio.publishing.refusals(list(ids), targets)
    for (number, _), why in refused.items():
        options = {Way.SMALLER: "--smaller", Way.LINK: "--link STORE"}
        offered = " or ".join(options[way] for way in why.ways if way in options)
        raise BadInput(f"Clip {number}: {why.sentence}" + (f" Add {offered}." if offered else ""))


async def _newest_delivery(seat: Seat) -> int:
    newest = await seat.studio.publishing.deliveries(limit=1)
    return newest[0].id if newest else 0


async def _asked_since(seat: Seat, before: int, ids: Sequence[int]) -> list[Delivery]:
    """The deliveries of these clips that came after delivery `before`."""
    found: list[Delivery] = []
    for number in dict.fromkeys(ids):
        asked = await seat.studio.publishing.deliveries(generation_id=number)
        found += [one for one in reversed(asked) if one.id > before]
    return found


def _tell(published: Sequence[Generation], asked: list[Delivery], output: Output) -> int:
    if output.is_json:
        document: list[dict[str, Any]] = []
        for one in published:
            own = [delivery_json(each) for each in asked if each.generation_id == one.id]
            document.append({**generation_json(one), "deliveries": own})
        output.json(document)
    else:
        for one in published:
            output.text(f"{one.id}: published")
        for each in asked:
            output.say(line_of(each))
    return code_of(asked)


def _tell_planned(planned: Sequence[Schedule], output: Output) -> int:
    if output.is_json:
        output.json([schedule_json(one) for one in planned])
        return ExitCode.DONE
    for one in planned:
        output.text(f"{one.wish.generation_id}: to be published at {local(one.due_at)}")
    output.say(
        "It is done by the window that is open then, or by `veo-studio deliveries run`; "
        "later, if neither is there at that time."
    )
    return ExitCode.DONE
