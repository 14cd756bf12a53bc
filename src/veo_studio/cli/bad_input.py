"""What the user typed or set and cannot be meant: one sentence, code 2, and nothing was stored.

Only what checks input may say so: a `ValueError` from anywhere else is a bug of ours.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path

from veo_studio.core.catalog import Catalog
from veo_studio.core.client import poll_interval_override
from veo_studio.core.providers.connection import Connections, seconds_from
from veo_studio.core.providers.registry import REHEARSAL, rehearsal_problem
from veo_studio.core.settings import Settings

LOG_LEVEL_VARIABLE = "VEO_STUDIO_LOG_LEVEL"
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


def every_provider() -> tuple[str, ...]:
    """Whose settings the environment may hold."""
    return tuple(Catalog.load().providers)


class BadInput(Exception):
    """The message is the sentence."""


@contextmanager
def checking_input() -> Iterator[None]:
    """Around a check of the core, which says with ValueError what is wrong with the input."""
    try:
        yield
    except UnicodeError:
        raise
    except ValueError as error:
        raise BadInput(str(error)) from error


def check_environment(
    providers: Collection[str] = (),
    *,
    settings: Settings | None = None,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Mistyped settings are told before anything is opened; `providers` are those that may be used."""
    with checking_input():
        poll_interval_override()
        seconds_from(environ, "VEO_STUDIO_SUBMIT_TIMEOUT")
    log_level(environ)
    if REHEARSAL in providers and (problem := rehearsal_problem(environ)):
        named = "" if "VEO_STUDIO_" in problem else "VEO_STUDIO_REHEARSAL_FAULT: "
        raise BadInput(f"{named}{problem}")
    known = Catalog.load().providers
    connections = Connections(known, lambda _: None, settings or Settings(), environ)
    for provider in providers:
        if connections.address_variable(provider) and (problem := connections.problem(provider)):
            raise BadInput(problem)


def log_level(environ: Mapping[str, str] = os.environ) -> int:
    """How much the log file gets."""
    told = environ.get(LOG_LEVEL_VARIABLE, "").strip().lower()
    if told and told not in _LEVELS:
        raise BadInput(f"{LOG_LEVEL_VARIABLE} must be one of {', '.join(_LEVELS)}.")
    return _LEVELS.get(told, logging.INFO)


def check_storable(path: Path, what: str) -> None:
    """The library keeps names of files as text: a name that is none would be noticed after paying."""
    try:
        os.fsencode(path).decode("utf-8")
    except UnicodeError:
        raise BadInput(
            f"{what} has a name that is not valid UTF-8, so it cannot be stored. Choose another one."
        ) from None


def check_words(option: str, *words: str) -> None:
    """Bytes that are no UTF-8 come as lone surrogates, which can be neither stored nor looked for."""
    try:
        "".join(words).encode("utf-8")
    except UnicodeError:
        raise BadInput(f"{option} is not valid UTF-8.") from None


def whole_number(words: str, what: str) -> int:
    """1 or more."""
    try:
        number = int(words)
    except ValueError:
        number = 0
    if number < 1:
        raise BadInput(f"{what} must be a whole number of 1 or more.")
    return number


def amount_usd(words: str) -> Decimal | None:
    """Dollars such as 5, 2.50 or $10; None for `none`."""
    told = words.strip().lower().removeprefix("$")
    if told == "none":
        return None
    try:
        return Decimal(told)
    except InvalidOperation:
        raise BadInput("A budget is an amount in dollars such as 25 or 2.50, or none.") from None
