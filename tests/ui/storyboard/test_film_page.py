"""The film page: clips are trimmed, ordered, faded and titled by mouse, keys and fields, with undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QFont
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenuBar
from pytestqt.qtbot import QtBot

from tests.ui.accessibility import looking
from tests.ui.parts.timed_clips import files_held, moment_ms, timed_clip
from tests.ui.storyboard.films import opened, view_of, with_rehearsal
from veo_studio.core.storyboard import edits
from veo_studio.core.storyboard.models import MAX_NOTES, Cut
from veo_studio.ui.menu_titles import add_menus
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.film_model import FilmModel
from veo_studio.ui.view_models.storyboard_model import BoardDocument
from veo_studio.ui.views.film import FilmPage

_WAIT_MS = 30_000
_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("film")
    return [timed_clip(folder / f"{name}.mp4") for name in ("a", "b", "c")]


@pytest.fixture
def document(clips: list[Path], theme: Theme) -> Iterator[BoardDocument]:
    made = opened(clips)
    yield made
    made.close()


@pytest.fixture
def page(qtbot: QtBot, document: BoardDocument) -> Iterator[FilmPage]:
    made = FilmPage(FilmModel(document), lambda _take: None)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.release())
    made.resize(1000, 640)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.model.close()


@pytest.fixture
def large_letters(qapp: QApplication) -> Iterator[None]:
    """Twice the size."""
    before = qapp.font()
    font = QFont(before)
    if before.pixelSize() > 0:
        font.setPixelSize(before.pixelSize() * 2)
    else:
        font.setPointSizeF(before.pointSizeF() * 2)
    qapp.setFont(font)
    yield
    qapp.setFont(before)


def cuts(page: FilmPage) -> list[tuple[int, float, float]]:
    """Number of the scene, and what is seen of its clip."""
    return [(one.number, one.in_s, one.out_s) for one in page.model.items]


def press_and_move(page: FilmPage, begin: QPointF, to: QPointF) -> None:
    strip = page.strip
    QTest.mousePress(strip, _LEFT, pos=begin.toPoint())
    middle = (begin + to) / 2
    for point in (middle, to):
        QTest.mouseMove(strip, point.toPoint())
    QTest.mouseRelease(strip, _LEFT, pos=to.toPoint())


def middle_of(page: FilmPage, place: int) -> QPointF:
    return page.strip.rect_of(page.model.items[place]).center()


def test_the_takes_are_there_in_the_order_of_the_scenes(page: FilmPage) -> None:
    assert cuts(page) == [(1, 0, 2), (2, 0, 2), (3, 0, 2)]
    assert page.model.length_s == 6
    assert page.time.text() == "0:00 / 0:06"


def test_a_click_selects_a_clip_and_goes_there(
    qtbot: QtBot, page: FilmPage, clips: list[Path]
) -> None:
    QTest.mouseClick(page.strip, _LEFT, pos=middle_of(page, 1).toPoint())
    assert page.fields.heading.text() == "Scene 2"
    assert page.sequence is not None
    assert page.sequence.place == 1

    def is_shown() -> bool:
        seen = page.sequence.pictures() if page.sequence is not None else []
        return bool(seen) and abs(moment_ms(seen[0][0]) - 1000) < 100

    qtbot.waitUntil(is_shown, timeout=_WAIT_MS)
    assert page.time.text() == "0:03 / 0:06"


def test_f6_goes_through_the_parts_of_the_film(page: FilmPage) -> None:
    met = []
    page.play.setFocus()
    for _ in range(4):
        page.cycle(1)
        focus = page.focusWidget()
        assert focus is not None
        parts = (page.play, page.side, page.strip, page.export)
        met.append(
            next(n for n, one in enumerate(parts) if one is focus or one.isAncestorOf(focus))
        )
    assert met == [1, 2, 3, 0]
    page.cycle(-1)
    assert page.focusWidget() is page.export


def test_edges_are_dragged_to_trim_and_undone(page: FilmPage, document: BoardDocument) -> None:
    page.model.select(page.model.items[1].uuid)
    rect = page.strip.rect_of(page.model.items[1])
    left = QPointF(rect.left() + 1, rect.center().y())
    press_and_move(page, left, left + QPointF(page.strip.px_per_s * 0.5, 0))
    number, in_s, out_s = cuts(page)[1]
    assert (number, out_s) == (2, 2)
    assert in_s == pytest.approx(0.5, abs=0.02)
    rect = page.strip.rect_of(page.model.items[1])
    right = QPointF(rect.right() - 1, rect.center().y())
    press_and_move(page, right, right - QPointF(page.strip.px_per_s * 0.5, 0))
    assert cuts(page)[1][2] == pytest.approx(1.5, abs=0.02)
    assert page.model.length_s == pytest.approx(5, abs=0.05)
    document.undo.undo()
    assert cuts(page)[1][1:] == (0, 2)


def test_a_clip_is_dragged_to_another_place(page: FilmPage, document: BoardDocument) -> None:
    end = QPointF(page.strip.rect_of(page.model.items[2]).right() - 3, 30)
    press_and_move(page, middle_of(page, 0), end)
    assert [one.number for one in page.model.items] == [1, 2, 3]
    assert document.board is not None
    assert [scene.visual_prompt for scene in document.board.scenes] == [
        "Scene 2",
        "Scene 3",
        "Scene 1",
    ]
    document.undo.undo()
    assert document.board.scenes[0].visual_prompt == "Scene 1"


def test_keys_choose_and_move_clips(page: FilmPage, document: BoardDocument) -> None:
    page.strip.setFocus()
    QTest.keyClick(page.strip, Qt.Key.Key_Right)
    assert page.fields.heading.text() == "Scene 2"
    QTest.keyClick(page.strip, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert document.board is not None
    assert [scene.visual_prompt for scene in document.board.scenes] == [
        "Scene 1",
        "Scene 3",
        "Scene 2",
    ]
    assert page.fields.heading.text() == "Scene 3"
    assert not page.fields.later.isEnabled()
    page.fields.earlier.click()
    assert document.board.scenes[1].visual_prompt == "Scene 2"


def test_fields_trim_and_the_whole_clip_comes_back(page: FilmPage) -> None:
    fields = page.fields
    fields.in_at.setValue(0.4)
    fields.out_at.setValue(1.6)
    assert cuts(page)[0] == (1, 0.4, 1.6)
    fields.out_at.setValue(0.1)
    assert cuts(page)[0] == (1, 0.4, 0.5)
    fields.whole.click()
    assert cuts(page)[0] == (1, 0, 2)
    assert not fields.whole.isEnabled()


def test_a_clip_is_trimmed_to_the_picture_that_is_shown(page: FilmPage) -> None:
    page.seek(0.5)
    page.fields.from_here.click()
    assert cuts(page)[0] == (1, 0.5, 2)
    assert page.sequence is not None
    assert page.sequence.position_ms == 0
    page.seek(1.0)
    page.fields.to_here.click()
    assert cuts(page)[0] == (1, 0.5, 1.5)
    page.seek(0.2)
    QTest.keyClick(page.strip, Qt.Key.Key_I)
    assert cuts(page)[0] == (1, 0.7, 1.5)
    page.seek(3.0)  # in another clip: there is nothing to cut there
    QTest.keyClick(page.strip, Qt.Key.Key_O)
    assert cuts(page)[0] == (1, 0.7, 1.5)


def test_a_very_long_subtitle_is_cut_off_and_not_refused(page: FilmPage) -> None:
    page.fields.subtitle.setPlainText("word " * 2000)
    assert len(page.model.items[0].scene.cut.subtitle) == MAX_NOTES


def test_a_cross_fade_shortens_the_film_and_is_no_longer_than_the_clips_allow(
    page: FilmPage,
) -> None:
    assert not page.fields.cut.isEnabled()  # nothing is before the first
    page.model.select(page.model.items[1].uuid)
    page.fields.cut.buttons[1].click()
    assert page.fields.fade.isVisibleTo(page)
    assert page.model.items[1].fade_s == 0.5
    assert page.model.length_s == 5.5
    page.fields.fade.setValue(3.0)
    assert page.model.items[1].fade_s == 1.998
    assert page.fields.shorter.text() == "2.00 s: the clips are no longer."
    page.fields.cut.buttons[0].click()
    assert page.model.length_s == 6


def test_titles_and_subtitles_are_seen_over_the_picture(
    qtbot: QtBot, page: FilmPage, document: BoardDocument
) -> None:
    QTest.keyClicks(page.fields.title, "A boat")
    page.fields.subtitle.setPlainText("She waits.")
    screen = page.screen_view
    assert (screen.title, screen.subtitle) == ("A boat", "She waits.")
    # as the film will be exported: titles that are left out are not shown either
    page.model.set_burnt(titles=False, subtitles=True)
    assert screen.title == ""
    document.undo.undo()
    assert screen.title == "A boat"
    page.seek(3.0)
    assert (screen.title, screen.subtitle) == ("", "")
    QTest.keyClick(page.fields.subtitle, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.fields.subtitle.toPlainText() == ""
    QTest.keyClick(page.fields.title, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    # what was typed without a pause is one step
    assert page.fields.title.text() == ""
    assert document.board is not None
    assert document.board.scenes[0].cut.title == ""


def test_the_soundtrack_has_volume_and_fades(
    page: FilmPage, document: BoardDocument, clips: list[Path]
) -> None:
    sound = page.sound
    assert sound.name.text == "None"
    page.model.set_soundtrack(clips[2])
    assert sound.name.text == "c.mp4"
    sound.volume.setValue(40)
    sound.clip_volume.setValue(70)
    sound.fade_in.setValue(1.5)
    sound.fade_out.setValue(3.0)
    track = page.model.soundtrack
    assert track is not None
    assert (track.volume, track.clip_volume) == (0.4, 0.7)
    assert (track.fade_in_s, track.fade_out_s) == (1.5, 3.0)
    sound.remove.click()
    assert page.model.soundtrack is None
    document.undo.undo()
    assert page.model.soundtrack == track


def test_it_is_muted_and_heard_again(page: FilmPage) -> None:
    assert page.mute.accessibleName() == "Mute"
    page.mute.click()
    assert page.mute.accessibleName() == "Sound on"
    assert page.sequence is not None
    assert page.sequence.is_muted
    page.mute.click()
    assert not page.sequence.is_muted


def test_scenes_without_a_clip_are_left_out_and_named(
    page: FilmPage, document: BoardDocument, clips: list[Path]
) -> None:
    assert document.board is not None
    view = view_of(document.board, [clips[0], None, clips[2]])
    document.set_view(with_rehearsal(view, 2, clips[1]))
    assert [one.number for one in page.model.items] == [1, 3]
    assert page.note.text() == (
        "Scene 2 has no clip yet and is left out. 1 scene is shown by its rehearsal."
    )


def test_buttons_at_the_foot_are_as_wide_as_their_words(page: FilmPage) -> None:
    assert page.note.isHidden()
    page.resize(1600, 800)
    for button in (page.subtitles, page.hand_off, page.export):
        assert button.width() == button.sizeHint().width()


def test_without_any_clip_it_leads_back_to_the_scenes(
    qtbot: QtBot, page: FilmPage, document: BoardDocument
) -> None:
    assert document.board is not None
    document.set_view(view_of(document.board, [None] * 3))
    assert page.empty.isVisibleTo(page)
    with qtbot.waitSignal(page.scenes_requested, timeout=_WAIT_MS):
        page.empty.button.click()


def test_it_plays_to_the_end_and_stands_still_when_it_is_not_seen(
    qtbot: QtBot, page: FilmPage, clips: list[Path]
) -> None:
    page.model.trim(page.model.items[0].uuid, 0.0, 0.3)
    page.seek(4.0)
    with qtbot.waitSignal(page.sequence.ended, timeout=_WAIT_MS):
        page.play.click()
    assert page.play.accessibleName() == "Play"
    page.play.click()
    assert page.play.accessibleName() == "Pause"
    page.seek(3.0)
    page.play.click()
    page.hide()
    assert not page.sequence.is_playing
    qtbot.waitUntil(lambda: not files_held() & set(clips), timeout=_WAIT_MS)
    page.show()
    qtbot.waitExposed(page)
    # where it was
    assert page.sequence.position_ms == pytest.approx(3000, abs=500)
    qtbot.waitUntil(lambda: bool(page.sequence.pictures()), timeout=_WAIT_MS)


def test_undo_and_redo_by_keys_are_those_of_the_storyboard(
    page: FilmPage, document: BoardDocument
) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    page.fields.in_at.setValue(0.4)
    page.strip.setFocus()
    QTest.keyClick(page.strip, Qt.Key.Key_Z, control)
    assert cuts(page)[0] == (1, 0, 2)
    QTest.keyClick(page.strip, Qt.Key.Key_Y, control)
    assert cuts(page)[0] == (1, 0.4, 2)
    QTest.keyClick(page.fields.in_at.lineEdit(), Qt.Key.Key_Z, control)
    assert cuts(page)[0] == (1, 0, 2)


def test_two_hundred_clips_are_drawn_where_they_are_looked_at(
    qtbot: QtBot, page: FilmPage, clips: list[Path]
) -> None:
    many = opened([clips[number % 3] for number in range(200)])
    model = FilmModel(many)
    wide = FilmPage(model, lambda _take: None)
    qtbot.addWidget(wide, before_close_func=lambda widget: widget.release())
    wide.resize(900, 600)
    wide.show()
    qtbot.waitExposed(wide)
    assert wide.strip.width() > 200 * 40
    assert min(wide.strip.rect_of(one).width() for one in model.items) > 30
    model.select(model.items[150].uuid)
    bar = wide.scroller.horizontalScrollBar()
    assert bar is not None
    seen = wide.strip.rect_of(model.items[150]).center().x() - bar.value()
    assert 0 < seen < wide.width()
    wide.close()
    model.close()


def test_names_of_the_clips_are_told_to_a_screen_reader(page: FilmPage) -> None:
    page.model.select(page.model.items[2].uuid)
    assert page.strip.accessibleDescription() == "Scene 3, 2.0 s, begins at 4.0 s"
    assert page.line.accessibleName()


def test_a_trim_of_a_longer_take_is_brought_inside(
    page: FilmPage, document: BoardDocument, clips: list[Path]
) -> None:
    item = page.model.items[0]
    page.model.trim(item.uuid, 1.8, 2.0)
    assert document.board is not None
    document.set_view(view_of(document.board, clips, length_s=1.0))
    assert cuts(page)[0][1:] == (0.9, 1.0)


def test_edits_elsewhere_show_at_once(page: FilmPage, document: BoardDocument) -> None:
    assert document.board is not None
    uuid = document.board.scenes[0].uuid
    document.edit("Delete", edits.delete_scenes(document.board, [uuid]))
    assert len(page.model.items) == 2
    assert page.model.selected is not None
    assert page.model.items[0].scene.cut.cut is Cut.CUT
    assert QPoint(0, 0) in page.rect()


def test_everything_has_a_name_and_is_reached_by_tab(qtbot: QtBot, page: FilmPage) -> None:
    page.model.set_soundtrack(Path("/nowhere/song.mp3"))
    page.activateWindow()
    # Qt has no kind of control for a line of clips; its name and the fields beside it say it all
    own = [line for line in looking.nameless(page) if not line.startswith("no role: FilmStrip")]
    assert own == []
    qtbot.waitUntil(lambda: looking.unreached(page, page.play) == [], timeout=_WAIT_MS)


def test_letters_belong_to_one_thing_each_and_to_no_menu(page: FilmPage) -> None:
    bar = QMenuBar(page)
    add_menus(bar)
    words = [action.text() for action in bar.actions()]
    for kind in (QAbstractButton, QLabel):
        words += [widget.text() for widget in page.findChildren(kind)]
    letters = [line.partition("&")[2][0].casefold() for line in words if "&" in line]
    assert len(letters) > 15
    assert sorted(set(letters)) == sorted(letters)


def test_nothing_is_cut_with_large_letters_in_a_small_window(
    qtbot: QtBot, page: FilmPage, large_letters: None
) -> None:
    page.model.set_soundtrack(Path("/nowhere/song.mp3"))
    page.resize(800, 520)
    qtbot.waitUntil(lambda: looking.cut(page) == [], timeout=_WAIT_MS)
    assert page.width() == 800
