"""`deliveries` and `schedules`: where clips went, and what is done about it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from rich.text import Text

from veo_studio.cli.bad_input import BadInput, checking_input
from veo_studio.cli.delivery_following import follow, take_away
from veo_studio.cli.delivery_words import (
    code_of,
    delivery_json,
    line_of,
    local,
    schedule_json,
    state_words,
)
from veo_studio.cli.listing import shortened, table_of
from veo_studio.cli.moments import length_of
from veo_studio.cli.opening import Seat, open_studio, open_workplace, take_seat
from veo_studio.cli.targets import find_target
from veo_studio.cli.terminal import ExitCode, Output, can_ask, plain
from veo_studio.core.json_view import moment
from veo_studio.core.plain import masked
from veo_studio.core.publishing.models import (
    LINK_AT_MOST,
    Delivery,
    DeliveryState,
    ScheduleState,
    Way,
)
from veo_studio.core.studio import Studio

_D = DeliveryState


async def show_all(state: str | None, clip: int | None, limit: int, output: Output) -> int:
    """The newest first. Raises BadInput."""
    if limit < 1:
        raise BadInput("The limit must be 1 or more.")
    states = None if state is None else {_state(state)}
    async with open_studio(open_workplace(), is_scheduler=False) as studio:
        found = await studio.publishing.deliveries(generation_id=clip, states=states, limit=limit)
        clips = await _words_of(studio, {one.generation_id for one in found})
    if output.is_json:
        output.json([delivery_json(one) for one in found])
        return ExitCode.DONE
    if not found:
        output.say("Nothing was delivered yet." if state is None else f"None is {state}.")
        return ExitCode.DONE
    table = table_of(
        "id",
        "clip",
        "caption or prompt",
        "target",
        "state",
        "when",
        "place",
        "link until",
        "reason",
    )
    table.columns[0].justify = table.columns[1].justify = "right"
    table.columns[2].max_width = 40
    table.columns[6].overflow = "fold"
    table.columns[8].max_width = 60
    for one in found:
        receipt = one.receipt
        cells = (
            str(one.id),
            str(one.generation_id),
            clips.get(one.generation_id, ""),
            one.target_name,
            state_words(one.state),
            local(one.delivered_at or one.updated_at),
            "" if receipt is None else receipt.place,
            "" if receipt is None else local(receipt.link_until),
            shortened(masked(one.reason), 200),
        )
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)
    return ExitCode.DONE


async def show(number: int, output: Output) -> int:
    """One with its tries. Raises BadInput."""
    async with _desk(number, is_scheduler=False) as (seat, delivery):
        tries = await seat.studio.publishing.attempts(number)
    if output.is_json:
        document: dict[str, Any] = delivery_json(delivery)
        document["tries"] = [
            {
                "started_at": moment(one.started_at),
                "finished_at": moment(one.finished_at),
                "outcome": one.outcome,
                "cause": masked(one.cause) or None,
            }
            for one in tries
        ]
        output.json(document)
        return ExitCode.DONE
    output.text(line_of(delivery))
    for one in tries:
        ended = local(one.finished_at) or "the program ended meanwhile"
        output.text(f"  {local(one.started_at)} to {ended}: {one.outcome} {masked(one.cause)}")
    return ExitCode.DONE


async def again(
    number: int, output: Output, *, is_smaller: bool, link_store: str | None, is_agreed: bool
) -> int:
    """Once more, and follow it. Raises BadInput."""
    if is_smaller and link_store is not None:
        raise BadInput("Choose --smaller or --link, not both.")
    async with _desk(number) as (seat, delivery):
        desk = seat.studio.publishing
        if delivery.state is _D.MAYBE_SENT and not _agreed(
            "It may be there already, and would then be shown twice. Send it again?",
            output,
            is_agreed=is_agreed,
        ):
            return ExitCode.INTERRUPTED
        store = None
        if link_store is not None:
            store = find_target(await desk.targets(), link_store).id
        way = Way.SMALLER if is_smaller else Way.LINK if store is not None else None
        with checking_input():
            repeated = await desk.again(number, way, store)
        [ended] = await follow(seat, [repeated], output)
    return _tell_one(ended, output)


async def arrived(number: int, output: Output) -> int:
    """Raises BadInput for one that is not in doubt."""
    async with _desk(number) as (seat, _):
        with checking_input():
            ended = await seat.studio.publishing.arrived(number)
    return _tell_one(ended, output, is_said=True)


async def cancel(number: int, output: Output) -> int:
    """Raises BadInput for one that is delivered."""
    async with _desk(number) as (seat, _):
        with checking_input():
            ended = await seat.studio.publishing.cancel(number)
    _tell_one(ended, output, is_said=True)
    return ExitCode.DONE


async def link(number: int, valid_for: str, output: Output) -> int:
    """A fresh link on stdout. Raises BadInput, PublishError."""
    length = length_of(valid_for)
    if length > LINK_AT_MOST:
        raise BadInput(f"A link works for {LINK_AT_MOST.days} days at most.")
    async with _desk(number) as (seat, delivery):
        with checking_input():
            made = await seat.studio.publishing.link(number, length)
    if made is None:
        raise BadInput(f"{delivery.target_name} has no links: look at `veo-studio deliveries`.")
    if output.is_json:
        output.json({"id": number, "url": made.url, "until": moment(made.until)})
        return ExitCode.DONE
    output.text(made.url)
    until = f"until {local(made.until)}" if made.until else "until it is removed there"
    output.say(f"It works {until}, for everybody who has it.")
    return ExitCode.DONE


async def remove(number: int, output: Output, *, is_agreed: bool) -> int:
    """Raises BadInput, PublishError."""
    async with _desk(number) as (seat, delivery):
        question = f"Take clip {delivery.generation_id} away from {delivery.target_name}?"
        if not _agreed(question, output, is_agreed=is_agreed):
            return ExitCode.INTERRUPTED
        with checking_input():
            ended = await seat.studio.publishing.remove_there(number)
    if output.is_json:
        output.json(delivery_json(ended))
    else:
        output.say(f"Clip {ended.generation_id} is no longer at {ended.target_name}.")
    return ExitCode.DONE


async def run_all(output: Output) -> int:
    """What waits and what is due, then the end. Raises FolderInUse beside an open window: it does that."""
    async with open_studio(open_workplace()) as studio:
        desk = studio.publishing
        await desk.resume()
        is_open = {_D.WAITING, _D.SENDING}
        waiting = [one for one in await desk.deliveries(states=is_open, limit=10_000)]
        seat = Seat(studio, True)
        ended = await follow(seat, waiting, output)
        await take_away(seat, output)
        late = [one for one in await desk.schedules(only_planned=False) if one.was_missed]
    if output.is_json:
        output.json([delivery_json(one) for one in ended])
    elif not ended:
        output.say("Nothing waits.")
    if late and not output.is_json:
        done = sum(one.state is ScheduleState.DONE for one in late)
        output.say(f"Published later than planned, in all: {done}.")
    return code_of(ended)


async def show_schedules(output: Output) -> int:
    """What comes first is first."""
    async with open_studio(open_workplace(), is_scheduler=False) as studio:
        planned = await studio.publishing.schedules()
        clips = await _words_of(studio, {one.wish.generation_id for one in planned})
        names = {one.id: one.name for one in await studio.publishing.targets()}
    if output.is_json:
        output.json([schedule_json(one) for one in planned])
        return ExitCode.DONE
    if not planned:
        output.say('Nothing is planned. Plan with: veo-studio publish ID --at "2026-12-24 18:00"')
        return ExitCode.DONE
    table = table_of("id", "clip", "caption or prompt", "when", "targets")
    table.columns[2].max_width = 60
    for one in planned:
        wish = one.wish
        words = shortened(wish.caption or clips.get(wish.generation_id, ""), 120)
        places = ", ".join(names.get(each.target_id, "") for each in wish.targets)
        cells = (str(one.id), str(wish.generation_id), words, local(one.due_at), places)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    output.table(table)
    return ExitCode.DONE


async def cancel_schedule(number: int, output: Output) -> int:
    """Raises BadInput."""
    async with AsyncExitStack() as stack:
        seat = await take_seat(stack, open_workplace())
        try:
            with checking_input():
                ended = await seat.studio.publishing.cancel_schedule(number)
        except LookupError:
            raise BadInput(f"There is no schedule {number}.") from None
    if output.is_json:
        output.json(schedule_json(ended))
    else:
        output.say(f"Clip {ended.wish.generation_id} stays a draft.")
    return ExitCode.DONE


async def _words_of(studio: Studio, ids: Collection[int]) -> dict[int, str]:
    """What each clip is called: its caption, else its prompt."""
    found = await studio.library.by_ids(list(ids))
    return {one.id: shortened(one.caption or one.prompt, 120) for one in found}


@asynccontextmanager
async def _desk(number: int, *, is_scheduler: bool = True) -> AsyncIterator[tuple[Seat, Delivery]]:
    async with AsyncExitStack() as stack:
        workplace = open_workplace()
        if is_scheduler:
            seat = await take_seat(stack, workplace)
        else:
            studio = await stack.enter_async_context(open_studio(workplace, is_scheduler=False))
            seat = Seat(studio, False)
        try:
            delivery = await seat.studio.publishing.delivery(number)
        except LookupError:
            raise BadInput(f"There is no delivery {number}.") from None
        yield seat, delivery


def _agreed(question: str, output: Output, *, is_agreed: bool) -> bool:
    if is_agreed:
        return True
    if not can_ask():
        raise BadInput(f"{question} Add --yes to agree.")
    if output.ask(question):
        return True
    output.say("Nothing was changed.")
    return False


def _state(text: str) -> DeliveryState:
    try:
        return DeliveryState(text.strip().lower().replace("-", "_"))
    except ValueError:
        known = ", ".join(one.value.replace("_", "-") for one in DeliveryState)
        raise BadInput(f"There is no state {text!r}. Known: {known}.") from None


def _tell_one(ended: Delivery, output: Output, *, is_said: bool = False) -> int:
    if output.is_json:
        output.json(delivery_json(ended))
    elif is_said:
        output.say(line_of(ended))
    return code_of([ended])
