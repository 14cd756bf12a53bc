"""What the player shows while there is no picture: why, and the ways out."""

from __future__ import annotations

from veo_studio.core.models import Generation
from veo_studio.ui.text import tr


def unfinished_words(generation: Generation) -> str:
    of_picture, of_clip = tr("This picture is not finished."), tr("This clip is not finished.")
    return of_picture if generation.is_picture else of_clip


def problem_words(reason: str, *, is_still: bool) -> str:
    """What to say about a file that cannot be shown; `reason` is the playback's, for the log."""
    if is_still:
        return tr("This picture cannot be shown here.")
    if reason.startswith("no decoder"):
        return tr(
            "This clip cannot be played here: it is packed in a way that Veo Studio cannot read."
        )
    return tr("This clip cannot be played here.")
