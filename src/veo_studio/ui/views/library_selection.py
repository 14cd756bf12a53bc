"""What is selected together, and what can be done with all of it: the bar under the clips."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QToolButton, QWidget

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import money_words, size_words, tr, tr_n
from veo_studio.ui.views.elided_label import ElidedLabel

if TYPE_CHECKING:
    from veo_studio.core.store.chosen import ChosenFacts

_COMMANDS: tuple[tuple[str, str, str], ...] = (
    ("favourite", "heart", "Favourites"),
    ("reject", "reject", "Reject"),
    ("tags", "tag", "Tags\u2026"),
    ("collection", "add-to", "Add to a collection\u2026"),
    ("compare", "columns", "Compare"),
    ("export", "download", "Export\u2026"),
    ("shelf", "shelf", "Put on the shelf"),
    ("delete", "trash", "Delete"),
)
_COMPARED = range(2, 5)
# so wide, in letters, should the words at least be
_WORDS_EM = 15


class LibrarySelectionBar(QWidget):
    """Shown while several are selected.

    Signals:
        used(str): a command: favourite, reject, tags, collection, compare, export, shelf, delete.
        rated(int): 0 to 5.
        cleared(): select nothing any more.
        facts_shown(): the sums are there.
    """

    used = pyqtSignal(str)
    rated = pyqtSignal(int)
    cleared = pyqtSignal()
    facts_shown = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self.words = ElidedLabel(self)
        self.buttons: dict[str, QToolButton] = {}
        self._place = QGridLayout(self)
        self._place.setContentsMargins(theme.SPACE_12, theme.SPACE_8, theme.SPACE_12, theme.SPACE_8)
        self._place.setHorizontalSpacing(theme.SPACE_12)
        self._place.setVerticalSpacing(theme.SPACE_4)
        self._place.setColumnStretch(0, 1)
        self.rate = _button("star", tr("Rate"))
        self.rate.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.rate.setMenu(self._rating_menu())
        self._tools = QWidget(self)
        line = QHBoxLayout(self._tools)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.SPACE_4)
        for name, icon_name, words in _COMMANDS:
            button = _button(icon_name, tr(words))
            button.clicked.connect(lambda _checked=False, name=name: self.used.emit(name))
            self.buttons[name] = button
            line.addWidget(button)
            if name == "reject":
                line.addWidget(self.rate)
        self.clear_button = _button("close", tr("Select nothing"))
        self.clear_button.clicked.connect(self.cleared)
        line.addWidget(self.clear_button)
        self._is_stacked: bool | None = None
        self.height_for(1000)

    def height_for(self, width: int) -> int:
        """In one line where both have room, else the words above the buttons."""
        tools, words = self._tools.sizeHint(), self.words.minimumSizeHint().height()
        is_stacked = width < tools.width() + _WORDS_EM * theme.body_px()
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            self._place.removeWidget(self._tools)
            self._place.addWidget(self.words, 0, 0)
            self._place.addWidget(self._tools, int(is_stacked), int(not is_stacked))
        margins = 2 * theme.SPACE_8
        if is_stacked:
            return margins + tools.height() + theme.SPACE_4 + words
        return margins + max(tools.height(), words)

    def _rating_menu(self) -> QMenu:
        menu = QMenu(self)
        for stars in range(5, -1, -1):
            words = "\u2605" * stars or tr("No rating")
            action = QAction(f"{words}\t{stars}", menu)
            action.triggered.connect(lambda _checked=False, stars=stars: self.rated.emit(stars))
            menu.addAction(action)
        return menu

    def show_count(self, count: int) -> None:
        """At once; the facts follow with `show_facts`."""
        self.words.set_text(_count_words(count))
        can_compare = count in _COMPARED
        button = self.buttons["compare"]
        button.setEnabled(can_compare)
        button.setToolTip(
            tr("Compare") if can_compare else tr("Two to four clips can be compared.")
        )

    def show_facts(self, facts: ChosenFacts) -> None:
        self.words.set_text(" \u00b7 ".join(_facts_words(facts)))
        self.facts_shown.emit()


def _count_words(count: int) -> str:
    shown = f"{count:,}".replace(",", "\u202f")
    return tr_n("{n} selected", "{shown} selected", count, shown=shown)


def _facts_words(facts: ChosenFacts) -> list[str]:
    words = [_count_words(facts.count)]
    if facts.length_s:
        minutes = facts.length_s / 60
        words.append(
            tr("{n} s", n=round(facts.length_s))
            if minutes < 1
            else tr("{n} min", n=f"{minutes:.1f}" if minutes < 10 else round(minutes))
        )
    if facts.size_bytes:
        words.append(size_words(facts.size_bytes))
    if facts.price_usd > Decimal(0):
        words.append(money_words(facts.price_usd))
    return words


def _button(icon_name: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(20, 20))
    button.setToolTip(words)
    button.setAccessibleName(words.replace("\u2026", ""))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
