"""Writes lines of the library's sidebar into its items."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QTreeWidgetItem

from veo_studio.ui import theme
from veo_studio.ui.icons import icon
from veo_studio.ui.text import plain_tool_tip, tr, tr_n
from veo_studio.ui.views.library_lines import Line

PLACE = Qt.ItemDataRole.UserRole


class LinePen:
    """For one look: another theme or other letters take another pen."""

    def __init__(self, ratio: float) -> None:
        """`ratio`: how many points of the screen a point of the window has."""
        self._ratio = ratio
        self._icons: dict[str, QIcon] = {}

    def made(self, line: Line) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        if line.place is not None:
            self.fill(item, line)
        elif line.section:
            self._head(item, line)
        else:
            self._hint(item, line)
        return item

    def fill(self, item: QTreeWidgetItem, line: Line, before: Line | None = None) -> None:
        """Write a line over the one that stood `before`: every change costs, so only what differs."""
        words, place, count = line.words, line.place, line.count
        assert place is not None
        item.setData(0, PLACE, place)
        is_unknown = place.search is not None and place.query is None
        if before is None or before.words != words:
            item.setText(0, words)
        if before is None or before.icon != line.icon:
            item.setIcon(0, self._icon(line.icon))
        if is_unknown:
            tip = tr("A newer Veo Studio saved this search; it cannot be shown here.")
        else:
            tip = plain_tool_tip(words)
        if item.toolTip(0) != tip:
            item.setToolTip(0, tip)
            item.setForeground(0, theme.tokens().color("dim" if is_unknown else "text"))
        spoken = words
        if count is not None:
            item.setText(1, f"{count:,}".replace(",", "\u202f"))
            spoken = tr_n("{words}, {n} clip", "{words}, {n} clips", count, words=words)
        if before is None or (before.count is None) != (count is None):
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setForeground(1, theme.tokens().color("dim"))
            item.setFont(1, theme.tabular(theme.secondary_text_font()))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _icon(self, name: str) -> QIcon:
        """The same on a selected line, which is raised here and not filled with the accent."""
        made = self._icons.get(name)
        if made is None:
            pixmap = icon(name, "dim", 16).pixmap(QSize(16, 16), self._ratio)
            made = self._icons[name] = QIcon(pixmap)
            made.addPixmap(pixmap, QIcon.Mode.Selected)
        return made

    def _head(self, item: QTreeWidgetItem, line: Line) -> None:
        item.setText(0, line.words)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setForeground(0, theme.tokens().color("dim"))
        item.setFont(0, theme.secondary_text_font())
        for column in (0, 1):
            item.setSizeHint(column, QSize(0, max(36, round(theme.body_px() * 2.6))))

    def _hint(self, item: QTreeWidgetItem, line: Line) -> None:
        item.setText(0, line.words)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setForeground(0, theme.tokens().color("dim"))
        item.setFont(0, theme.secondary_text_font())
        item.setToolTip(0, line.words)
