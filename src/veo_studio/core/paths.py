"""Where the program keeps things: one place decides every folder and file name."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from veo_studio.core.errors import DiskFull, StorageError

HOME_VARIABLE = "VEO_STUDIO_HOME"


# file systems that know no files without a name (FAT, many shares)
_NO_NAMELESS_FILES = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS})


@dataclass(frozen=True)
class Paths:
    """The five folders of one user; everything else has its name below one of them."""

    data: Path
    config: Path
    cache: Path
    logs: Path
    outputs: Path

    @classmethod
    def default(cls) -> Paths:
        """`VEO_STUDIO_HOME` puts everything below one folder, else the system's own places.

        Raises StorageError where the system knows no home folder.
        """
        home = os.environ.get(HOME_VARIABLE, "").strip()
        if home:
            return cls.below(Path(home))
        import platformdirs

        name = "veo-studio"
        paths = cls(
            data=Path(platformdirs.user_data_dir(name, appauthor=False)),
            config=Path(platformdirs.user_config_dir(name, appauthor=False)),
            cache=Path(platformdirs.user_cache_dir(name, appauthor=False)),
            logs=Path(platformdirs.user_log_dir(name, appauthor=False)),
            outputs=Path(platformdirs.user_videos_dir()) / "Veo Studio",
        )
        # an empty HOME would silently become folders at the root of the file system
        is_home_known = os.environ.get("HOME", "/").startswith("/") or os.name != "posix"
        if not (is_home_known and paths.data.is_absolute() and paths.outputs.is_absolute()):
            raise StorageError(
                "The system names no home folder for this user.",
                action=f"Set {HOME_VARIABLE} to a folder for Veo Studio.",
            )
        return paths

    @classmethod
    def below(cls, home: Path) -> Paths:
        """Everything below `home`, as `VEO_STUDIO_HOME` does it."""
        with contextlib.suppress(RuntimeError):  # "~" without a known user stays a name
            home = home.expanduser()
        home = Path(os.path.abspath(home))
        return cls(
            data=home / "data",
            config=home / "config",
            cache=home / "cache",
            logs=home / "logs",
            outputs=home / "outputs",
        )

    @property
    def database(self) -> Path:
        return self.data / "veo-studio.db"

    @property
    def lock(self) -> Path:
        return self.data / "scheduler.lock"

    @property
    def rehearsal(self) -> Path:
        return self.data / "rehearsal"

    @property
    def inputs(self) -> Path:
        """Pictures and clips that generations are made from."""
        return self.data / "inputs"

    @property
    def workflows(self) -> Path:
        """The user's own ComfyUI workflows."""
        return self.config / "workflows"

    @property
    def journal(self) -> Path:
        return self.data / "operations.journal"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def settings(self) -> Path:
        return self.config / "settings.json"

    @property
    def presets(self) -> Path:
        """The user's presets and named lists."""
        return self.config / "presets.json"

    @property
    def exporting(self) -> Path:
        """The user's export presets and last choices."""
        return self.config / "exporting.json"

    @property
    def exports(self) -> Path:
        """Notes about exports that run, so that the next start finds what a kill left."""
        return self.data / "exports"

    @property
    def user_catalog(self) -> Path:
        return self.config / "models.toml"

    @property
    def thumbnails(self) -> Path:
        return self.cache / "thumbnails"

    @property
    def log_file(self) -> Path:
        return self.logs / "veo-studio.log"

    def folders(self) -> dict[str, Path]:
        """The five folders under the words that people see."""
        return {
            "data": self.data,
            "settings": self.config,
            "cache": self.cache,
            "logs": self.logs,
            "outputs": self.outputs,
        }

    def ensure(self) -> None:
        """Make the folders, private (0700) except the outputs; what lies in them becomes private too.

        Raises StorageError naming the first folder that cannot be made or written.
        """
        for folder in (self.data, self.config, self.cache, self.logs):
            ensure_folder(folder, is_private=True)
        for folder in (self.rehearsal, self.thumbnails):
            ensure_folder(folder, is_private=True)
        ensure_folder(self.outputs)
        if self.backups.is_dir():
            ensure_folder(self.backups, is_private=True)
        for folder in (self.data, self.backups, self.config, self.logs):
            with contextlib.suppress(OSError):
                make_private(*folder.iterdir())


def ensure_folder(folder: Path, *, is_private: bool = False) -> None:
    """Make `folder` where it is missing and prove that a file can be made in it.

    Raises StorageError with one sentence naming the folder and the system's reason.
    """
    try:
        # 0700 from the first moment: a umask of 000 must not open a window.
        _make_parents(folder)
        folder.mkdir(exist_ok=True, mode=0o700 if is_private else 0o777)
        if is_private and os.name == "posix":
            # File systems without modes (FAT, some shares) refuse this; nothing can be done there.
            with contextlib.suppress(PermissionError, NotImplementedError):
                if folder.stat().st_mode & 0o077:
                    folder.chmod(0o700)
        _prove_writable(folder)
    except (OSError, ValueError) as error:
        raise folder_error(folder, error) from error


def _prove_writable(folder: Path) -> None:
    """Make a file in it and leave none; where the system can, one without a name, which no kill leaves behind."""
    nameless = getattr(os, "O_TMPFILE", None)
    if nameless is not None:
        try:
            os.close(os.open(folder, nameless | os.O_WRONLY, 0o600))
            return
        except OSError as error:
            if error.errno not in _NO_NAMELESS_FILES:
                raise
    probe = folder / f".veo-studio-{os.getpid()}-{os.urandom(4).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(probe, flags, 0o600))
    probe.unlink()


def _make_parents(folder: Path) -> None:
    """Whoever may write into a parent can put another folder in the place of ours, so nobody may."""
    for parent in reversed(folder.parents):
        if not parent.exists():
            parent.mkdir(exist_ok=True, mode=0o755)


def make_private(*files: Path) -> None:
    """Take files away from everybody else (0600), also those that were made with a wider mode.

    Links are not followed, and what cannot be changed stays as it is: the folder is private anyway.
    """
    if os.name != "posix":
        return
    for file in files:
        with contextlib.suppress(OSError, NotImplementedError):
            mode = file.lstat().st_mode
            if stat.S_ISREG(mode) and mode & 0o077:
                file.chmod(0o600)


def folder_error(folder: Path, error: OSError | ValueError) -> StorageError:
    """The one sentence for a folder that cannot be used."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"There is no room left for the folder {folder}.")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return StorageError(
        f"The folder {folder} cannot be written ({reason.rstrip('.')}).",
        action="Make it writable, or choose another folder.",
    )
