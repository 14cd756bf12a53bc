"""E03 in the window: a damaged library is told with its newest backup, and the window can go on with it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication

from tests.store.libraries import balance, filled
from veo_studio.core.errors import DatabaseDamaged
from veo_studio.core.paths import Paths
from veo_studio.core.store.backups import back_up
from veo_studio.ui.dialogs import Question
from veo_studio.ui.restoring import restore_question
from veo_studio.ui.start_problem import RESTORE, tell_start_problem

DAMAGE = DatabaseDamaged(
    "The database veo-studio.db is cut short.",
    backup=Path("veo-studio-20261121-100000.db"),
    backup_at=datetime.now(UTC) - timedelta(hours=2),
)

# Says yes in the place of the user, and ends as soon as the restored library is open.
_SCRIPT = """
import sys
import veo_studio.app as app
from veo_studio.core.paths import Paths
asked = []
async def accept(error):
    asked.append(error)
    print(type(error).__name__, flush=True)
    return app.RESTORE if len(asked) == 1 else 6
app.tell_start_problem = accept
opened = app.Program._open
async def close(self):
    await opened(self)
    print("open", flush=True)
    self.window.close()
app.Program._open = close
sys.exit(app.run_window(Paths.default()))
"""


@pytest.mark.usefixtures("qapp")
async def test_the_question_names_the_age_and_both_ways_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # without a person in front of it, nothing is asked at all
    assert await tell_start_problem(DAMAGE) == 6
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "xcb")
    for press, code in (("do_it", RESTORE), ("leave_it", 6)):
        telling = asyncio.create_task(tell_start_problem(DAMAGE))
        await asyncio.sleep(0)
        (question,) = [
            one
            for one in QApplication.topLevelWidgets()
            if isinstance(one, Question) and one.isVisible()
        ]
        assert "2 h ago" in question.words.text()
        assert "is cut short." in question.words.text()
        getattr(question, press).click()
        async with asyncio.timeout(10):
            assert await telling == code
    assert "is cut short." in capsys.readouterr().err


@pytest.mark.usefixtures("qapp")
def test_return_and_escape_leave_the_damaged_library_as_it_is() -> None:
    question = restore_question(DAMAGE)
    assert question.leave_it.isDefault()
    assert not question.do_it.isDefault()
    question.deleteLater()


def test_the_window_goes_on_with_the_backup(studio_home: Path) -> None:
    paths = Paths.default()
    paths.ensure()
    filled(paths.database, 3)
    back_up(paths.database, datetime.now(UTC))
    paths.database.write_bytes(b"\0" * 8192)
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.stdout.splitlines() == ["DatabaseDamaged", "open"], done.stderr
    assert done.returncode == 0
    assert balance(paths.database) == 90
    (kept,) = (studio_home / "data").glob("veo-studio-damaged-*.db")
    assert kept.read_bytes() == b"\0" * 8192
