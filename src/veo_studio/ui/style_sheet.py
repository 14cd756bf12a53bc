"""What a palette cannot say about widgets, as one style sheet."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from veo_studio.ui.colors import BLACK, Tokens, mixed

RADIUS_PX = 6
CONTROL_HEIGHT_PX = 30


def resource_path(name: str) -> Path:
    """A file of `veo_studio/resources`."""
    return Path(str(resources.files("veo_studio") / "resources" / name))


def accent_grounds(colors: Tokens) -> tuple[str, str]:
    """The main button under the mouse, and pressed: away from the colour of its words."""
    hover = mixed(colors.accent, colors.text if colors.is_dark else BLACK, 0.14)
    pressed = mixed(colors.accent, colors.window if colors.is_dark else BLACK, 0.18)
    return hover.name(), pressed.name()


def style_sheet(colors: Tokens, line_px: int = 0) -> str:
    """What a palette cannot say: rounded fields and buttons, thin separators, quiet scroll bars.

    `line_px` is the height of a line of text: no control is squeezed under it.
    """
    scheme = "dark" if colors.is_dark else "light"

    def mark(name: str) -> str:
        return resource_path(f"marks/{name}-{scheme}.svg").as_posix()

    hover = mixed(colors.raised, colors.text, 0.07).name()
    pressed = mixed(colors.raised, colors.text, 0.14).name()
    accent_hover, accent_pressed = accent_grounds(colors)
    disabled = mixed(colors.pane, colors.dim, 0.65).name()
    field_height = max(CONTROL_HEIGHT_PX - 2 - 2 * 3, line_px)
    return f"""
