"""Starting without arguments: a window where there is a display, a sample clip where there is none."""

import os
import socket
import subprocess
import sys

import pytest

from veo_studio.cli.display import display_problem, library_problem, missing_libraries

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays of Linux")


@linux
def test_without_a_display_a_sample_is_made(program):
    done = program.run(env={"DISPLAY": ":973"})
    first, *_ = done.stderr.splitlines()
    assert "the display :973 does not answer" in first
    assert os.path.isfile(done.stdout.removesuffix("\n"))
    assert "100 %" in done.stderr
    (sample,) = program.json("history")
    assert sample["provider"] == "rehearsal"


@linux
@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({}, "DISPLAY is not set"),
        ({"DISPLAY": ""}, "DISPLAY is not set"),
        ({"DISPLAY": ":973"}, "the display :973 does not answer"),
        ({"DISPLAY": "nonsense"}, "the display nonsense does not answer"),
        ({"DISPLAY": "localhost:973.0"}, "the display localhost:973.0 does not answer"),
        ({"WAYLAND_DISPLAY": "wayland-973"}, "the Wayland display wayland-973 does not answer"),
        ({"QT_QPA_PLATFORM": "offscreen"}, ""),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, ""),
        ({"QT_QPA_PLATFORM": "minimal", "DISPLAY": ":973"}, ""),
        ({"QT_QPA_PLATFORM": "xcb"}, "DISPLAY is not set"),
    ],
    ids=str,
)
def test_what_counts_as_a_display(environ, problem):
    assert display_problem(environ) == problem


@linux
def test_a_wayland_socket_that_answers_is_a_display(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        environ = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
        assert display_problem(environ) == ""
        assert display_problem({**environ, "QT_QPA_PLATFORM": "xcb"}) != ""


@linux
def test_an_x_server_that_refuses_us_is_no_display(tmp_path):
    """It listens but never speaks X: Qt would abort there."""
    # such names are the machine's: another run of these tests must not meet this one
    number = 100 + os.getpid() % 800
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        import threading

        def hang_up():
            for _ in range(2):
                server.accept()[0].close()

        refusing = threading.Thread(target=hang_up, daemon=True)
        refusing.start()
        assert (
            display_problem({"DISPLAY": f":{number}"}) == f"the display :{number} does not answer"
        )
        refusing.join(5)


@linux
def test_missing_libraries_are_named_with_their_packages():
    words = library_problem(["libEGL.so.1", "libxcb-cursor.so.0", "libunheard.so.9"])
    assert "libEGL.so.1" in words
    assert "libunheard.so.9" in words
    assert "libegl1" in words
    assert "libxcb-cursor0" in words
    assert "\n" not in words
    assert missing_libraries({"QT_QPA_PLATFORM": "offscreen"}) == []


@linux
def test_a_library_that_qt_misses_is_one_sentence(program, tmp_path):
    fake = tmp_path / "fake" / "PyQt6"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text(
        'raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")'
    )
    env = {
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": f"{tmp_path / 'fake'}{os.pathsep}{program.env['PYTHONPATH']}",
    }
    done = program.run(env=env, code=1)
    assert "libegl1" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_start_of_the_window_imports_nothing_of_the_command_line(program):
    code = (
        "import sys, veo_studio.__main__, veo_studio.cli.display; "
        "sys.exit(' '.join({'typer', 'rich', 'sqlalchemy', 'aiohttp', 'PyQt6'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=program.env, capture_output=True, text=True, timeout=30
    )
    assert done.stderr.strip() == ""
