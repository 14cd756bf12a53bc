"""What a user can hand on about a failure: everything that helps, no secret, no link to a result.

The prompt is not part of it: a report is pasted into places that others read.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from traceback import format_exception

from veo_studio import __version__
from veo_studio.core.errors import ProviderError, StudioError
from veo_studio.core.models import Attempt, Generation, StateChange
from veo_studio.core.plain import masked, without_links

_LONGEST_LINE = 2000


def generation_report(
    generation: Generation, changes: Sequence[StateChange] = (), attempts: Sequence[Attempt] = ()
) -> str:
    """Version, state and cause, error, moves and attempts of one generation; moments are UTC."""
    return _clean([*_program(), *_facts(generation), *_moves(changes), *_attempts(attempts)])


def error_report(error: BaseException) -> str:
    """The same about an error that belongs to no generation; a bug of ours comes with its traceback."""
    lines = list(_program())
    if isinstance(error, StudioError):
        lines.append(f"Error: {type(error).__name__} ({error.kind.value}): {error.message}")
        if isinstance(error, ProviderError):
            told = (error.provider, error.status and f"HTTP {error.status}", error.code,
                    error.request_id and f"request {error.request_id}")  # fmt: skip
            lines.append("Provider: " + ", ".join(str(one) for one in told if one))
    else:
        lines.extend("".join(format_exception(error)).splitlines())
    return _clean(lines)


def _program() -> Iterator[str]:
    yield f"Veo Studio {__version__}"
    yield f"Python {platform.python_version()} on {platform.platform(terse=True)}"


def _facts(generation: Generation) -> Iterator[str]:
    config = generation.config
    yield f"Generation {generation.id}, {generation.uuid}, take {generation.take_number}"
    yield (
        f"Model: {generation.provider} {generation.model}, {config.duration_s} s, "
        f"{config.resolution}, {config.aspect_ratio}, seed {config.seed}"
    )
    yield f"State: {generation.state.value} since {_moment(generation.updated_at)}"
    yield f"Cause: {generation.state_cause or '-'}"
    kind = generation.error_kind.value if generation.error_kind is not None else "-"
    yield f"Error: {generation.error or '-'} (kind: {kind})"
    yield (
        f"Charge: {generation.charge.value}, {generation.tokens} tokens, "
        f"estimate {_money(generation.price_usd)}, reported {_money(generation.cost_usd)}"
    )
    yield f"Operation: {generation.operation_id or '-'}"
    yield (
        f"Asked for {_moment(generation.created_at)}, sent {_moment(generation.submitted_at)}, "
        f"ended {_moment(generation.finished_at)}, next attempt {_moment(generation.next_attempt_at)}"
    )


def _moves(changes: Sequence[StateChange]) -> Iterator[str]:
    if changes:
        yield "Moves:"
    for change in changes:
        before = f"{change.from_state.value} to " if change.from_state is not None else ""
        yield f"  {_moment(change.at)} {before}{change.to_state.value}: {change.cause}"


def _attempts(attempts: Sequence[Attempt]) -> Iterator[str]:
    yield "Attempts:" if attempts else "Attempts: none, nothing was sent"
    for number, attempt in enumerate(attempts, 1):
        status = f"HTTP {attempt.http_status}" if attempt.http_status else "no status"
        yield (
            f"  {number}. {_moment(attempt.started_at)} to {_moment(attempt.finished_at)}: "
            f"{status}, {attempt.outcome or 'no outcome'}"
        )


def _moment(at: datetime | None) -> str:
    if at is None:
        return "-"
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _money(amount_usd: object) -> str:
    return "-" if amount_usd is None else f"${amount_usd}"


def _clean(lines: Sequence[str]) -> str:
    """One fact a line: words from outside cannot begin a line of their own."""
    flat = (" ".join(masked(without_links(line)).split()) for line in lines)
    indents = (line[: len(line) - len(line.lstrip(" "))] for line in lines)
    return "\n".join(i + line[:_LONGEST_LINE] for i, line in zip(indents, flat, strict=True)) + "\n"
