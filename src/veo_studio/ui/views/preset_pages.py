"""One page of presets and one of lists: the rows at the left, the chosen one at the right."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from veo_studio.core.preset_entries import list_name, list_texts, preset_name
from veo_studio.core.presets import MAX_LIST_NAME_CHARS, MAX_NAME_CHARS, NamedList, Preset
from veo_studio.core.prompt_lists import MAX_TEMPLATE_CHARS
from veo_studio.ui.delegates.text_row import TextRow
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.theme import SPACE_4, SPACE_8, SPACE_12
from veo_studio.ui.view_models.preset_model import (
    ENTRY_ROLE,
    Entry,
    Part,
    PresetModel,
    ShelfRows,
    settings_words,
)
from veo_studio.ui.views.labels import SmallLabel, field_label
from veo_studio.ui.views.prompt_edit import PromptEdit

_LEFT_PX = 220


class ShelfPage(QWidget):
    """What both pages have.

    Signals:
        put_requested(entry, old one): a changed one, or a new one (None).
        copy_requested(entry), delete_requested(entry), hide_requested(entry, is_hidden).
    """

    part: Part = "presets"
    put_requested = pyqtSignal(object, object)
    copy_requested = pyqtSignal(object)
    delete_requested = pyqtSignal(object)
    hide_requested = pyqtSignal(object, bool)

    def __init__(self, model: PresetModel) -> None:
        super().__init__()
        self.model = model
        self.entry: Entry | None = None
        self._wanted = ""
        self._refused: Entry | None = None
        self.rows = QListView()
        self.rows.setUniformItemSizes(True)
        self.rows.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.rows.setFixedWidth(_LEFT_PX)
        self.rows.setItemDelegate(TextRow(1, self.rows))
        self.table = ShelfRows(model, self.part, self)
        self.rows.setModel(self.table)
        self.name = QLineEdit()
        self.origin = SmallLabel()
        self.problem = SmallLabel("bad")
        self.copy = QPushButton(tr("&Duplicate"))
        self.away = QPushButton(tr("D&elete"))
        self.store_button = QPushButton(tr("&Save changes"))
        self.right = QVBoxLayout()
        self.right.setSpacing(SPACE_4)
        self.right.addWidget(field_label(tr("&Name"), self.name))
        self.right.addWidget(self.name)
        self.right.addWidget(self.origin)
        self.right.addSpacing(SPACE_8)
        self.left_foot = QHBoxLayout()
        self.left_foot.setSpacing(SPACE_8)

    def _lay_out(self) -> None:
        """Called by the page when its own fields are in `right`."""
        self.right.addWidget(self.problem)
        deeds = QHBoxLayout()
        deeds.setSpacing(SPACE_8)
        deeds.addWidget(self.copy)
        deeds.addWidget(self.away)
        deeds.addStretch(1)
        deeds.addWidget(self.store_button)
        self.right.addSpacing(SPACE_8)
        self.right.addLayout(deeds)
        left = QVBoxLayout()
        left.setSpacing(SPACE_8)
        left.addWidget(self.rows, 1)
        left.addLayout(self.left_foot)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, SPACE_12, 0, 0)
        line.setSpacing(SPACE_12)
        line.addLayout(left)
        line.addLayout(self.right, 1)
        selection = self.rows.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self._on_current)
        self.table.modelReset.connect(self._on_reset)
        self.copy.clicked.connect(self._on_copy)
        self.away.clicked.connect(self._on_away)
        self.store_button.clicked.connect(self._on_store)
        self.name.textChanged.connect(self._on_edited)
        self._on_reset()

    # which one

    def select(self, name: str) -> bool:
        """Choose it, now or as soon as it is there; False where it is not there now."""
        self._wanted = name
        row = self.table.row_of(name)
        if row < 0:
            return False
        self.rows.setCurrentIndex(self.table.index(row, 0))
        self._wanted = ""
        return True

    def _on_reset(self) -> None:
        name = self._wanted or (self.entry.name if self.entry is not None else "")
        row = max(0, self.table.row_of(name)) if self.table.rowCount() else -1
        if row >= 0:
            self._take(self.table.index(row, 0).data(ENTRY_ROLE))
            self.rows.setCurrentIndex(self.table.index(row, 0))
        else:
            self._take(None)
        if self.table.row_of(self._wanted) >= 0:
            self._wanted = ""

    def _on_current(self, now: QModelIndex, _before: QModelIndex) -> None:
        entry = now.data(ENTRY_ROLE)
        if entry is not None and entry is not self.entry:
            self.store()
            self._take(entry)

    def _take(self, entry: Entry | None) -> None:
        is_own = entry is not None and not entry.is_shipped
        is_new = entry is None or entry != self.entry
        self.entry = entry
        self.name.setReadOnly(not is_own)
        self.origin.show_words(
            "" if is_own else tr("Comes with Veo Studio: duplicate it to change it.")
        )
        if is_new:
            # what was just stored is in the fields, and the cursor with it
            self.name.setText("" if entry is None else entry.name)
            self.show_entry(entry, is_own=is_own)
        is_hidden = entry is not None and self.model.shelf(self.part).is_hidden(entry)
        self.away.setText(tr("D&elete") if is_own else tr("S&how") if is_hidden else tr("&Hide"))
        for button in (self.copy, self.away):
            button.setEnabled(entry is not None)
        self.store_button.setVisible(is_own)
        self._on_edited()

    # what is done with it

    def _on_copy(self) -> None:
        self.store()
        if self.entry is not None:
            self.copy_requested.emit(self.entry)

    def _on_away(self) -> None:
        entry = self.entry
        if entry is None:
            return
        if entry.is_shipped:
            self.hide_requested.emit(entry, not self.model.shelf(self.part).is_hidden(entry))
        else:
            self.delete_requested.emit(entry)

    def _on_store(self) -> None:
        self._refused = None
        self.store()

    def store(self) -> None:
        """Keep what was changed, where that can be kept."""
        entry = self.entry
        if entry is None or entry.is_shipped:
            return
        try:
            changed = self.edited(entry)
        except ValueError:
            return
        if changed not in (entry, self._refused):
            self._wanted = changed.name
            self.entry = changed
            self.put_requested.emit(changed, entry)

    def take_back(self, entry: Entry | None, refused: Entry) -> None:
        """What was to be stored could not be: the fields hold a change of `entry` again.

        Only the button tries the same once more.
        """
        self.entry, self._refused = entry, refused
        self._wanted = ""
        self._on_edited()

    def _on_edited(self) -> None:
        entry, problem, is_changed = self.entry, "", False
        if entry is not None and not entry.is_shipped:
            try:
                changed = self.edited(entry)
                is_changed = changed != entry
                there = self.model.shelf(self.part).find(changed.name)
                is_new_name = changed.name.casefold() != entry.name.casefold()
                if is_new_name and there is not None and not there.is_shipped:
                    problem = tr("There is one called “{name}” already.", name=there.name)
            except ValueError as error:
                words = str(error)
                problem = f"{words[:1].upper()}{words[1:]}."
        self.problem.show_words(problem)
        self.store_button.setEnabled(is_changed and not problem)

    def show_entry(self, entry: Entry | None, *, is_own: bool) -> None:
        raise NotImplementedError

    def edited(self, entry: Entry) -> Entry:
        """The entry as the fields have it; ValueError says what is wrong with that."""
        raise NotImplementedError


class PresetPage(ShelfPage):
    part: Part = "presets"

    def __init__(self, model: PresetModel) -> None:
        super().__init__(model)
        self.rows.setAccessibleName(tr("Presets"))
        self.name.setMaxLength(MAX_NAME_CHARS)
        self.prompt = PromptEdit(3, 40)
        self.negative = PromptEdit(2, 3)
        self.settings = SmallLabel()
        self.prompt.setPlaceholderText(tr("Settings only: the prompt stays as it is"))
        self.right.addWidget(field_label(tr("Pro&mpt"), self.prompt))
        self.right.addWidget(self.prompt, 1)
        self.right.addSpacing(SPACE_8)
        self.right.addWidget(field_label(tr("Ne&gative prompt"), self.negative))
        self.right.addWidget(self.negative)
        self.right.addSpacing(SPACE_8)
        self.right.addWidget(self.settings)
        self._lay_out()
        for edit in (self.prompt, self.negative):
            edit.textChanged.connect(self._on_edited)

    def show_entry(self, entry: Entry | None, *, is_own: bool) -> None:
        preset = entry if isinstance(entry, Preset) else Preset("")
        for edit, words in ((self.prompt, preset.prompt), (self.negative, preset.negative_prompt)):
            if edit.toPlainText() != words:
                edit.setPlainText(words)
            edit.setReadOnly(not is_own)
        words = settings_words(preset)
        self.settings.show_words(tr("Settings: {words}.", words=words) if words else "")

    def edited(self, entry: Entry) -> Entry:
        assert isinstance(entry, Preset)
        prompt = self.prompt.toPlainText()
        if len(prompt) > MAX_TEMPLATE_CHARS:
            raise ValueError(tr("the prompt is too long"))
        return replace(
            entry,
            name=preset_name(self.name.text()),
            prompt=prompt,
            negative_prompt=self.negative.toPlainText()[:2000],
        )


class ListPage(ShelfPage):
    part: Part = "lists"

    def __init__(self, model: PresetModel) -> None:
        super().__init__(model)
        self.rows.setAccessibleName(tr("Lists"))
        self.name.setMaxLength(MAX_LIST_NAME_CHARS)
        self.texts = QPlainTextEdit()
        self.texts.setTabChangesFocus(True)
        self.texts.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.count = SmallLabel()
        self.new = QPushButton(tr("Ne&w list"))
        self.left_foot.addWidget(self.new)
        self.left_foot.addStretch(1)
        self.right.addWidget(field_label(tr("&Texts, one on each line"), self.texts))
        self.right.addWidget(self.texts, 1)
        self.right.addWidget(self.count)
        self._lay_out()
        self.texts.textChanged.connect(self._on_edited)
        self.new.clicked.connect(self._on_new)

    def _on_new(self) -> None:
        self.store()
        name = self.model.library.lists.free_name("list")
        self.select(name)
        self.put_requested.emit(NamedList(name, (tr("first text"), tr("second text"))), None)

    def show_entry(self, entry: Entry | None, *, is_own: bool) -> None:
        texts = entry.texts if isinstance(entry, NamedList) else ()
        words = "\n".join(texts)
        if self.texts.toPlainText() != words:
            self.texts.setPlainText(words)
        self.texts.setReadOnly(not is_own)
        named = tr("Use it in a prompt as {name}.", name=f"{{{entry.name}}}") if entry else ""
        self.count.show_words(f"{tr_n('{n} text', '{n} texts', len(texts))}. {named}")

    def edited(self, entry: Entry) -> Entry:
        assert isinstance(entry, NamedList)
        return replace(
            entry,
            name=list_name(self.name.text()),
            texts=list_texts(self.texts.toPlainText().split("\n")),
        )
