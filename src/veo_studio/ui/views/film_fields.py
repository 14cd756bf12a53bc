"""The clip of the film that is edited, in fields: what is seen of it, how it begins, its words."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.storyboard.limits import MAX_FADE_S
from veo_studio.core.storyboard.models import MAX_NOTES, MAX_TITLE, Cut
from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.film_model import FilmItem, FilmModel
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.segments import Option, Segments


class FilmFields(QWidget):
    """Shows the selected clip of a `FilmModel`.

    Signals:
        sought(float): show this moment of the film, in seconds.
    """

    sought = pyqtSignal(float)

    def __init__(self, model: FilmModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._at_s = 0.0
        self.heading = QLabel()
        theme.heading_font(self.heading)
        self.earlier = _tool("up", tr("Earlier in the film (Alt+Left)"))
        self.later = _tool("down", tr("Later in the film (Alt+Right)"))
        self.in_at = _seconds(tr("From, in seconds of the clip"))
        self.out_at = _seconds(tr("To, in seconds of the clip"))
        self.from_here = QPushButton(tr("From here"))
        self.from_here.setToolTip(tr("Begin with the picture that is shown (I)"))
        self.to_here = QPushButton(tr("To here"))
        self.to_here.setToolTip(tr("End before the picture that is shown (O)"))
        self.whole = QPushButton(tr("Who&le clip"))
        self.cut = Segments()
        self.cut.setAccessibleName(tr("How this clip begins"))
        self.fade = _seconds(tr("Length of the cross-fade, in seconds"))
        self.fade.setRange(0.1, MAX_FADE_S)
        self.shorter = SmallLabel()
        self.title = QLineEdit()
        self.title.setMaxLength(MAX_TITLE)
        self.title.setPlaceholderText(tr("Over the start of this clip"))
        self.subtitle = QPlainTextEdit()
        self.subtitle.setPlaceholderText(tr("Under all of this clip"))
        self.subtitle.setTabChangesFocus(True)
        self._lay_out()
        self._bind()
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_4)
        head.addWidget(self.heading, 1)
        head.addWidget(self.earlier)
        head.addWidget(self.later)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE_8)
        grid.setVerticalSpacing(theme.SPACE_8)
        grid.setColumnStretch(1, 1)
        grid.addWidget(field_label(tr("Fro&m"), self.in_at), 0, 0)
        grid.addWidget(self.in_at, 0, 1)
        grid.addWidget(self.from_here, 0, 2)
        grid.addWidget(field_label(tr("T&o"), self.out_at), 1, 0)
        grid.addWidget(self.out_at, 1, 1)
        grid.addWidget(self.to_here, 1, 2)
        grid.addWidget(self.whole, 2, 1, 1, 2)
        grid.addWidget(field_label(tr("Begi&ns"), self.cut), 3, 0)
        grid.addWidget(self.cut, 3, 1, 1, 2)
        self.fade_label = field_label(tr("L&asts"), self.fade)
        grid.addWidget(self.fade_label, 4, 0)
        grid.addWidget(self.fade, 4, 1)
        grid.addWidget(self.shorter, 5, 1, 1, 2)
        grid.addWidget(field_label(tr("T&itle"), self.title), 6, 0)
        grid.addWidget(self.title, 6, 1, 1, 2)
        grid.addWidget(field_label(tr("S&ubtitle"), self.subtitle), 7, 0)
        grid.addWidget(self.subtitle, 7, 1, 1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_8)
        column.addLayout(head)
        column.addLayout(grid)
        self._fit()

    def _fit(self) -> None:
        lines = self.subtitle.fontMetrics().lineSpacing() * 2
        self.subtitle.setFixedHeight(lines + 2 * theme.SPACE_8)

    def _bind(self) -> None:
        model = self._model
        model.changed.connect(self._show)
        model.selected_changed.connect(self._show)
        self.earlier.clicked.connect(lambda: self._move(-1))
        self.later.clicked.connect(lambda: self._move(1))
        self.in_at.valueChanged.connect(self._on_trim)
        self.out_at.valueChanged.connect(self._on_trim)
        self.from_here.clicked.connect(lambda: self.trim_here(is_start=True))
        self.to_here.clicked.connect(lambda: self.trim_here(is_start=False))
        self.whole.clicked.connect(self._on_whole)
        self.cut.chosen.connect(self._on_cut)
        self.fade.valueChanged.connect(self._on_fade)
        self.title.textEdited.connect(self._on_title)
        self.subtitle.textChanged.connect(self._on_subtitle)
        self.title.editingFinished.connect(model.document.end_typing)

    def show_position(self, film_s: float) -> None:
        """Where the film stands: what "here" means."""
        self._at_s = film_s
        self._show_here()

    # what the user does

    def _move(self, by: int) -> None:
        item = self._model.selected
        if item is not None:
            self._model.move_by(item.uuid, by)

    def _on_trim(self) -> None:
        item = self._model.selected
        if item is not None:
            self._model.trim(item.uuid, self.in_at.value(), self.out_at.value())

    def _here_s(self, item: FilmItem) -> float:
        """The moment of its file that is shown."""
        return item.in_s + self._at_s - item.start_s

    def trim_here(self, is_start: bool) -> None:
        """Let it begin, or end, with the picture that is shown."""
        item = self._model.selected
        if item is None:
            return
        here_s = self._here_s(item)
        if not item.in_s < here_s < item.out_s:
            return
        if is_start:
            self._model.trim(item.uuid, here_s, item.out_s)
            after = self._model.selected
            if after is not None:
                self.sought.emit(after.start_s)
        else:
            self._model.trim(item.uuid, item.in_s, here_s)

    def _on_whole(self) -> None:
        item = self._model.selected
        if item is not None:
            self._model.untrim(item.uuid)

    def _on_cut(self, cut: object) -> None:
        item = self._model.selected
        if item is not None and isinstance(cut, Cut):
            self._model.set_cut(item.uuid, cut)

    def _on_fade(self, fade_s: float) -> None:
        item = self._model.selected
        if item is not None:
            self._model.set_fade(item.uuid, fade_s)

    def _on_title(self, words: str) -> None:
        item = self._model.selected
        if item is not None:
            self._model.set_title(item.uuid, words)

    def _on_subtitle(self) -> None:
        item = self._model.selected
        if item is not None:
            self._model.set_subtitle(item.uuid, self.subtitle.toPlainText()[:MAX_NOTES])

    # showing

    def _show(self) -> None:
        item = self._model.selected
        self.setEnabled(item is not None)
        self.setVisible(item is not None)
        if item is None:
            return
        self.heading.setText(tr("Scene {number}", number=item.number))
        places = [one.uuid for one in self._model.items]
        self.earlier.setEnabled(item.uuid != places[0])
        self.later.setEnabled(item.uuid != places[-1])
        for box, value in ((self.in_at, item.in_s), (self.out_at, item.out_s)):
            with QSignalBlocker(box):
                box.setRange(0.0, item.length_s)
                box.setValue(value)
        self.whole.setEnabled(item.is_trimmed)
        self._show_cut(item, is_first=item.uuid == places[0])
        cut = item.scene.cut
        with QSignalBlocker(self.subtitle):
            if self.title.text() != cut.title:
                self.title.setText(cut.title)
            if self.subtitle.toPlainText() != cut.subtitle:
                self.subtitle.setPlainText(cut.subtitle)
        self._show_here()

    def _show_cut(self, item: FilmItem, *, is_first: bool) -> None:
        cut = item.scene.cut
        options = [Option(Cut.CUT, tr("Cut")), Option(Cut.CROSS_FADE, tr("Cross-fade"))]
        self.cut.show_options(options, cut.cut)
        self.cut.setEnabled(not is_first)
        self.cut.setToolTip(tr("The first clip has nothing before it.") if is_first else "")
        is_fade = cut.cut is Cut.CROSS_FADE and not is_first
        self.fade.setVisible(is_fade)
        self.fade_label.setVisible(is_fade)
        with QSignalBlocker(self.fade):
            self.fade.setValue(cut.fade_s)
        is_shorter = is_fade and item.fade_s < cut.fade_s - 0.002
        self.shorter.show_words(
            tr("{s} s: the clips are no longer.", s=f"{item.fade_s:.2f}") if is_shorter else ""
        )

    def _show_here(self) -> None:
        item = self._model.selected
        here_s = 0.0 if item is None else self._here_s(item)
        is_inside = item is not None and item.in_s < here_s < item.out_s
        self.from_here.setEnabled(is_inside)
        self.to_here.setEnabled(is_inside)


def _seconds(name: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(2)
    box.setSingleStep(0.1)
    box.setSuffix(" s")
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setKeyboardTracking(False)
    return box


def _tool(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name, "text", 16))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
