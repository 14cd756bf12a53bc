"""What a row of the history says where its picture and badges are not enough."""

from __future__ import annotations

from datetime import datetime

from veo_studio.core.models import Generation, GenerationState, Progress
from veo_studio.ui.error_text import describe_generation
from veo_studio.ui.text import (
    ago,
    cost_words,
    estimate_words,
    extent_words,
    facts_words,
    plain_tool_tip,
    progress_words,
    size_words,
    state_words,
    thing_words,
    tr,
)
from veo_studio.ui.view_models.publish_when import moment_words


def spoken_words(
    generation: Generation, model_name: str | None, planned_at: datetime | None = None
) -> str:
    """For those who hear the row: what the user said about it comes first."""
    return tr(
        "{prompt}, {state}, {facts}",
        prompt=", ".join([*_said(generation, planned_at), generation.prompt]),
        state=state_words(generation.state),
        facts=facts_words(generation, model_name),
    )


def tool_tip(
    generation: Generation,
    progress: Progress | None,
    model_name: str | None,
    planned_at: datetime | None = None,
) -> str:
    """What the user said about it, the whole prompt, how it goes or how it ended, and the facts."""
    lines = [*_said(generation, planned_at), generation.prompt]
    if generation.state.is_active and progress is not None:
        lines.append(progress_words(progress))
    elif not generation.state.is_active and generation.state is not GenerationState.COMPLETED:
        lines.append(describe_generation(generation).whole)
    lines.append(facts_words(generation, model_name))
    if generation.state is GenerationState.COMPLETED and (cost := cost_words(generation)):
        lines.append(cost)
    # Qt takes text that looks like markup for markup; a prompt is only ever text.
    return plain_tool_tip("\n".join(lines))


def _said(generation: Generation, planned_at: datetime | None) -> list[str]:
    """Caption, tags, and when it is published by itself."""
    said = [generation.caption] if generation.caption else []
    if generation.tags:
        said.append(tr("tags: {tags}", tags=", ".join(generation.tags)))
    if planned_at is not None:
        said.append(tr("planned for {when}", when=moment_words(planned_at)))
    return said


def row_facts(
    generation: Generation, progress: Progress | None, model_name: str
) -> tuple[str, ...]:
    """The dim line, from the longest wording to the shortest."""
    dot = " \u00b7 "
    if generation.state.is_active and progress is not None:
        status = progress.status
        if progress.remaining_s is not None:
            left = estimate_words(progress.remaining_s)
            return (status + dot + left, left, status)
        return (status, model_name)
    age = ago(generation.created_at)
    length = extent_words(generation)
    if generation.config.final is not None:
        length = tr("draft {length}", length=length)
    if generation.size_bytes:
        size = size_words(generation.size_bytes)
        return (
            dot.join((model_name, length, size, age)),
            dot.join((model_name, length, age)),
            dot.join((length, size, age)),
            dot.join((length, age)),
            # pixels are longer than seconds
            *((length, dot.join((thing_words(generation), age))) if generation.is_picture else ()),
            age,
        )
    resolution = generation.config.resolution
    return (
        dot.join((model_name, length, resolution, age)),
        dot.join((model_name, length, age)),
        dot.join((length, age)),
        age,
    )
