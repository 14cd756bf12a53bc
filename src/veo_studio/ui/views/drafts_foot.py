"""Under the drafts: how many are selected, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton, QToolButton, QWidget

from veo_studio.core.models import Generation, GenerationState
from veo_studio.core.publishing.drafts import STATES_OF, DraftState
from veo_studio.ui import shortcuts, theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import total_words, tr, tr_n
from veo_studio.ui.views.elided_label import ElidedLabel

_S = GenerationState
_AGAIN = STATES_OF[DraftState.FAILED] | STATES_OF[DraftState.ATTENTION]
_OVER = frozenset({_S.COMPLETED, _S.FAILED})
# name, icon, words, shortcut
_COMMANDS: tuple[tuple[str, str, str, str], ...] = (
    ("open", "play", "Open", ""),
    ("retry", "retry", "Try again", "drafts.retry"),
    ("zip", "archive", "Download as zip\u2026", "drafts.zip"),
    ("delete", "trash", "Delete", "clips.delete"),
)
# so wide, in letters, should the words at the left at least be
_WORDS_EM = 12


class DraftsFoot(QWidget):
    """One height, whatever is selected.

    Signals:
        used(str): open, retry, zip, delete or publish, for what is selected.
    """

    used = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(self.palette().ColorRole.Base)
        self._total = 0
        self._count = 0
        self.words = ElidedLabel(self)
        self.buttons: dict[str, QAbstractButton] = {}
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.SPACE_12, theme.SPACE_8, theme.SPACE_12, theme.SPACE_8)
        line.setSpacing(theme.SPACE_4)
        line.addWidget(self.words, 1)
        self._tools: list[QToolButton] = []
        for name, icon_name, words, shortcut in _COMMANDS:
            button = QToolButton(self)
            button.setIcon(icon(icon_name))
            button.setIconSize(QSize(20, 20))
            button.setText(tr(words))
            button.setAccessibleName(tr(words).replace("\u2026", ""))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            if shortcut:
                shortcuts.bind_tip(button, shortcut, partial(_tip, tr(words)))
            else:
                button.setToolTip(tr("Play it, or show the picture"))
            self._tools.append(button)
            self._add(name, button, line)
        self.publish = QPushButton(icon("publish", "on_accent", 20), tr("&Publish\u2026"), self)
        theme.accent_button(self.publish)
        shortcuts.bind_tip(
            self.publish,
            "drafts.publish",
            lambda key: tr("Caption, cover and targets ({key})", key=key),
        )
        line.addSpacing(theme.SPACE_4)
        self._add("publish", self.publish, line)
        self.show_selected([], 0)

    def _add(self, name: str, button: QAbstractButton, line: QHBoxLayout) -> None:
        self.buttons[name] = button
        button.clicked.connect(lambda _checked=False: self.used.emit(name))
        line.addWidget(button)

    def show_total(self, total: int) -> None:
        self._total = total
        self._show_words()

    def show_selected(self, chosen: Sequence[Generation], count: int) -> None:
        """`count` may be more than `chosen`: only what is loaded is known here."""
        self._count = count
        is_all_known = count == len(chosen)
        states = {one.state for one in chosen}
        has_file = not is_all_known or any(one.has_file for one in chosen)
        for name, is_on in (
            ("open", count == 1 and has_file),
            ("retry", not is_all_known or bool(states & _AGAIN)),
            ("zip", count > 0 and has_file),
            ("delete", count > 0 and (not is_all_known or bool(states & _OVER))),
            ("publish", count > 0 and has_file),
        ):
            self.buttons[name].setEnabled(is_on)
        self._show_words()

    def _show_words(self) -> None:
        if self._count:
            shown = f"{self._count:,}".replace(",", "\u202f")
            self.words.set_text(tr_n("{n} selected", "{shown} selected", self._count, shown=shown))
        else:
            self.words.set_text(total_words(self._total, has_pictures=True) if self._total else "")

    # room

    def _fit(self) -> None:
        """Words on the buttons, or pictures alone where there is no room for them."""
        for style in (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
            Qt.ToolButtonStyle.ToolButtonIconOnly,
        ):
            for button in self._tools:
                button.setToolButtonStyle(style)
            shown = sum(one.sizeHint().width() + theme.SPACE_4 for one in self.buttons.values())
            if shown + _WORDS_EM * theme.body_px() + 2 * theme.SPACE_12 <= self.width():
                return

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self._fit()

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 320), hint.height())


def _tip(words: str, key: str) -> str:
    return tr("{words} ({key})", words=words, key=key)