QToolTip {{
  background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};
  padding: 4px 8px;
}}
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {{
  background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};
  border-radius: {RADIUS_PX}px; padding: 3px 8px; min-height: {field_height}px;
  selection-background-color: {colors.accent}; selection-color: {colors.on_accent};
}}
QLineEdit {{ lineedit-clear-button-icon: url({mark("clear")}); }}
QPlainTextEdit, QTextEdit {{ padding: 4px; }}
QPlainTextEdit[value="true"] {{ background: transparent; border: none; padding: 0; min-height: 0; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus,
QComboBox:on {{ border-color: {colors.accent}; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QAbstractSpinBox:disabled,
QComboBox:disabled {{ color: {disabled}; background: {colors.pane}; }}
QComboBox::drop-down, QDateTimeEdit::drop-down {{
  border: none; width: 24px; subcontrol-origin: padding; subcontrol-position: center right;
}}
QComboBox::down-arrow, QDateTimeEdit::down-arrow {{ image: url({mark("caret-down")}); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{
  background: {colors.raised}; border: 1px solid {colors.line}; outline: none; padding: 4px;
  selection-background-color: {colors.accent}; selection-color: {colors.on_accent};
}}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
  border: none; background: transparent; width: 20px; subcontrol-origin: border;
}}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; margin: 2px 2px 0 0; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; margin: 0 2px 2px 0; }}
QAbstractSpinBox::up-arrow {{ image: url({mark("caret-up")}); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: url({mark("caret-down")}); width: 10px; height: 10px; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QPushButton {{
  background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};
  border-radius: {RADIUS_PX}px; padding: 3px 12px; min-height: {field_height}px;
}}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed, QPushButton:checked {{ background: {pressed}; }}
QPushButton:focus {{ border-color: {colors.accent}; }}
QPushButton:disabled {{ color: {disabled}; background: {colors.pane}; }}
QPushButton[accent="true"] {{
  background: {colors.accent}; color: {colors.on_accent}; border-color: {colors.accent};
  font-weight: 600; min-height: {field_height + 4}px;
}}
QPushButton[accent="true"]:hover {{ background: {accent_hover}; }}
QPushButton[accent="true"]:pressed {{ background: {accent_pressed}; }}
QPushButton[accent="true"]:focus {{ border-color: {colors.text}; }}
QPushButton[accent="true"]:disabled {{
  background: {colors.raised}; color: {disabled}; border-color: {colors.line};
}}
QPushButton[link="true"] {{
  background: transparent; border: 1px solid transparent; color: {colors.accent}; padding: 3px 0;
}}
QPushButton[link="true"]:hover {{ text-decoration: underline; }}
QPushButton[link="true"]:focus {{ border-color: {colors.accent}; }}
QPushButton[link="true"]:disabled {{ color: {disabled}; text-decoration: none; }}
QToolButton {{
  background: transparent; border: 1px solid transparent; border-radius: {RADIUS_PX}px;
  padding: 3px; min-width: 22px; min-height: {field_height}px; color: {colors.text};
}}
QToolButton:hover {{ background: {colors.raised}; }}
QToolButton:pressed {{ background: {pressed}; }}
QToolButton:focus {{ border-color: {colors.accent}; }}
QToolButton:checked {{ background: {colors.raised}; border-color: {colors.line}; }}
QToolButton:checked:focus {{ border-color: {colors.accent}; }}
QToolButton[fold="true"] {{ padding: 3px 4px; }}
QToolButton[fold="true"]:checked {{ background: transparent; border-color: transparent; }}
QToolButton[fold="true"]:hover {{ background: {colors.raised}; }}
QToolButton[fold="true"]:focus {{ border-color: {colors.accent}; }}
QToolButton:disabled {{ color: {disabled}; }}
QToolButton[tile="true"] {{ border: 1px solid {colors.line}; background: {colors.raised}; padding: 4px; }}
QToolButton[edge="true"] {{ border: 1px solid {colors.line}; padding: 3px 8px; }}
QToolButton[edge="true"]:checked {{ background: {colors.raised}; border-color: {colors.accent}; }}
QToolButton[tile="true"]:checked {{ border-color: {colors.accent}; }}
QToolButton[tile="true"]:hover, QToolButton[edge="true"]:hover {{ border-color: {colors.dim}; }}
QToolButton[tile="true"]:focus, QToolButton[edge="true"]:focus {{ border-color: {colors.accent}; }}
QToolButton[overlay="true"] {{
  background: {colors.pane}; border: 1px solid {colors.line}; border-radius: 10px; padding: 0;
  min-width: 18px; min-height: 18px;
}}
QToolButton::menu-indicator {{ image: none; }}
QLineEdit QToolButton {{ padding: 0; border: none; min-width: 0; min-height: 0; }}
QLabel {{ background: transparent; }}
*[dim="true"] {{ color: {colors.dim}; }}
*[dim="true"]:disabled {{ color: {disabled}; }}
QCheckBox {{ spacing: 8px; min-height: 28px; background: transparent; }}
QCheckBox::indicator {{
  width: 16px; height: 16px; border: 1px solid {colors.dim}; border-radius: 4px;
  background: {colors.raised};
}}
QCheckBox::indicator:checked {{
  background: {colors.accent}; border-color: {colors.accent}; image: url({mark("check")});
}}
QCheckBox::indicator:focus {{ border: 2px solid {colors.accent}; width: 14px; height: 14px; }}
QCheckBox::indicator:checked:focus {{ border-color: {colors.text}; }}
QCheckBox::indicator:disabled {{ border-color: {colors.line}; }}
QCheckBox::indicator:checked:disabled {{ background: {disabled}; border-color: {disabled}; }}
QRadioButton {{ spacing: 8px; min-height: 28px; background: transparent; }}
QRadioButton::indicator {{
  width: 16px; height: 16px; border: 1px solid {colors.dim}; border-radius: 9px;
  background: {colors.raised};
}}
QRadioButton::indicator:checked {{ width: 8px; height: 8px; border: 5px solid {colors.accent}; }}
QRadioButton::indicator:focus {{ border-color: {colors.accent}; }}
QRadioButton::indicator:checked:focus {{ background: {colors.text}; }}
QSlider {{ min-height: 28px; background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {colors.line}; }}
QSlider::sub-page:horizontal {{ border-radius: 2px; background: {colors.accent}; }}
QSlider::sub-page:horizontal:disabled {{ background: {colors.line}; }}
QSlider::handle:horizontal {{
  width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {colors.text};
}}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{
  background: {colors.accent};
}}
QSlider::handle:horizontal:focus {{
  border: 2px solid {colors.text}; width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
}}
QSlider::handle:horizontal:disabled {{ background: {disabled}; }}
QListView, QTreeView, QTableView {{ background: {colors.pane}; border: none; outline: none; }}
QTreeView {{
  selection-background-color: {colors.raised}; selection-color: {colors.text};
  show-decoration-selected: 1;
}}
QTreeView::item {{ padding: 5px 8px; border: none; }}
QTreeView::item:hover {{ background: {mixed(colors.pane, colors.raised, 0.55).name()}; }}
QTreeView::item:selected {{ background: {colors.raised}; color: {colors.text}; }}
QTableView {{ selection-background-color: {colors.raised}; selection-color: {colors.text}; }}
QTableView::item {{ padding: 2px 8px; border: none; }}
QTableView::item:selected {{ background: {colors.raised}; }}
QHeaderView {{ background: {colors.pane}; border: none; }}
QHeaderView::section {{
  background: {colors.pane}; color: {colors.dim}; border: none;
  border-bottom: 1px solid {colors.line}; padding: 5px 11px;
}}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {colors.line}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:hover {{ background: {colors.dim}; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QSplitter::handle {{ background: {colors.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QSplitter::handle:hover {{ background: {colors.accent}; }}
QMenu {{
  background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line}; padding: 4px;
}}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::item:selected {{ background: {colors.accent}; color: {colors.on_accent}; }}
QMenu::item:disabled {{ color: {disabled}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {colors.line}; margin: 4px 8px; }}
QMenuBar {{ background: {colors.window}; color: {colors.text}; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {colors.raised}; }}
QTabWidget::pane {{ border: none; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{
  background: transparent; color: {colors.dim}; padding: 6px 12px; margin: 4px 2px;
  border: 1px solid transparent; border-radius: {RADIUS_PX}px;
}}
QTabBar::tab:hover {{ color: {colors.text}; }}
QTabBar::tab:selected {{ background: {colors.raised}; color: {colors.text}; }}
QTabBar::tab:focus {{ border-color: {colors.accent}; }}
QProgressBar {{
  background: {colors.line}; border: none; border-radius: 2px; max-height: 4px;
  color: transparent;
}}
QProgressBar::chunk {{ background: {colors.accent}; border-radius: 2px; }}
QStatusBar {{ background: {colors.window}; color: {colors.dim}; }}
QStatusBar::item {{ border: none; }}
"""
