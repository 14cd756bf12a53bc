"""What a person without a mouse, with a screen reader or with large letters meets in a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from PyQt6.QtCore import QObject, QPoint, QRect, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QToolButton,
    QWidget,
)

_OPERATED = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
)
# Qt tells a screen reader what a widget is by the class that it is made from
_WITH_A_ROLE = (*_OPERATED, QAbstractScrollArea)


def described(widget: QWidget) -> str:
    """Which widget it is, for a failure."""
    above = []
    parent: QObject | None = widget
    while parent is not None and len(above) < 4:
        above.append(f"{type(parent).__name__}#{parent.objectName()}".rstrip("#"))
        parent = parent.parent()
    text = getattr(widget, "text", None)
    words = text() if callable(text) else text
    return f"{' < '.join(above)} {str(words or '')[:50]!r}"


def in_sight(root: QWidget) -> Iterator[QWidget]:
    """Everything that is shown and can be seen or scrolled to."""
    for widget in (root, *root.findChildren(QWidget)):
        if widget.window() is root.window() and widget.isVisible():
            yield widget


def operated(root: QWidget) -> Iterator[QWidget]:
    """What takes the focus by keyboard, or a click."""
    for widget in in_sight(root):
        if isinstance(widget, QScrollBar | QHeaderView) or _is_inner(widget):
            continue
        takes_focus = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if takes_focus or isinstance(widget, _OPERATED):
            yield widget


def _is_inner(widget: QWidget) -> bool:
    """A part of a control that Qt made: the line of a spin box, the arrows of a tab bar."""
    parent = widget.parentWidget()
    if isinstance(widget, QToolButton) and isinstance(parent, QTabBar | QLineEdit):
        return True
    if isinstance(parent, QComboBox) and isinstance(widget, QLineEdit):
        return False
    is_spoken = isinstance(widget, QTabBar | QLineEdit)
    return isinstance(parent, QComboBox) or (
        widget.objectName().startswith("qt_") and not is_spoken
    )


def name_of(widget: QWidget) -> str:
    """What a screen reader says, as Qt finds it: the name, the label beside it, its own words."""
    if widget.accessibleName():
        return widget.accessibleName()
    for label in widget.window().findChildren(QLabel):
        if label.buddy() is widget and label.text():
            return label.text()
    if isinstance(widget, QAbstractButton):
        return widget.text()
    return ""


def nameless(root: QWidget) -> list[str]:
    """What a screen reader could only call by its kind, or not even that."""
    found = []
    for widget in operated(root):
        if widget.focusProxy() is not None:
            continue
        if not name_of(widget).strip():
            found.append(f"no name: {described(widget)}")
        elif not isinstance(widget, _WITH_A_ROLE):
            found.append(f"no role: {described(widget)}")
    return found


def walked(start: QWidget, most: int = 400) -> list[QWidget]:
    """Where Tab gets to, beginning at `start`, in its order."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    found: dict[QWidget, None] = {}
    for _ in range(most):
        here = QApplication.focusWidget()
        if here is None:
            break
        found[here] = None
        QTest.keyClick(here, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is start:
            break
    return list(found)


def backwards(stops: Sequence[QWidget]) -> list[str]:
    """Where Tab goes up, or to the left in one line; what is right of another may be higher."""
    found = []
    for before, after in pairwise(stops):
        one, two = _place(before), _place(after)
        is_above = two.bottom() < one.top() and two.left() <= one.right()
        is_left = two.right() < one.left() and two.top() <= one.bottom()
        if is_above or is_left:
            found.append(f"{described(after)} after {described(before)}")
    return found


def _place(widget: QWidget) -> QRect:
    return widget.rect().translated(widget.mapTo(widget.window(), QPoint(0, 0)))


def unreached(root: QWidget, start: QWidget) -> list[str]:
    """What takes the focus by Tab, but Tab never comes to it."""
    met = walked(start)
    missed = []
    for widget in operated(root):
        is_stop = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
        if not is_stop or widget in met or widget.focusProxy() is not None:
            continue
        if _is_of_a_group(widget) or isinstance(widget.parentWidget(), QAbstractSpinBox):
            continue
        if isinstance(widget.parentWidget(), QComboBox):
            continue
        missed.append(described(widget))
    return missed


def _is_of_a_group(widget: QWidget) -> bool:
    """One of several that arrows choose from: Tab goes to the chosen one."""
    return (
        isinstance(widget, QAbstractButton)
        and widget.group() is not None
        and widget.group().exclusive()
        and not widget.isChecked()
    )


def cut(root: QWidget) -> list[str]:
    """Labels and buttons whose words do not fit into them, or that stick out of what holds them."""
    return [
        f"{problem}: {described(widget)}"
        for widget in in_sight(root)
        if isinstance(widget, QLabel | QAbstractButton)
        and not _is_inner(widget)
        and (problem := _cut_words(widget) or _out_of_sight(widget))
    ]


def _cut_words(widget: QWidget) -> str:
    if isinstance(widget, QLabel):
        if not widget.text() or widget.textFormat() is Qt.TextFormat.RichText:
            return ""
        if widget.wordWrap():
            needed = widget.heightForWidth(widget.width())
            return f"{needed} px high in {widget.height()}" if needed > widget.height() + 1 else ""
        needed = widget.sizeHint().width()
        return f"{needed} px wide in {widget.width()}" if needed > widget.width() + 1 else ""
    if type(widget).__module__.startswith("veo_studio") and "paintEvent" in type(widget).__dict__:
        # paints its own words, and leaves out what does not fit
        return ""
    if isinstance(widget, QAbstractButton) and widget.text():
        is_icon = (
            isinstance(widget, QToolButton)
            and widget.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly
            and not widget.icon().isNull()
        )
        hint = widget.minimumSizeHint() if is_icon else widget.sizeHint()
        if hint.width() > widget.width() + 1:
            return f"{hint.width()} px wide in {widget.width()}"
        if hint.height() > widget.height() + 1:
            return f"{hint.height()} px high in {widget.height()}"
    return ""


def _out_of_sight(widget: QWidget) -> str:
    """Sticks out of a parent that does not scroll."""
    parent = widget.parentWidget()
    while parent is not None and not parent.isWindow():
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            return ""
        at = widget.mapTo(parent, QPoint(0, 0))
        inside = parent.rect().adjusted(-1, -1, 1, 1)
        if not inside.contains(widget.rect().translated(at)):
            return f"sticks out of {type(parent).__name__}"
        parent = parent.parentWidget()
    return ""
