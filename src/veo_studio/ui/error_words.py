"""What is said of errors of the providers, one function per class; `error_text` says when."""

from __future__ import annotations

from dataclasses import dataclass

from veo_studio.core.errors import ProviderError, StudioError
from veo_studio.core.models import ErrorKind, Generation
from veo_studio.core.plain import masked
from veo_studio.ui.text import seconds_words, thing_words, tr

# What the window can offer beside a sentence; the main window knows how to do each.
OPEN_SETTINGS = "open_settings"
TRY_AGAIN = "try_again"
EDIT_PROMPT = "edit_prompt"
CHANGE_SETTINGS = "change_settings"
CHOOSE_FOLDER = "choose_folder"
OPEN_WALLET = "open_wallet"
COLLECT = "collect"
COPY_DETAILS = "copy_details"
ACTION_IDS = frozenset(
    {
        OPEN_SETTINGS,
        TRY_AGAIN,
        EDIT_PROMPT,
        CHANGE_SETTINGS,
        CHOOSE_FOLDER,
        OPEN_WALLET,
        COLLECT,
        COPY_DETAILS,
    }
)

_LONGEST_QUOTE = 300


@dataclass(frozen=True)
class ErrorText:
    """Sentences for people. `action_id` is one of `ACTION_IDS`, None where nothing can be done here."""

    happened: str
    next_step: str
    action_id: str | None = None
    action_text: str | None = None

    @property
    def whole(self) -> str:
        """Both sentences, for a notice or a tooltip."""
        return f"{self.happened} {self.next_step}".strip()


def quoted(words: str) -> str:
    """A provider's own words in one line, without secrets, ended like a sentence, fit for a notice."""
    line = " ".join(masked(words).split())
    if len(line) > _LONGEST_QUOTE:
        line = line[: _LONGEST_QUOTE - 1].rstrip() + "\u2026"
    if line and line[-1] not in ".!?\u2026":
        line += "."
    return line


def as_sentence(words: str) -> str:
    """Our own message as a sentence."""
    line = quoted(words)
    return line[:1].upper() + line[1:]


def _with_words(sentence: str, words: str) -> str:
    line = quoted(words)
    return tr("{sentence} It says: {words}", sentence=sentence, words=line) if line else sentence


def _provider(error: StudioError) -> str:
    name = error.provider if isinstance(error, ProviderError) else ""
    return {
        "gemini": "Google Gemini",
        "runway": "Runway",
        "kie": "KIE.AI",
        "vertex": "Google Vertex AI",
        "comfyui": "ComfyUI",
        "rehearsal": tr("The rehearsal engine"),
    }.get(name, tr("The provider"))


def studio(error: StudioError) -> ErrorText:
    return ErrorText(
        as_sentence(error.message) or tr("Something went wrong."),
        tr("Try again; if it stays, copy the details and report them."),
        COPY_DETAILS,
        tr("Copy details"),
    )


def auth(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("{provider} does not accept the API key.", provider=_provider(error)),
        tr("Check the key in the settings: it may be missing, wrong, expired or without access to this model."),
        OPEN_SETTINGS,
        tr("Open settings"),
    )  # fmt: skip


def quota(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} accepts no more for now.", provider=_provider(error)), error.message),
        tr("Wait until the limit resets, raise it at the provider, or choose another model."),
        CHANGE_SETTINGS,
        tr("Choose another model"),
    )  # fmt: skip


def rate(error: StudioError) -> ErrorText:
    wait_s = getattr(error, "retry_after_s", None)
    happened = tr("{provider} asks for fewer requests.", provider=_provider(error))
    if wait_s:
        return ErrorText(
            happened,
            tr("Nothing was sent. Try again in {wait}.", wait=seconds_words(wait_s)),
            TRY_AGAIN,
            tr("Try again in {wait}", wait=seconds_words(wait_s)),
        )
    return ErrorText(
        happened, tr("Nothing was sent. Try again in a minute."), TRY_AGAIN, tr("Try again")
    )


def credits(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The balance at {provider} is empty.", provider=_provider(error)),
        tr("Add credit on the provider's site, then try again; or choose another model."),
        TRY_AGAIN,
        tr("Try again"),
    )


