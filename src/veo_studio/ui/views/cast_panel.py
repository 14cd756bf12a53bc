"""The cast of a storyboard: named reference pictures, which prompts call by `@name`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PyQt6.QtCore import QMimeData, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.models import MediaInput
from veo_studio.core.storyboard.models import CastMember
from veo_studio.core.storyboard.names import MAX_NAME, folded
from veo_studio.ui import theme
from veo_studio.ui.given import given_in
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.views.fields_scroller import FieldsScroller
from veo_studio.ui.views.labels import SmallLabel
from veo_studio.ui.views.picture_loading import PictureLoader

_PICTURE = QSize(64, 48)
_NOT_IN_NAMES = re.compile(r"[^\w]+")


def free_name(file_name: str, taken: Collection[str]) -> str:
    """A name of the cast that a picture could have by its file: `old man.png` is `old_man`."""
    stem = _NOT_IN_NAMES.sub("_", Path(file_name).stem).strip("_")[: MAX_NAME - 3] or "picture"
    used = {folded(name) for name in taken}
    number, name = 1, stem
    while folded(name) in used:
        number += 1
        name = f"{stem}{number}"
    return name


class _Thumb(QWidget):
    """Letterboxed, never stretched."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(_PICTURE)
        self._picture = QPixmap()

    def show_picture(self, image: QImage) -> None:
        ratio = self.devicePixelRatioF()
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        self._picture = QPixmap()
        if not image.isNull():
            self._picture = QPixmap.fromImage(image.scaled(_PICTURE * ratio, keep, smooth))
            self._picture.setDevicePixelRatio(ratio)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.tokens().color("window"))
        if not self._picture.isNull():
            size = self._picture.deviceIndependentSize().toSize()
            left = (self.width() - size.width()) // 2
            painter.drawPixmap(left, (self.height() - size.height()) // 2, self._picture)
        painter.end()


class CastRow(QWidget):
    """One member. Signals: named(str) what was typed, removed(), picture_wanted()."""

    named = pyqtSignal(str)
    removed = pyqtSignal()
    picture_wanted = pyqtSignal()

    def __init__(self, member: CastMember, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.member = member
        self.thumb = _Thumb(self)
        at = QLabel("@")
        theme.dim_text(at)
        self.name = QLineEdit(member.name)
        self.name.setMaxLength(MAX_NAME)
        self.name.setAccessibleName(tr("Name of {file}", file=member.picture.name))
        self.name.setToolTip(tr("Letters, digits and _. Another name is put into the prompts too."))
        self.facts = SmallLabel()
        self.problem = SmallLabel("bad")
        self.change = self._button(
            "image", tr("Choose another picture for @{name}", name=member.name)
        )
        self.remove = self._button("trash", tr("Remove @{name} from the cast", name=member.name))
        line = QHBoxLayout()
        line.setSpacing(SPACE_4)
        for widget in (at, self.change, self.remove):
            line.addWidget(widget)
        line.insertWidget(1, self.name, 1)
        words = QVBoxLayout()
        words.setSpacing(SPACE_4)
        words.addLayout(line)
        words.addWidget(self.facts)
        words.addWidget(self.problem)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_8)
        row.addWidget(self.thumb, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.name.editingFinished.connect(self._on_named)
        self.change.clicked.connect(self.picture_wanted)
        self.remove.clicked.connect(self.removed)

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name, "dim"))
        button.setToolTip(plain_tool_tip(words))
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _on_named(self) -> None:
        words = self.name.text().strip().removeprefix("@")
        if words and words != self.member.name:
            self.named.emit(words)
        else:
            self.show_member(self.member)

    def show_member(self, member: CastMember) -> None:
        self.member = member
        self.name.setText(member.name)
        self.problem.show_words("")

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape and self.name.isModified():
            self.show_member(self.member)
            return
        super().keyPressEvent(event)


