"""A keyring that works, for programs of their own: what is kept lies in a file of the test."""

from __future__ import annotations

from pathlib import Path

SOURCE = '''
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend

class Kept(KeyringBackend):
    """Keeps keys from one start to the next, as a working system keyring would."""
    priority = 9

    @property
    def file(self):
        return Path(os.environ["KEPT_KEYS"])

    def _all(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def get_password(self, service, username):
        return self._all().get(f"{service}/{username}")

    def set_password(self, service, username, password):
        self.file.write_text(json.dumps({**self._all(), f"{service}/{username}": password}))

    def delete_password(self, service, username):
        kept = self._all()
        kept.pop(f"{service}/{username}")
        self.file.write_text(json.dumps(kept))
'''


def keep_keys(program, folder: Path) -> Path:
    """Give `program` that keyring; returns the file of its keys."""
    (folder / "kept_keyring.py").write_text(SOURCE)
    program.env |= {
        "PYTHON_KEYRING_BACKEND": "kept_keyring.Kept",
        "PYTHONPATH": f"{program.env['PYTHONPATH']}:{folder}",
        "KEPT_KEYS": str(folder / "keys.json"),
    }
    return folder / "keys.json"
