"""Whether the system asks for less motion, asked of a portal on a bus of the test's own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from jeepney import HeaderFields, Message, MessageType, new_error, new_method_return
from PyQt6.QtWidgets import QApplication

from tests.ui.notification_service import _Socket
from veo_studio.ui import motion


class Portal:
    """Answers one question about the setting; None: it knows no such setting."""

    def __init__(self, path: Path, has_animations: bool | None) -> None:
        self._line = _Socket(path)
        self._answer = has_animations
        self.asked: list[tuple[str, ...]] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._is_over.set()
        self._thread.join(30)
        self._line.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while not self._is_over.is_set():
            try:
                message = self._line.receive()
            except (OSError, ConnectionError):
                return
            if message is not None and message.header.message_type is MessageType.method_call:
                self._take(message)

    def _take(self, call: Message) -> None:
        if call.header.fields.get(HeaderFields.member) != "ReadOne":
            self._line.answer_bus(call)
            return
        self.asked.append(tuple(call.body))
        if self._answer is None:
            self._line.send(new_error(call, "org.freedesktop.portal.Error.NotFound"))
        else:
            self._line.send(new_method_return(call, "v", (("b", self._answer),)))


@contextlib.contextmanager
def portal(path: Path, has_animations: bool | None) -> Iterator[Portal]:
    made = Portal(path, has_animations)
    try:
        yield made
    finally:
        made.end()


@pytest.mark.parametrize(
    ("has_animations", "is_reduced"), [(True, False), (False, True), (None, False)]
)
async def test_the_portal_says_it(
    qapp: QApplication,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_animations: bool | None,
    is_reduced: bool,
) -> None:
    with portal(tmp_path / "bus", has_animations) as service:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        assert await motion._of_portal() is is_reduced
        assert service.asked == [("org.gnome.desktop.interface", "enable-animations")]


async def test_without_a_bus_nobody_asks_for_less(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert await motion._of_portal() is False
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'gone'}")
    assert await motion._of_portal() is False
