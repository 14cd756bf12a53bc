"""From a storyboard with its chosen takes to a film."""

from __future__ import annotations

from veo_studio.core.film.models import MOST_FADE_S, Film, FilmClip, FilmFormat
from veo_studio.core.storyboard.models import Cut, Storyboard
from veo_studio.core.storyboard.views import BoardView


def film_of(board: Storyboard, view: BoardView) -> tuple[Film, tuple[str, ...]]:
    """The film of the scenes in their order, and a sentence for each scene that is not in it as it should be.

    A scene without a take is its rehearsal, or left out. Raises ValueError with a sentence where nothing is
    left. Looks at no file: `FilmMaker.plan` does.
    """
    views = {one.scene.uuid: one for one in view.scenes}
    clips: list[FilmClip] = []
    problems = []
    for number, scene in enumerate(board.scenes, 1):
        shown = views.get(scene.uuid)
        take = None if shown is None else shown.take
        rehearsal = None if shown is None else shown.rehearsal
        name = f"Scene {number}"
        if take is None and rehearsal is not None and rehearsal.has_file:
            problems.append(f"{name} has no take yet: its rehearsal is in the film.")
            take = rehearsal
        if take is None or not take.has_file or take.video_path is None:
            problems.append(f"{name} has no take: it is left out.")
            continue
        cut = scene.cut
        # the first one has nothing to be faded with
        is_faded = cut.cut is Cut.CROSS_FADE and bool(clips)
        clips.append(
            FilmClip(
                path=take.video_path,
                name=name,
                in_s=cut.in_s,
                out_s=cut.out_s,
                fade_s=min(cut.fade_s, MOST_FADE_S) if is_faded else 0.0,
                title=cut.title,
                subtitle=cut.subtitle,
                generation_id=take.id,
            )
        )
    if not clips:
        raise ValueError("There are no takes yet. Make the clips of the scenes first.")
    scenario = board.scenario
    return Film(scenario.title, tuple(clips), scenario.soundtrack), tuple(problems)


def format_of(board: Storyboard) -> FilmFormat:
    """H.264, with titles and subtitles as the scenario wants them."""
    scenario = board.scenario
    return FilmFormat(
        burns_titles=scenario.has_burnt_titles, burns_subtitles=scenario.has_burnt_subtitles
    )