def invalid(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} does not accept these settings.", provider=_provider(error)),
                    error.message),
        tr("Change the settings and generate again."),
        CHANGE_SETTINGS,
        tr("Change settings"),
    )  # fmt: skip


def not_found(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} does not have this any more.", provider=_provider(error)),
                    error.message),
        tr("The model may be retired or the result too old. Choose another model."),
        CHANGE_SETTINGS,
        tr("Choose another model"),
    )  # fmt: skip


def failed(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} could not make this clip.", provider=_provider(error)), error.message),
        tr("Try again, or change the prompt."),
        TRY_AGAIN,
        tr("Try again"),
    )  # fmt: skip


def refused(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} refused this prompt.", provider=_provider(error)), error.message),
        tr("Change the prompt: the same words will be refused again."),
        EDIT_PROMPT,
        tr("Edit prompt"),
    )  # fmt: skip


def unavailable(error: StudioError) -> ErrorText:
    wait_s = getattr(error, "retry_after_s", None)
    next_step = (
        tr("Try again in {wait}.", wait=seconds_words(wait_s))
        if wait_s
        else tr("Try again in a few minutes.")
    )
    return ErrorText(
        tr("{provider} cannot be reached or has a fault.", provider=_provider(error)),
        next_step,
        TRY_AGAIN,
        tr("Try again"),
    )


def not_sent(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("There is no connection to {provider}. Nothing was sent.", provider=_provider(error)),
        tr("Check the network and try again."),
        TRY_AGAIN,
        tr("Try again"),
    )


def timeout(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("{provider} takes longer than it should.", provider=_provider(error)),
        tr("It may still finish: look again later. Do not generate it anew, that costs again."),
        COLLECT,
        tr("Look again"),
    )


def protocol(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("{provider} answered something this program does not know.", provider=_provider(error)),
        tr("Look for an update of Veo Studio, and report the details if there is none."),
        COPY_DETAILS,
        tr("Copy details"),
    )


def outcome_unknown(_error: StudioError) -> ErrorText:
    return unknown()


def unknown() -> ErrorText:
    return ErrorText(
        tr("It may have been charged: the connection broke while this was being sent."),
        tr(
            "It is not sent again by itself. The provider's usage page tells whether it was billed."
        ),
    )


def given_up(_words: str) -> ErrorText:
    return ErrorText(
        tr("You gave this up: nobody knows whether the provider made it."),
        tr(
            "Its tokens came back. The money still counts in your budget, because it may be billed."
        ),
    )


def held(generation: Generation) -> ErrorText:
    words = quoted(generation.error or "")
    thing = thing_words(generation)
    happened = tr("The {thing} is finished, but it could not be fetched or stored.", thing=thing)
    if generation.error_kind is ErrorKind.STORAGE:
        happened = tr("The {thing} is finished, but there is no place to store it.", thing=thing)
    elif generation.error_kind is ErrorKind.AUTH:
        happened = tr(
            "The {thing} is finished, but the provider no longer accepts the key.", thing=thing
        )
    return ErrorText(
        f"{happened} {words}".strip(),
        tr("It is kept at the provider for a while. Fetch it when the cause is gone."),
        COLLECT,
        tr("Fetch it now"),
    )


def download(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The clip is finished, but it could not be downloaded. {words}",
           words=quoted(error.message)).strip(),
        tr("It is not lost: fetch it again, that costs nothing."),
        COLLECT,
        tr("Fetch it again"),
    )  # fmt: skip


def link(_error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The link to the finished clip has expired."),
        tr("Fetch it again: the provider is asked for a new link, that costs nothing."),
        COLLECT,
        tr("Fetch it again"),
    )


def publish(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The clip was not delivered. {words}", words=quoted(error.message)).strip(),
        tr("The clip itself is safe. Check the destination and try again."),
        TRY_AGAIN,
        tr("Try again"),
    )


def provider_said(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} said no.", provider=_provider(error)), error.message),
        tr("Try again; if it stays, copy the details and report them."),
        COPY_DETAILS,
        tr("Copy details"),
    )
