"""What to do about a refused prompt: the smallest change that may pass, and the command that sends it."""

from __future__ import annotations

import shlex

from veo_studio.cli.enhancing import show_changes
from veo_studio.cli.terminal import Output
from veo_studio.core.enhancing.asking import Ask, NothingToAdd
from veo_studio.core.enhancing.rules import propose
from veo_studio.core.models import ErrorKind, Generation, GenerationState

_NO_REASON = "The provider gave no reason."


def is_refused(generation: Generation) -> bool:
    """True where a safety system ended it."""
    return (
        generation.state is GenerationState.FAILED
        and generation.error_kind is ErrorKind.CONTENT_FILTERED
    )


def help_refused(generation: Generation, output: Output) -> None:
    """Reason and charge are told already; this is what can be sent instead. Nothing is sent here."""
    number = generation.id
    reason = generation.error or _NO_REASON
    ask = Ask(
        generation.prompt,
        generation.kind,
        generation.model,
        generation.config.duration_s,
        refusal=reason,
    )
    try:
        proposal = propose(ask)
    except NothingToAdd as error:
        output.say(str(error))
        output.say(f"With other words: `veo-studio again {number} --prompt TEXT`.")
        return
    output.say("A small change that may pass:")
    show_changes(generation.prompt, proposal.prompt, output)
    if proposal.note:
        output.say(proposal.note)
    # nothing of a prompt may act as a command where it is pasted
    words = shlex.quote(proposal.prompt)
    output.say(f"To send it: veo-studio again {number} --prompt {words}")
