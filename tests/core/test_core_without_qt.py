"""The core runs on a server: every module imports with PyQt6 and qasync out of reach."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys
for name in ("PyQt6", "qasync", "qtawesome"):
    sys.modules[name] = None
import veo_studio.core
count = 0
for module in pkgutil.walk_packages(veo_studio.core.__path__, "veo_studio.core."):
    if ".migrations." in module.name and module.name.rsplit(".", 1)[1] in ("env",):
        continue  # runs inside alembic only
    importlib.import_module(module.name)
    count += 1
for name in veo_studio.core.__all__:
    getattr(veo_studio.core, name)
print(count)
"""


def test_every_core_module_imports_without_qt() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 25
