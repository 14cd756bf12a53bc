"""Whether a window can be shown here: asked before Qt, which ends the process where it cannot.

Imports only the standard library, and answers within milliseconds.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

_TIMEOUT_S = 1.0
# What PyQt6's wheel expects from the system, with the Debian package of each.
_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libpulse.so.0": "libpulse0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
_X_PACKAGES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def display_problem(environ: Mapping[str, str] = os.environ) -> str:
    """Why no window can be shown, as part of a sentence; empty where one can."""
    if not sys.platform.startswith("linux"):
        return ""
    platforms = [
        name.split(":")[0].strip() for name in environ.get("QT_QPA_PLATFORM", "").split(";")
    ]
    platforms = [name for name in platforms if name]
    if any(not name.startswith(("xcb", "wayland")) for name in platforms):
        return ""  # offscreen, vnc and the like need no display
    wants_x = not platforms or any(name.startswith("xcb") for name in platforms)
    wants_wayland = not platforms or any(name.startswith("wayland") for name in platforms)
    problems = []
    if wants_wayland and (name := environ.get("WAYLAND_DISPLAY")):
        if _wayland_answers(name, environ):
            return ""
        problems.append(f"the Wayland display {name} does not answer")
    if wants_x and (name := environ.get("DISPLAY")):
        if _x_answers(name):
            return ""
        problems.append(f"the display {name} does not answer")
    return " and ".join(problems) or "DISPLAY is not set"


def library_problem(known_missing: Iterable[str] = ()) -> str:
    """One sentence naming the system libraries that Qt misses and their packages, or nothing."""
    missing = sorted({*known_missing, *missing_libraries()})
    if not missing:
        return ""
    known = {**_PACKAGES, **_X_PACKAGES}
    packages = sorted({known[name] for name in missing if name in known})
    advice = f" Install {', '.join(packages)} (`sudo apt install {' '.join(packages)}`)."
    return (
        f"The window needs system libraries that are missing: {', '.join(missing)}."
        f"{advice if packages else ''}"
    )


def plugin_problem(environ: Mapping[str, str] = os.environ) -> str:
    """What `library_problem` says of libraries whose lack Qt would not tell, but end the program for.

    The import of Qt tells of all others, and loading them here first would take as long again.
    """
    return library_problem() if _needs_x(environ) else ""


def _needs_x(environ: Mapping[str, str]) -> bool:
    platform = environ.get("QT_QPA_PLATFORM", "")
    is_x = platform.startswith("xcb") or (not platform and "DISPLAY" in environ)
    return is_x and sys.platform.startswith("linux")


def missing_libraries(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Names of the shared libraries that Qt would not find; only what its X plug-in needs on X."""
    if not sys.platform.startswith("linux"):
        return []
    needs_x = _needs_x(environ)
    if needs_x and (plugin := _x_plugin()) is not None and _loads(str(plugin)):
        return []  # it was loaded with everything it needs, in one go
    wanted = {**_PACKAGES, **(_X_PACKAGES if needs_x else {})}
    return [name for name in wanted if not _loads(name)]


def _x_plugin() -> Path | None:
    spec = importlib.util.find_spec("PyQt6")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        plugin = Path(folder) / "Qt6" / "plugins" / "platforms" / "libqxcb.so"
        if plugin.exists():
            return plugin
    return None


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _wayland_answers(name: str, environ: Mapping[str, str]) -> bool:
    return _connects(os.path.join(environ.get("XDG_RUNTIME_DIR", "/"), name))


def _x_answers(name: str) -> bool:
    """Connect, then let libxcb do it with the user's authority: Qt would abort where that fails."""
    match = re.fullmatch(r"(?:(?P<protocol>[a-z]+)/)?(?P<host>[^:]*):(?P<number>\d+)(\.\d+)?", name)
    if match is None:
        is_open = name.startswith("/") and _connects(name)
    elif match["host"] in ("", "unix") and match["protocol"] in (None, "unix", "local"):
        # A local server answers or refuses at once. It must not be tried by a socket first: an X server
        # starts anew when its last client leaves, and would turn away whoever comes next.
        is_open = True
    else:
        is_open = _connects_to(match["host"] or "localhost", 6000 + int(match["number"]))
    return is_open and _x_lets_in(name)


def _connects(path: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_TIMEOUT_S)
            connection.connect(path)
    except OSError:
        return False
    return True


def _connects_to(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host.strip("[]"), port), _TIMEOUT_S):
            return True
    except OSError:
        return False


def _x_lets_in(name: str) -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the missing library is the better thing to name
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(name), None)
    if xcb.xcb_connection_has_error(connection):
        xcb.xcb_disconnect(connection)
        return False
    # Kept until the program ends, so that the server does not start anew before the window comes.
    return True
