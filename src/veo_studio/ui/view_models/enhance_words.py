"""What is said of better words: where the user's go, what a service did not do, and what a refused clip cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from veo_studio.core import errors
from veo_studio.core.enhance import EnhancerChoice, NothingToAdd
from veo_studio.core.errors import ProviderError, StudioError
from veo_studio.core.models import Charge
from veo_studio.core.providers.addresses import is_loopback_address
from veo_studio.ui.error_words import quoted
from veo_studio.ui.text import charge_meaning, seconds_words, tr


class WayOut(Enum):
    """What helps beside asking again."""

    NONE = "none"
    SETTINGS = "settings"


@dataclass(frozen=True)
class Problem:
    """Why there is no proposal, and what to do next."""

    words: str
    way_out: WayOut = WayOut.NONE
    # nothing went wrong: there is just nothing to change
    is_calm: bool = False


def problem_of(error: StudioError | ValueError, name: str) -> Problem:
    """`name` is who was asked."""
    if not isinstance(error, StudioError):
        return Problem(quoted(str(error)), is_calm=isinstance(error, NothingToAdd))
    for known in type(error).__mro__:
        if known in _BY_CLASS:
            happened, next_step, way_out = _BY_CLASS[known](error, name)
            words = f"{happened} {quoted(error.action) if error.action else next_step}"
            return Problem(words.strip(), way_out)
    raise TypeError(f"{type(error).__name__} is not a StudioError")


_Told = tuple[str, str, WayOut]


def _auth(_error: StudioError, name: str) -> _Told:
    return (
        tr("{name} does not accept the key.", name=name),
        tr("Check it in the settings: it may be missing, wrong or expired."),
        WayOut.SETTINGS,
    )


def _credits(_error: StudioError, name: str) -> _Told:
    return (
        tr("The balance at {name} is empty.", name=name),
        tr("Add credit there, or choose another service."),
        WayOut.NONE,
    )


def _quota(_error: StudioError, name: str) -> _Told:
    return (
        tr("{name} accepts no more for now.", name=name),
        tr("Wait until the limit resets, or choose another service."),
        WayOut.NONE,
    )


def _rate(error: StudioError, name: str) -> _Told:
    wait_s = getattr(error, "retry_after_s", None)
    wait = seconds_words(wait_s) if wait_s else tr("a minute")
    return (
        tr("{name} asks for fewer requests.", name=name),
        tr("Try again in {wait}.", wait=wait),
        WayOut.NONE,
    )


def _invalid(error: StudioError, name: str) -> _Told:
    return (
        _with_words(tr("{name} does not take this.", name=name), error),
        tr("Check its model and address in the settings."),
        WayOut.SETTINGS,
    )


def _refused(error: StudioError, name: str) -> _Told:
    return (
        _with_words(tr("{name} does not work on these words.", name=name), error),
        tr("Change them yourself, or choose another service."),
        WayOut.NONE,
    )


def _not_sent(_error: StudioError, name: str) -> _Told:
    return (
        tr("There is no connection to {name}; nothing was sent.", name=name),
        tr("Check the network, and the address in the settings."),
        WayOut.SETTINGS,
    )


def _timeout(_error: StudioError, name: str) -> _Told:
    return tr("{name} did not answer in time.", name=name), tr("Try again."), WayOut.NONE


def _unavailable(_error: StudioError, name: str) -> _Told:
    return (
        tr("{name} cannot be reached or has a fault.", name=name),
        tr("Try again in a few minutes."),
        WayOut.NONE,
    )


def _protocol(_error: StudioError, name: str) -> _Told:
    return (
        tr("{name} answered something that is no proposal.", name=name),
        tr("Check its address in the settings."),
        WayOut.SETTINGS,
    )


def _no_answer(error: StudioError, name: str) -> _Told:
    return (
        _with_words(tr("{name} made no proposal.", name=name), error),
        tr("Try again."),
        WayOut.NONE,
    )


def _with_words(sentence: str, error: StudioError) -> str:
    line = quoted(error.message)
    return f"{sentence} {line}" if line else sentence


_BY_CLASS: dict[type, Callable[[StudioError, str], _Told]] = {
    StudioError: _no_answer,
    ProviderError: _no_answer,
    errors.AuthError: _auth,
    errors.InsufficientCredits: _credits,
    errors.APIQuotaExceededError: _quota,
    errors.RateLimited: _rate,
    errors.InvalidRequest: _invalid,
    errors.ContentRefused: _refused,
    errors.GenerationFailedError: _no_answer,
    errors.NotSent: _not_sent,
    errors.GenerationTimeoutError: _timeout,
    errors.ProviderUnavailable: _unavailable,
    errors.ProtocolError: _protocol,
}


def where_words(choice: EnhancerChoice, *, has_photo: bool) -> str:
    """What leaves the computer, and for where."""
    if not choice.place:
        return tr("Nothing leaves this computer.")
    place = _place_words(choice.place)
    if has_photo and choice.sees_pictures:
        return tr("Your words and the photo go to {place}.", place=place)
    words = tr("Your words go to {place}.", place=place)
    if has_photo:
        words += " " + tr("The photo stays here: this service cannot look at it.")
    return words


def _place_words(address: str) -> str:
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2] or address
    if is_loopback_address(address):
        return tr("the server on this computer ({host})", host=host)
    if parts.scheme == "http":
        return tr("{host}, not encrypted", host=host)
    return host


def refused_charge_words(charge: Charge) -> str:
    """What a refused clip cost, and what that means for another try."""
    return {
        Charge.NOT_CHARGED: charge_meaning(charge),
        Charge.CHARGED: tr(
            "Charged: the service takes its price for the refused clip as well. Another try costs again."
        ),
        Charge.UNKNOWN: tr(
            "Charge unknown: the service does not say whether it takes its price for a refused clip. "
            "Its bill says for sure; another try may cost again."
        ),
    }[charge]