class CastPanel(QWidget):
    """Shows; whoever owns it edits.

    Signals:
        files_wanted(): the user wants to choose pictures.
        pictures_given(Given): pictures were dropped or pasted.
        rename_requested(str, str): the old and the new name.
        remove_requested(str), picture_requested(str): of this name.
    """

    files_wanted = pyqtSignal()
    pictures_given = pyqtSignal(object)
    rename_requested = pyqtSignal(str, str)
    remove_requested = pyqtSignal(str)
    picture_requested = pyqtSignal(str)

    def __init__(self, loader: PictureLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("castPanel")
        self.setAcceptDrops(True)
        self._loader = loader
        self._loader.loaded.connect(self._on_loaded)
        self._path_of: Callable[[MediaInput], Path | None] = lambda _item: None
        self.rows: list[CastRow] = []
        self._is_aimed_at = False
        self.words = SmallLabel()
        self.add = QPushButton(icon("plus", "text"), tr("Add &pictures…"))
        self.add.setObjectName("addCast")
        self.add.setToolTip(tr("Choose pictures, drop them here, or paste one"))
        self.add.clicked.connect(self.files_wanted)
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE_12)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACE_12, SPACE_12, SPACE_12, SPACE_12)
        column.setSpacing(SPACE_12)
        column.addWidget(self.words)
        column.addLayout(self._list)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(FieldsScroller(inside))
        self.show_cast((), {}, self._path_of)

    def show_cast(
        self,
        cast: Sequence[CastMember],
        used: dict[str, int],
        path_of: Callable[[MediaInput], Path | None],
    ) -> None:
        """`used` says in how many scenes a name is; rows are kept where names are the same ones."""
        self._path_of = path_of
        same = [row.member.picture for row in self.rows] == [one.picture for one in cast]
        if not same:
            self._build(cast)
        for row, member in zip(self.rows, cast, strict=True):
            if row.member != member:
                row.show_member(member)
            count = used.get(member.name, 0)
            row.facts.show_words(
                tr_n("in {n} scene", "in {n} scenes", count) if count else tr("not used yet")
            )
            row.facts.setToolTip(plain_tool_tip(member.picture.name))
        self.words.show_words(
            ""
            if cast
            else tr(
                "People, places and things that look the same in every scene. "
                "Drop their pictures here, and write @name in a prompt."
            )
        )

    def show_problem(self, name: str, words: str) -> None:
        """Under the row of this name."""
        for row in self.rows:
            if row.member.name == name:
                row.problem.show_words(words)

    def _build(self, cast: Sequence[CastMember]) -> None:
        focused = next((n for n, row in enumerate(self.rows) if row.name.hasFocus()), None)
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        for member in cast:
            row = CastRow(member, self)
            # rows are new ones with every other picture: the name of now is the row's own
            row.named.connect(lambda new, row=row: self.rename_requested.emit(row.member.name, new))
            row.removed.connect(lambda row=row: self.remove_requested.emit(row.member.name))
            row.picture_wanted.connect(lambda row=row: self.picture_requested.emit(row.member.name))
            self._list.addWidget(row)
            row.show()
            self.rows.append(row)
            path = self._path_of(member.picture)
            if path is not None and (known := self._loader.picture(path)) is not None:
                row.thumb.show_picture(known)
        if focused is not None and self.rows:
            self.rows[min(focused, len(self.rows) - 1)].name.setFocus()

    def _on_loaded(self, path: Path) -> None:
        for row in self.rows:
            if self._path_of(row.member.picture) == path:
                image = self._loader.picture(path)
                if image is not None:
                    row.thumb.show_picture(image)

    # dropping and pasting

    def take(self, mime: QMimeData | None) -> bool:
        """Pictures out of a drop or the clipboard; False where there are none."""
        given = given_in(mime)
        if given is None:
            return False
        self.pictures_given.emit(given)
        return True

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        clipboard = QApplication.clipboard()
        is_paste = event is not None and event.matches(QKeySequence.StandardKey.Paste)
        if is_paste and clipboard is not None and self.take(clipboard.mimeData()):
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and given_in(event.mimeData()) is not None:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._aim(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        self._aim(False)

    def dropEvent(self, event: QDropEvent | None) -> None:
        self._aim(False)
        if event is not None and self.take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def _aim(self, is_aimed_at: bool) -> None:
        self._is_aimed_at = is_aimed_at
        self.add.setDown(is_aimed_at)
