"""The settings of the services on the real settings, keys and adapters, against servers on 127.0.0.1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit, QWidget

from tests.providers.servers.runway import KEY, runway
from tests.ui.waiting import becomes, emitted
from veo_studio.core.catalog import Catalog
from veo_studio.core.connecting import ProviderSettings
from veo_studio.core.models import Pause, PauseKind
from veo_studio.core.providers.registry import ProviderRegistry
from veo_studio.core.providers.rehearsal.server import RehearsalServer
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.task_scope import TaskScope
from veo_studio.ui.dialogs import Question
from veo_studio.ui.theme import Theme
from veo_studio.ui.view_models.services_model import ServicesModel, Standing
from veo_studio.ui.views.services import ServicesDialog
from veo_studio.ui.views.services_page import ServicePage

GOOGLE_KEY = "AIza-a-key-for-tests"


@dataclass
class Desk:
    """The dialog as its user has it, and what is stored behind it."""

    dialog: ServicesDialog
    model: ServicesModel
    settings: Settings
    file: Path
    secrets: Secrets
    registry: ProviderRegistry
    pauses: dict[str, Pause] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def page(self, provider_id: str) -> ServicePage:
        self.dialog.show_service(provider_id)
        return self.dialog.page

    @property
    def stored(self) -> Settings:
        return Settings.load(self.file)

    async def answered(self, page: ServicePage) -> str:
        """What the test under way comes to."""
        name = page.provider_id

        def is_over() -> bool:
            trial = self.model.trial(name)
            return trial is not None and not trial.is_running

        await becomes(is_over, self.model.changed)
        return page.trial.result.text

    async def changed(self, name: str) -> None:
        await becomes(lambda: name in self.told, self.model.connected)
        self.told.clear()


@asynccontextmanager
async def desk_in(home: Path, environ: Mapping[str, str] | None = None) -> AsyncIterator[Desk]:
    environ = environ or {}
    settings, file = Settings(), home / "settings.json"
    home.mkdir(exist_ok=True)
    catalog = Catalog.load()
    secrets = Secrets(environ=environ)
    registry = ProviderRegistry(
        catalog, secrets.key, home / "rehearsal", environ, settings=settings
    )
    providers = ProviderSettings(catalog, secrets, settings, file, registry, environ=environ)
    scope = TaskScope(lambda error: pytest.fail(repr(error)))
    pauses: dict[str, Pause] = {}
    model = ServicesModel(providers, lambda: pauses, scope.spawn, workflows=home / "workflows")
    dialog = ServicesDialog(model, scope.spawn)
    model.setParent(dialog)
    made = Desk(dialog, model, settings, file, secrets, registry, pauses)
    model.connected.connect(made.told.append)
    if not model.workflows:
        await emitted(model.workflows_changed)
    try:
        yield made
    finally:
        dialog.hide()
        await scope.close()
        dialog.deleteLater()
        await registry.close()


@pytest.fixture
async def desk(tmp_path: Path, theme: Theme) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path / "desk") as made:
        yield made


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    made = Theme()
    made.apply(qapp, "dark")
    return made


def put(edit: QLineEdit, words: str) -> None:
    """Type `words` and press Enter."""
    edit.clear()
    QTest.keyClicks(edit, words)
    QTest.keyClick(edit, Qt.Key.Key_Return)


async def connected(desk: Desk, provider_id: str, address: str, key: str) -> ServicePage:
    page = desk.page(provider_id)
    put(page.address.edit, address)
    await desk.changed(provider_id)
    put(page.key.edit, key)
    await desk.changed(provider_id)
    return page


# keys


async def test_a_right_key_is_proved_with_what_is_left_there(desk: Desk) -> None:
    async with runway(b"") as server:
        page = await connected(desk, "runway", server.url, KEY)
        assert page.key.edit.text() == ""
        page.trial.test.click()
        assert await desk.answered(page) == (
            "Runway accepted the key and told the balance. Left there: 1,250 credits, about $12.50."
        )
        assert page.standing.text() == "ready"
        assert not server.paid


async def test_a_key_that_is_only_typed_is_kept_and_tested(desk: Desk) -> None:
    async with runway(b"") as server:
        page = desk.page("runway")
        put(page.address.edit, server.url)
        await desk.changed("runway")
        assert not page.trial.test.isEnabled()
        QTest.keyClicks(page.key.edit, f"  {KEY} ")
        page.trial.test.click()
        assert "accepted" in await desk.answered(page)
        assert desk.secrets.key("runway") == KEY


async def test_a_wrong_key_is_refused_and_says_what_to_do(desk: Desk) -> None:
    async with runway(b"") as server:
        page = await connected(desk, "runway", server.url, "not-the-key-at-all")
        page.trial.test.click()
        words = await desk.answered(page)
        assert words.startswith("Runway does not accept the API key.")
        assert "paste another one" in words
        assert "not-the-key-at-all" not in words
        assert desk.model.standing("runway") is Standing.REFUSED
        put(page.key.edit, KEY)
        await desk.changed("runway")
        # what was said of the old key is not said of the new one
        assert page.trial.result.text == ""
        assert desk.model.standing("runway") is Standing.READY


async def test_google_is_tested_with_the_engine_in_its_place(desk: Desk, tmp_path: Path) -> None:
    async with RehearsalServer(tmp_path / "google", required_api_key=GOOGLE_KEY) as server:
        page = await connected(desk, "gemini", server.base_url, "AIza-another-one")
        page.trial.test.click()
        assert "does not accept" in await desk.answered(page)
        put(page.key.edit, GOOGLE_KEY)
        await desk.changed("gemini")
        page.trial.test.click()
        assert "Google accepted the key." in await desk.answered(page)


@pytest.mark.parametrize("key", ["two words", "one\ntwo", "key\twith-tab", "schlüssel"])
async def test_what_cannot_be_a_key_is_refused_with_a_sentence(desk: Desk, key: str) -> None:
    page = desk.page("runway")
    QApplication.clipboard().setText(key)
    page.key.paste.click()
    assert page.key.edit.text() == key
    page.key.save.click()
    await becomes(lambda: "not a key" in page.key.note.text(), page.key.edit.selectionChanged)
    assert page.key.edit.text() == key
    assert desk.secrets.key("runway") is None


async def test_spaces_and_a_line_end_around_a_pasted_key_are_cut(desk: Desk) -> None:
    page = desk.page("kie")
    QApplication.clipboard().setText("  kie-key-0123456789\n")
    page.key.paste.click()
    page.key.save.click()
    await desk.changed("kie")
    assert desk.secrets.key("kie") == "kie-key-0123456789"
    assert "until the program ends" in page.key.note.text()
    page.key.remove.click()
    await desk.changed("kie")
    assert desk.secrets.key("kie") is None
    assert not page.key.remove.isEnabled()
    assert page.standing.text() == "not connected"


async def test_a_key_is_hidden_until_it_is_asked_for(desk: Desk) -> None:
    page = desk.page("runway")
    assert page.key.edit.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(page.key.edit, "secret")
    page.key.eye.click()
    assert page.key.edit.echoMode() is QLineEdit.EchoMode.Normal
    QTest.keyClick(page.key.edit, Qt.Key.Key_Escape)
    assert page.key.edit.text() == ""
    assert page.key.edit.echoMode() is QLineEdit.EchoMode.Password
    assert desk.dialog.isVisible()


async def test_what_the_environment_decides_is_said_and_left_alone(
    tmp_path: Path, theme: Theme
) -> None:
    environ = {
        "RUNWAYML_API_SECRET": KEY,
        "COMFYUI_URL": "http://127.0.0.1:8188",
        "VEO_STUDIO_VERTEX_PROJECT": "my-films",
    }
    async with desk_in(tmp_path / "desk", environ) as desk:
        page = desk.page("runway")
        assert "the environment variable RUNWAYML_API_SECRET" in page.key.note.text()
        assert not page.key.remove.isEnabled()
        page = desk.page("comfyui")
        assert not page.address.edit.isEnabled()
        assert page.address.edit.text() == "http://127.0.0.1:8188"
        assert "COMFYUI_URL decides this" in page.address.note.text()
        page = desk.page("vertex")
        assert not page.options["project"].edit.isEnabled()
        assert page.options["location"].edit.isEnabled()


async def test_closing_keeps_a_key_that_was_pasted_and_escape_does_not(desk: Desk) -> None:
    page = desk.page("runway")
    QTest.keyClicks(page.key.edit, "key-one-0123456789")
    QTest.mouseClick(desk.dialog.leave, Qt.MouseButton.LeftButton)
    await desk.changed("runway")
    assert desk.secrets.key("runway") == "key-one-0123456789"
    page = desk.page("runway")
    QTest.keyClicks(page.key.edit, "key-two")
    QTest.keyClick(page.key.edit, Qt.Key.Key_Escape)
    QTest.keyClick(page.key.edit, Qt.Key.Key_Escape)
    assert not desk.dialog.isVisible()
    assert desk.secrets.key("runway") == "key-one-0123456789"


# addresses


async def test_no_server_is_said_and_nothing_hangs(desk: Desk) -> None:
    async with runway(b"") as server:
        address = server.url
    page = await connected(desk, "runway", address, KEY)
    page.trial.test.click()
    words = await desk.answered(page)
    assert words
    assert desk.model.trial("runway").report is None  # type: ignore[union-attr]
    assert page.trial.test.isEnabled()


async def test_a_test_that_gets_no_answer_is_cancelled(desk: Desk) -> None:
    release = asyncio.Event()
    asked = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await release.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        page = await connected(desk, "runway", f"http://127.0.0.1:{port}", KEY)
        page.trial.test.click()
        await becomes(lambda: page.trial.stop.isVisible(), desk.model.changed)
        assert page.trial.busy.isVisible()
        assert "is being asked" in page.trial.result.text
        async with asyncio.timeout(20):
            await asked.wait()
        page.trial.stop.click()
        assert not page.trial.stop.isVisible()
        assert page.trial.result.text == ""
        assert page.trial.test.isEnabled()
        release.set()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("example.com", "must begin with https://"),
        ("ftp://example.com", "no web address"),
        ("https://example.com/?a=1", "goes on after its path"),
    ],
)
async def test_what_is_no_address_is_refused_under_the_field(
    desk: Desk, address: str, words: str
) -> None:
    page = desk.page("runway")
    put(page.address.edit, address)
    await becomes(lambda: words in page.address.note.text(), page.address.refused)
    assert page.address.edit.text() == address
    assert desk.settings.addresses == {}
    # it stays to be mended also when something else changes
    desk.model.refresh()
    assert page.address.edit.text() == address
    QTest.keyClick(page.address.edit, Qt.Key.Key_Escape)
    assert page.address.edit.text() == ""
    assert desk.dialog.isVisible()


async def question_of(desk: Desk) -> Question:
    """What is asked before an address is taken; other tasks go on meanwhile."""
    for _ in range(20):
        await asyncio.sleep(0)
        for question in desk.dialog.findChildren(Question):
            return question
    raise AssertionError("nothing was asked")


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_plain_http_to_another_machine_needs_a_yes(desk: Desk, is_allowed: bool) -> None:
    page = desk.page("comfyui")
    put(page.address.edit, "http://192.168.1.20:8188")
    question = await question_of(desk)
    assert "not encrypted" in question.words.text()
    # the safe answer is the one that Enter gives
    assert question.leave_it.isDefault()
    if not is_allowed:
        question.reject()
        await becomes(lambda: page.address.edit.text() == "", page.address.edit.textChanged)
        assert desk.settings.addresses == {}
        assert desk.settings.plain_http == {}
        return
    question.do_it.click()
    await desk.changed("comfyui")
    assert desk.stored.addresses == {"comfyui": "http://192.168.1.20:8188"}
    assert desk.stored.plain_http == {"comfyui": "http://192.168.1.20:8188"}
    assert page.standing.text() == "ready"


async def test_usual_goes_back_to_the_address_of_the_service(desk: Desk) -> None:
    page = desk.page("runway")
    assert not page.address.usual.isEnabled()
    put(page.address.edit, "https://gateway.example.com")
    await desk.changed("runway")
    assert desk.stored.addresses == {"runway": "https://gateway.example.com"}
    assert page.address.note.text() == "Usually https://api.dev.runwayml.com"
    page.address.usual.click()
    await desk.changed("runway")
    assert desk.stored.addresses == {}
    assert page.address.edit.text() == ""


async def test_options_and_how_many_at_once_are_stored_at_once(desk: Desk) -> None:
    page = desk.page("vertex")
    assert page.missing.text() == "Project is needed: fill it in."
    assert desk.dialog.focusWidget() is page.options["project"].edit
    put(page.options["project"].edit, "my-films-123")
    await desk.changed("vertex")
    assert desk.stored.options == {"vertex": {"project": "my-films-123"}}
    page.at_once.setValue(7)
    await becomes(
        lambda: desk.file.exists() and desk.stored.concurrency == {"vertex": 7}, desk.model.changed
    )
    page.at_once.setValue(desk.model.state("vertex").info.concurrency)
    await becomes(lambda: desk.stored.concurrency == {}, desk.model.changed)


# the list


async def test_the_list_says_how_each_stands(desk: Desk) -> None:
    assert [desk.model.look(name).words for name in desk.model.ids()] == [
        "ready", "not connected", "not connected", "not connected", "not connected", "not connected"
    ]  # fmt: skip
    await desk.model.set_key("runway", KEY)
    await desk.model.set_key("kie", "kie-key-0123456789")
    now = datetime.now(UTC)
    desk.pauses["runway"] = Pause("runway", PauseKind.KEY, "", now)
    desk.pauses["kie"] = Pause("kie", PauseKind.USER, "", now)
    desk.model.refresh()
    assert desk.model.look("runway").words == "key refused"
    assert desk.model.look("kie").words == "paused"
    spoken = [
        desk.dialog.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole)  # type: ignore[union-attr]
        for row in range(desk.dialog.list.count())
    ]
    assert "Runway: key refused" in spoken
    assert "KIE.AI: paused" in spoken


async def test_comfyui_lists_its_workflows(desk: Desk) -> None:
    page = desk.page("comfyui")
    assert page.workflows.names
    asked: list[None] = []
    desk.dialog.import_requested.connect(lambda: asked.append(None))
    page.workflows.take.click()
    assert asked == [None]


async def test_everything_is_reached_by_keyboard_and_has_a_name(desk: Desk) -> None:
    page = desk.page("runway")
    desk.dialog.list.setFocus()
    reached: list[QWidget] = []
    for _ in range(40):
        QTest.keyClick(desk.dialog.focusWidget(), Qt.Key.Key_Tab)
        focus = desk.dialog.focusWidget()
        if focus in reached:
            break
        reached.append(focus)
    for widget in (
        page.key.edit, page.key.eye, page.key.paste, page.key_page, page.address.edit,
        page.usage, page.wallet, desk.dialog.leave, desk.dialog.list,
    ):  # fmt: skip
        assert widget in reached, widget.objectName()
    for widget in reached:
        spoken = widget.accessibleName() or getattr(widget, "text", str)()
        assert spoken or widget is page.at_once.lineEdit(), widget


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("size", [(640, 420), (800, 600)])
async def test_no_page_is_wider_than_its_room(
    desk: Desk, theme: Theme, qapp: QApplication, mode: str, size: tuple[int, int]
) -> None:
    theme.apply(qapp, mode)  # type: ignore[arg-type]
    await desk.model.set_key("runway", KEY)
    for name in desk.model.ids():
        page = desk.page(name)
        desk.dialog.resize(*size)
        QApplication.sendPostedEvents()
        room = desk.dialog.stack.width()
        assert desk.dialog.width() == size[0]
        assert page.minimumSizeHint().width() <= room, name
    theme.apply(qapp, "dark")
