"""What the tests of the Storyboard tab share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication

from tests.ui.window.conftest import QUIET_MACHINE
from veo_studio.core.paths import Paths
from veo_studio.ui.theme import Theme


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(*QUIET_MACHINE))


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The look of the program; the application is left as it was found."""
    made = Theme()
    made.apply(qapp, "dark")
    yield made
    made.apply(qapp, "dark")


@pytest.fixture
def paths(studio_home: Path) -> Paths:
    return Paths.default()
