"""The one place with sentences about errors: what happened, what to do next, and one action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from veo_studio.core import errors
from veo_studio.core.errors import ProviderError, StudioError
from veo_studio.core.models import Charge, ErrorKind, Generation, GenerationState
from veo_studio.ui.text import seconds_words, size_words, tr

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


def describe(error: StudioError) -> ErrorText:
    """What to tell about `error`; a class without words of its own speaks like its parent."""
    for known in type(error).__mro__:
        if known in _BY_CLASS:
            text = _BY_CLASS[known](error)
            if error.action:
                return ErrorText(text.happened, error.action, text.action_id, text.action_text)
            return text
    raise TypeError(f"{type(error).__name__} is not a StudioError")


def describe_generation(generation: Generation) -> ErrorText:
    """What to tell about a generation that failed, was stopped or waits for the user."""
    kind = generation.error_kind
    if generation.state is GenerationState.UNKNOWN:
        return _unknown()
    if generation.state is GenerationState.HELD:
        return _held(generation)
    if generation.state is GenerationState.CANCELLED:
        return ErrorText(tr("This was cancelled."), _money(generation), TRY_AGAIN, tr("Try again"))
    text = _BY_KIND[kind or ErrorKind.GENERATION_FAILED](generation.error or "")
    money = _money(generation)
    return ErrorText(
        text.happened, f"{text.next_step} {money}".strip(), text.action_id, text.action_text
    )


def _money(generation: Generation) -> str:
    if generation.charge is Charge.NOT_CHARGED:
        return tr("Nothing was charged.")
    if generation.charge is Charge.UNKNOWN:
        return tr("It is not known whether it was charged.")
    return tr("It was charged.") if generation.tokens or generation.price_usd else ""


def _quote(words: str) -> str:
    """A provider's own words in one line, ended like a sentence, never longer than a notice."""
    line = " ".join(words.split())
    if len(line) > _LONGEST_QUOTE:
        line = line[: _LONGEST_QUOTE - 1].rstrip() + "\u2026"
    if line and line[-1] not in ".!?\u2026":
        line += "."
    return line


def _sentence(words: str) -> str:
    """Our own message as a sentence."""
    quoted = _quote(words)
    return quoted[:1].upper() + quoted[1:]


def _with_words(sentence: str, words: str) -> str:
    quoted = _quote(words)
    return (
        tr("{sentence} It says: {words}", sentence=sentence, words=quoted) if quoted else sentence
    )


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


# By class


def _studio(error: StudioError) -> ErrorText:
    return ErrorText(
        _sentence(error.message) or tr("Something went wrong."),
        tr("Try again; if it stays, copy the details and report them."),
        COPY_DETAILS,
        tr("Copy details"),
    )


def _auth(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("{provider} does not accept the API key.", provider=_provider(error)),
        tr("Check the key in the settings: it may be missing, wrong, expired or without access to this model."),
        OPEN_SETTINGS,
        tr("Open settings"),
    )  # fmt: skip


def _quota(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} accepts no more for now.", provider=_provider(error)), error.message),
        tr("Wait until the limit resets, raise it at the provider, or choose another model."),
        CHANGE_SETTINGS,
        tr("Choose another model"),
    )  # fmt: skip


def _rate(error: StudioError) -> ErrorText:
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


def _credits(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The balance at {provider} is empty.", provider=_provider(error)),
        tr("Add credit on the provider's site, then try again; or choose another model."),
        TRY_AGAIN,
        tr("Try again"),
    )


def _invalid(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} does not accept these settings.", provider=_provider(error)),
                    error.message),
        tr("Change the settings and generate again."),
        CHANGE_SETTINGS,
        tr("Change settings"),
    )  # fmt: skip


def _not_found(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} does not have this any more.", provider=_provider(error)),
                    error.message),
        tr("The model may be retired or the result too old. Choose another model."),
        CHANGE_SETTINGS,
        tr("Choose another model"),
    )  # fmt: skip


