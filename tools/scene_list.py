"""All the states of which `screenshots.py` makes pictures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import details_scenes
import drafts_scenes
import enhance_scenes
import explore_scenes
import exporting_scenes
import insights_scenes
import library_scenes
import once_more_scenes
import photo_scenes
import picture_scenes
import publishing_scenes
import recipe_scenes
import shelf_scenes
import storyboard_scenes
import watching_scenes
import window_scenes
from PyQt6.QtWidgets import QWidget

from veo_studio.app import Program

SIZES = ((1280, 800), (1920, 1080), (800, 600))


@dataclass(frozen=True)
class Scene:
    """One state: how the engine behaves, how many clips there are before, and what is done."""

    name: str
    act: Callable[[Program], Awaitable[None]]
    environment: dict[str, str]
    clips: int = 0
    sizes: tuple[tuple[int, int], ...] = SIZES
    # faults of an engine that stands in for Google, which cannot tell whether a request arrived
    google: str | None = None
    # what is in the picture
    shown: Callable[[Program], QWidget] = lambda program: program.window


SCENES = (
    # an empty library begins with the two offers
    Scene("first-run", window_scenes.nothing, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("empty", window_scenes.decline, {}),
    Scene(
        "services",
        window_scenes.services,
        {},
        sizes=SIZES[:1],
        google="never",
        shown=window_scenes.services_window,
    ),
    Scene("enhance", enhance_scenes.enhance, {}, sizes=((720, 580),), shown=enhance_scenes.panel),
    Scene(
        "refused",
        enhance_scenes.refused,
        {"VEO_STUDIO_REHEARSAL_FAULT": "refuse"},
        sizes=((720, 620),),
        shown=enhance_scenes.panel,
    ),
    Scene("animate", enhance_scenes.animate, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("photo", photo_scenes.photo, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("photo-crop", photo_scenes.crop, {}, sizes=((640, 560),), shown=photo_scenes.crop_dialog),
    Scene("picture", photo_scenes.picture, {}, sizes=SIZES[:1], google="never"),
    Scene("pictures", picture_scenes.pictures, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("insights", insights_scenes.insights, {}, clips=1500),
    Scene("insights-models", insights_scenes.models, {}, sizes=SIZES[:1], clips=1500),
    Scene("recipe", recipe_scenes.dropped, {}, sizes=(SIZES[0], SIZES[2])),
    Scene("recipe-drop", recipe_scenes.hovering, {}, sizes=SIZES[:1]),
    Scene(
        "export",
        exporting_scenes.export,
        {},
        sizes=((620, 540), (540, 420)),
        shown=exporting_scenes.export_dialog,
    ),
    Scene(
        "export-many",
        exporting_scenes.many,
        {},
        sizes=((620, 460),),
        shown=exporting_scenes.export_dialog,
    ),
    Scene("export-running", exporting_scenes.running, {}, sizes=(SIZES[0], SIZES[2])),
    Scene(
        "free-space",
        exporting_scenes.space,
        {},
        sizes=((860, 560),),
        shown=exporting_scenes.space_dialog,
    ),
    Scene(
        "enhancer",
        enhance_scenes.settings,
        {},
        sizes=((880, 760),),
        shown=window_scenes.services_window,
    ),
    Scene("models", window_scenes.models, {}, sizes=SIZES[:1], shown=window_scenes.models_window),
    Scene("presets", window_scenes.presets, {}, sizes=(SIZES[0], SIZES[2]), google="never"),
    Scene(
        "preset-dialog",
        window_scenes.preset_dialog,
        {},
        sizes=((780, 560),),
        shown=window_scenes.preset_window,
    ),
    Scene(
        "batch",
        window_scenes.batch,
        {},
        sizes=SIZES[:1],
        google="never",
        shown=window_scenes.batch_window,
    ),
    Scene("takes", once_more_scenes.takes, {}, sizes=SIZES[:1]),
    Scene(
        "similar",
        once_more_scenes.similar,
        {},
        sizes=((520, 430),),
        google="",
        shown=once_more_scenes.similar_dialog,
    ),
    Scene("draft", once_more_scenes.draft, {}, sizes=SIZES[:1], google=""),
    Scene("watching", watching_scenes.watching, {}, sizes=(SIZES[0], SIZES[2])),
    Scene(
        "compare-two",
        watching_scenes.compare_two,
        {},
        sizes=(SIZES[0], SIZES[2]),
        google="",
        shown=watching_scenes.compare_window,
    ),
    Scene(
        "compare-four",
        watching_scenes.compare_four,
        {},
        sizes=SIZES[:2],
        google="",
        shown=watching_scenes.compare_window,
    ),
    Scene("running", window_scenes.work, {"VEO_STUDIO_REHEARSAL_DELAY": "4"}),
    Scene("failure", window_scenes.failure, {"VEO_STUDIO_REHEARSAL_FAULT": "refuse"}),
    Scene("attention", window_scenes.attention, {}, sizes=SIZES[:1], google="reset*2"),
    Scene("library", window_scenes.library, {}, clips=500),
    Scene("library-tab", library_scenes.tab, {}, clips=500),
    Scene("library-filters", library_scenes.filters, {}, clips=500, sizes=SIZES[:1]),
    Scene("library-chosen", library_scenes.chosen, {}, clips=500, sizes=SIZES[:1]),
    Scene("drafts", drafts_scenes.tab, {"VEO_STUDIO_REHEARSAL_DELAY": "20"}, clips=60),
    Scene("drafts-chosen", drafts_scenes.chosen, {}, clips=60, sizes=SIZES[:1]),
    Scene("drafts-failed", drafts_scenes.failed, {}, clips=120, sizes=SIZES[:1]),
    Scene("drafts-empty", drafts_scenes.empty, {}, sizes=SIZES[:1]),
    Scene(
        "being-made",
        drafts_scenes.being_made,
        {"VEO_STUDIO_REHEARSAL_DELAY": "20"},
        sizes=(SIZES[0], SIZES[2]),
    ),
    Scene("explore", explore_scenes.explore, {}, clips=120),
    Scene("explore-viewer", explore_scenes.viewer, {}, clips=120, sizes=(SIZES[0], SIZES[2])),
    Scene("explore-empty", explore_scenes.empty, {}, sizes=SIZES[:1]),
    Scene(
        "publish",
        publishing_scenes.publish,
        {},
        sizes=((720, 620), (560, 460)),
        shown=publishing_scenes.publish_dialog,
    ),
    Scene(
        "publish-first",
        publishing_scenes.publish_first,
        {},
        sizes=((720, 640),),
        shown=publishing_scenes.publish_dialog,
    ),
    Scene(
        "targets",
        publishing_scenes.targets,
        {},
        sizes=((860, 600), (640, 480)),
        shown=publishing_scenes.targets_dialog,
    ),
    Scene(
        "target-kinds",
        publishing_scenes.target_kinds,
        {},
        sizes=((860, 600),),
        shown=publishing_scenes.targets_dialog,
    ),
    Scene(
        "deliveries",
        publishing_scenes.deliveries,
        {},
        sizes=((820, 600), (560, 440)),
        shown=publishing_scenes.deliveries_dialog,
    ),
    Scene(
        "planned",
        publishing_scenes.planned,
        {},
        sizes=((820, 600),),
        shown=publishing_scenes.deliveries_dialog,
    ),
    Scene(
        "rules",
        publishing_scenes.rules,
        {},
        sizes=((620, 420),),
        shown=publishing_scenes.rules_dialog,
    ),
    Scene(
        "details",
        details_scenes.details,
        {},
        clips=60,
        sizes=((400, 1100),),
        shown=details_scenes.details_window,
    ),
    Scene(
        "shortcuts",
        details_scenes.shortcuts,
        {},
        sizes=((640, 640),),
        shown=details_scenes.shortcuts_window,
    ),
    Scene(
        "shelf",
        shelf_scenes.shelf,
        {},
        clips=60,
        sizes=((300, 420), (200, 240)),
        shown=shelf_scenes.shelf_window,
    ),
    Scene(
        "shelf-empty",
        shelf_scenes.empty_shelf,
        {},
        sizes=((300, 240),),
        shown=shelf_scenes.shelf_window,
    ),
    Scene("missing-files", shelf_scenes.missing, {}, clips=60, sizes=(SIZES[0], SIZES[2])),
    Scene(
        "storyboard",
        storyboard_scenes.written,
        {},
        sizes=(SIZES[0], SIZES[2]),
        google="refuse*1",
    ),
    Scene("storyboard-approval", storyboard_scenes.approval, {}, sizes=SIZES[:1]),
    Scene(
        "storyboard-import",
        storyboard_scenes.importing,
        {},
        sizes=((1040, 680),),
        shown=storyboard_scenes.import_dialog,
    ),
    Scene("storyboard-cast", storyboard_scenes.cast, {}, sizes=SIZES[:1]),
    Scene("storyboard-settings", storyboard_scenes.settings, {}, sizes=SIZES[:1], google=""),
    Scene("film", storyboard_scenes.film, {}, sizes=(SIZES[0], SIZES[2])),
    Scene(
        "film-export",
        storyboard_scenes.film_export,
        {},
        sizes=((560, 480),),
        shown=storyboard_scenes.export_dialog,
    ),
    Scene(
        "wallet",
        window_scenes.wallet,
        {},
        clips=500,
        sizes=((900, 680),),
        shown=window_scenes.wallet_window,
    ),
)
