"""Contrast as WCAG 2.2 AA asks for it: 4.5 for text, 3 for marks, in both themes."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import veo_studio.ui
from veo_studio.ui import style_sheet
from veo_studio.ui.theme import COLOR_NAMES, DARK, LIGHT, Tokens, contrast, mixed
from veo_studio.ui.views import word_diff

THEMES = pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
GROUNDS = ("window", "pane", "raised")
# separators only divide; nothing is read from them
_NO_MARKS = {"window", "pane", "raised", "line", "on_accent"}


@THEMES
@pytest.mark.parametrize("mark", sorted(set(COLOR_NAMES) - _NO_MARKS))
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_mark_can_be_seen_on_every_ground(colors: Tokens, mark: str, ground: str) -> None:
    assert contrast(getattr(colors, mark), getattr(colors, ground)) >= 3


@THEMES
def test_every_colour_is_in_one_of_these_tests(colors: Tokens) -> None:
    """A new token is either text, a mark or a ground: its contrast is looked at."""
    known = {"text", "dim", "accent", "ok", "warn", "bad", "line", "on_accent", *GROUNDS}
    assert set(COLOR_NAMES) <= known


@THEMES
def test_text_stays_readable_under_the_mouse_and_pressed(colors: Tokens) -> None:
    for share in (0.07, 0.14):
        ground = mixed(colors.raised, colors.text, share).name()
        assert contrast(colors.text, ground) >= 4.5


@THEMES
def test_the_main_button_stays_readable_under_the_mouse(colors: Tokens) -> None:
    for ground in style_sheet.accent_grounds(colors):
        assert contrast(colors.on_accent, ground) >= 4.5


@THEMES
def test_what_is_off_can_still_be_seen(colors: Tokens) -> None:
    """WCAG asks nothing of it; the program does."""
    disabled = mixed(colors.pane, colors.dim, 0.65).name()
    assert contrast(disabled, colors.pane) >= 2.2


@THEMES
def test_new_words_of_a_prompt_stay_readable(
    colors: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_diff.theme, "tokens", lambda: colors)
    assert contrast(colors.text, word_diff.ground().name()) >= 4.5


@THEMES
def test_the_focus_and_the_edges_of_switches_can_be_seen(colors: Tokens) -> None:
    sheet = style_sheet.style_sheet(colors)
    assert f"border-color: {colors.accent}" in sheet
    # the frame of a check box is the only thing that tells where it is
    assert re.search(rf"QCheckBox::indicator {{[^}}]*border: 1px solid {colors.dim}", sheet)
    assert contrast(colors.dim, colors.pane) >= 3


@THEMES
def test_a_sheet_writes_in_no_colour_but_the_tokens(colors: Tokens) -> None:
    """Every colour of text in the style sheet is a token, or one that is mixed from two."""
    mixes = {
        mixed(colors.pane, colors.dim, 0.65).name(),
        mixed(colors.pane, colors.raised, 0.55).name(),
    }
    known = {getattr(colors, name) for name in COLOR_NAMES} | mixes | {"transparent"}
    found = re.findall(r"(?<![-\w])color: ([^;]+);", style_sheet.style_sheet(colors))
    assert set(found) <= known


def test_text_in_the_colour_of_separators_is_never_written() -> None:
    folder = Path(inspect.getfile(veo_studio.ui)).parent
    for file in folder.rglob("*.py"):
        code = file.read_text(encoding="utf-8")
        assert not re.search(r"SmallLabel\(\"line\"|token=\"line\"", code), file.name