def _failed(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} could not make this clip.", provider=_provider(error)), error.message),
        tr("Try again, or change the prompt."),
        TRY_AGAIN,
        tr("Try again"),
    )  # fmt: skip


def _refused(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} refused this prompt.", provider=_provider(error)), error.message),
        tr("Change the prompt: the same words will be refused again."),
        EDIT_PROMPT,
        tr("Edit prompt"),
    )  # fmt: skip


def _unavailable(error: StudioError) -> ErrorText:
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


def _not_sent(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("There is no connection to {provider}. Nothing was sent.", provider=_provider(error)),
        tr("Check the network and try again."),
        TRY_AGAIN,
        tr("Try again"),
    )


def _timeout(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("{provider} takes longer than it should.", provider=_provider(error)),
        tr("It may still finish: look again later. Do not generate it anew, that costs again."),
        COLLECT,
        tr("Look again"),
    )


def _protocol(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("{provider} answered something this program does not know.", provider=_provider(error)),
        tr("Look for an update of Veo Studio, and report the details if there is none."),
        COPY_DETAILS,
        tr("Copy details"),
    )


def _outcome_unknown(_error: StudioError) -> ErrorText:
    return _unknown()


def _unknown() -> ErrorText:
    return ErrorText(
        tr("The connection broke while this was being sent: it may have been charged."),
        tr("It is not sent again by itself. Look again, or check the provider's own list."),
        COLLECT,
        tr("Look again"),
    )


def _held(generation: Generation) -> ErrorText:
    words = _quote(generation.error or "")
    happened = tr("The clip is finished, but it could not be fetched or stored.")
    if generation.error_kind is ErrorKind.STORAGE:
        happened = tr("The clip is finished, but there is no place to store it.")
    elif generation.error_kind is ErrorKind.AUTH:
        happened = tr("The clip is finished, but the provider no longer accepts the key.")
    return ErrorText(
        f"{happened} {words}".strip(),
        tr("It is kept at the provider for a while. Fetch it when the cause is gone."),
        COLLECT,
        tr("Fetch it now"),
    )


def _download(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The clip is finished, but it could not be downloaded. {words}",
           words=_quote(error.message)).strip(),
        tr("It is not lost: fetch it again, that costs nothing."),
        COLLECT,
        tr("Fetch it again"),
    )  # fmt: skip


def _link(_error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The link to the finished clip has expired."),
        tr("Fetch it again: the provider is asked for a new link, that costs nothing."),
        COLLECT,
        tr("Fetch it again"),
    )


def _storage(error: StudioError) -> ErrorText:
    return ErrorText(
        _sentence(error.message) or tr("A folder cannot be used."),
        tr("Check the folder and its permissions, or choose another one."),
        CHOOSE_FOLDER,
        tr("Choose folder"),
    )


def _full(error: StudioError) -> ErrorText:
    needed = getattr(error, "needed_bytes", None)
    happened = (
        tr("The disk is full: {size} more are needed.", size=size_words(needed))
        if needed
        else tr("The disk is full.")
    )
    return ErrorText(
        happened,
        tr("Free some space or choose a folder on another disk; finished clips wait at the provider."),
        CHOOSE_FOLDER,
        tr("Choose folder"),
    )  # fmt: skip


def _too_new(error: StudioError) -> ErrorText:
    written_by = getattr(error, "written_by", "")
    return ErrorText(
        tr("The library was written by Veo Studio {version}, which is newer.", version=written_by),
        tr("Update Veo Studio, or start it with another data folder. Nothing was changed."),
    )


def _in_use(_error: StudioError) -> ErrorText:
    return ErrorText(
        tr("Another Veo Studio already works with this library."),
        tr("Use the window that is open, or close it first."),
    )


def _budget(error: StudioError) -> ErrorText:
    return ErrorText(
        _sentence(error.message) or tr("The budget does not allow this."),
        tr("Raise the budget in the wallet, or choose a cheaper model."),
        OPEN_WALLET,
        tr("Open wallet"),
    )


def _tokens(error: StudioError) -> ErrorText:
    needed, balance = getattr(error, "needed", 0), getattr(error, "balance", 0)
    return ErrorText(
        tr("This needs {needed} tokens and the wallet holds {balance}.", needed=needed,
           balance=balance),
        tr("Add tokens, or make fewer takes."),
        OPEN_WALLET,
        tr("Add tokens"),
    )  # fmt: skip


def _publish(error: StudioError) -> ErrorText:
    return ErrorText(
        tr("The clip was not delivered. {words}", words=_quote(error.message)).strip(),
        tr("The clip itself is safe. Check the destination and try again."),
        TRY_AGAIN,
        tr("Try again"),
    )


def _provider_said(error: StudioError) -> ErrorText:
    return ErrorText(
        _with_words(tr("{provider} said no.", provider=_provider(error)), error.message),
        tr("Try again; if it stays, copy the details and report them."),
        COPY_DETAILS,
        tr("Copy details"),
    )


_BY_CLASS: dict[type, Callable[[StudioError], ErrorText]] = {
    errors.StudioError: _studio,
    errors.ProviderError: _provider_said,
    errors.AuthError: _auth,
    errors.APIQuotaExceededError: _quota,
    errors.RateLimited: _rate,
    errors.QuotaExceeded: _quota,
    errors.InsufficientCredits: _credits,
    errors.InvalidRequest: _invalid,
    errors.NotFoundError: _not_found,
    errors.GenerationFailedError: _failed,
    errors.ContentRefused: _refused,
    errors.ProviderUnavailable: _unavailable,
    errors.NotSent: _not_sent,
    errors.GenerationTimeoutError: _timeout,
    errors.ProtocolError: _protocol,
    errors.OutcomeUnknown: _outcome_unknown,
    errors.DownloadError: _download,
    errors.LinkExpired: _link,
    errors.StorageError: _storage,
    errors.DiskFull: _full,
    errors.DatabaseTooNew: _too_new,
    errors.FolderInUse: _in_use,
    errors.BudgetError: _budget,
    errors.NotEnoughTokens: _tokens,
    errors.PublishError: _publish,
}


# By kind: what is stored with a generation after the exception is gone. Each is told as the class
# that carries this kind; the words are the stored ones.


def _as(
    kind_class: type[StudioError], told: Callable[[StudioError], ErrorText]
) -> Callable[[str], ErrorText]:
    def tell(words: str) -> ErrorText:
        return told(kind_class(words))

    return tell


_BY_KIND: dict[ErrorKind, Callable[[str], ErrorText]] = {
    ErrorKind.AUTH: _as(errors.AuthError, _auth),
    ErrorKind.INSUFFICIENT_CREDITS: _as(errors.InsufficientCredits, _credits),
    ErrorKind.QUOTA_EXCEEDED: _as(errors.QuotaExceeded, _quota),
    ErrorKind.RATE_LIMITED: _as(errors.RateLimited, _rate),
    ErrorKind.INVALID_REQUEST: _as(errors.InvalidRequest, _invalid),
    ErrorKind.CONTENT_FILTERED: _as(errors.ContentRefused, _refused),
    ErrorKind.GENERATION_FAILED: _as(errors.GenerationFailedError, _failed),
    ErrorKind.TIMEOUT: _as(errors.GenerationTimeoutError, _timeout),
    ErrorKind.NETWORK: _as(errors.NotSent, _not_sent),
    ErrorKind.NOT_FOUND: _as(errors.NotFoundError, _not_found),
    ErrorKind.SERVER_ERROR: _as(errors.ProviderUnavailable, _unavailable),
    ErrorKind.SUBMIT_UNKNOWN: _as(errors.OutcomeUnknown, _outcome_unknown),
    ErrorKind.DOWNLOAD_FAILED: _as(errors.DownloadError, _download),
    ErrorKind.STORAGE: _as(errors.StorageError, _storage),
    ErrorKind.BUDGET: _as(errors.BudgetError, _budget),
}
