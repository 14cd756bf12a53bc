"""From a photo to a clip with one click, in the real window; and the photo that goes along with the words."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from tests.core.studios import scripted_google
from tests.fakes.chat import KEY, ChatServer, chat_server, completion, refusal
from tests.ui.waiting import becomes
from tests.ui.window.conftest import Driver, running
from veo_studio.core.models import InputRole
from veo_studio.core.paths import Paths
from veo_studio.ui.notices import Notice
from veo_studio.ui.view_models.enhance_model import Stage
from veo_studio.ui.views.animate_bar import AnimateBar

LIMIT_S = 90.0
PROPOSED = "The waves roll in slowly while the camera glides to the left."


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "beach.jpg"
    Image.linear_gradient("L").resize((2400, 1350)).convert("RGB").save(path)
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    with chat_server() as made:
        made.replies = [completion(PROPOSED)]
        monkeypatch.setenv("OPENAI_BASE_URL", made.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield made


@pytest.fixture
async def connected(
    qapp: QApplication, paths: Paths, server: ChatServer, no_task_left: None
) -> AsyncIterator[Driver]:
    """The window of somebody who has a chat server."""
    async with running(paths) as driver:
        yield driver


async def with_photo(driver: Driver, photo: Path) -> AnimateBar:
    """Image to Video with the photo in it, and the bar below it."""
    form, bar = driver.program.form, driver.window.tools.enhancing.photos.bar
    assert not bar.isVisible()
    await form.add_picture(photo, InputRole.FIRST_FRAME)
    await driver.until(lambda: bar.animate.isEnabled(), timeout_s=LIMIT_S)
    return bar


async def until_clip(driver: Driver) -> None:
    await driver.until(lambda: any(row.has_file for row in driver.rows), timeout_s=LIMIT_S)


def notice(driver: Driver, words: str) -> Notice:
    (found,) = [one for one in driver.window.findChildren(Notice) if words in one.text]
    return found


async def test_one_click_on_a_photo_makes_a_clip_without_any_service(
    driver: Driver, photo: Path
) -> None:
    bar = await with_photo(driver, photo)
    assert bar.animate.text() == "Animate this photo"
    assert "Enhance and generate" in bar.animate.toolTip()
    driver.window.form.prompt.setFocus()
    driver.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert bar.animate.hasFocus(), "it stands between the photo and the prompt"
    driver.click(bar.animate)
    await driver.until(lambda: any("photo was not looked at" in one for one in driver.notices))
    await until_clip(driver)
    (row,) = driver.rows
    assert len(row.prompt) > 20
    assert row.config.inputs_of(InputRole.FIRST_FRAME)
    assert driver.program.form.prompt == row.prompt


async def test_a_service_that_sees_gets_a_small_copy_of_the_photo(
    connected: Driver, server: ChatServer, photo: Path
) -> None:
    connected.choose_text("calm")
    bar = await with_photo(connected, photo)
    assert bar.words.text().startswith("Your words and the photo go to")
    server.hold()
    bar.animate.setFocus()
    QTest.keyClick(bar.animate, Qt.Key.Key_Space)
    assert bar.busy.isVisible()
    assert bar.words.text() == "Chat server is being asked…"
    assert bar.stop.hasFocus()
    server.release()
    await until_clip(connected)
    (row,) = connected.rows
    assert (row.prompt, row.config.original_prompt) == (PROPOSED, "calm")
    assert len(server.asked) == 1
    _text, picture = server.words_of()[1]
    head, _, content = picture["image_url"]["url"].partition(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(BytesIO(base64.b64decode(content))) as sent:
        assert max(sent.size) == 1024
        assert not sent.getexif()
    assert not bar.busy.isVisible()


async def test_a_failed_proposal_generates_nothing_and_offers_the_rules(
    connected: Driver, server: ChatServer, photo: Path
) -> None:
    server.replies = [refusal(401, "Incorrect API key")]
    bar = await with_photo(connected, photo)
    connected.click(bar.animate)
    await connected.until(lambda: any("Nothing was generated" in one for one in connected.notices))
    assert connected.rows == []
    assert connected.program.form.prompt == ""
    told = notice(connected, "Nothing was generated")
    assert "does not accept the key" in told.text
    assert told.action_button.text() == "Use the built-in rules"
    connected.click(told.action_button)
    await until_clip(connected)
    assert len(server.asked) == 1


async def test_cancel_and_a_changed_form_generate_nothing(
    connected: Driver, server: ChatServer, photo: Path
) -> None:
    form = connected.program.form
    bar = await with_photo(connected, photo)
    server.hold()
    connected.click(bar.animate)
    connected.click(bar.stop)
    assert not connected.window.tools.enhancing.photos.is_busy
    assert bar.animate.isEnabled()
    server.release()
    server.hold()
    connected.click(bar.animate)
    form.set_takes(3)
    server.release()
    await connected.until(lambda: any("changed meanwhile" in one for one in connected.notices))
    assert connected.rows == []
    assert form.prompt == ""


async def test_what_the_clip_costs_stands_on_the_button(
    qapp: QApplication, paths: Paths, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNWAYML_API_SECRET", "key_" + "a" * 128)
    async with running(paths) as driver:
        form = driver.program.form
        bar = await with_photo(driver, photo)
        model = next(one.model for one in form.choices() if one.model.provider == "runway")
        form.choose(model)
        await driver.until(lambda: not form.is_preparing, timeout_s=LIMIT_S)
        assert "10 tokens, about $" in bar.animate.text()
        assert "10 tokens, about $" in bar.animate.toolTip()


async def test_the_panel_takes_the_photo_along_and_says_so(
    connected: Driver, server: ChatServer, photo: Path
) -> None:
    await with_photo(connected, photo)
    enhancing = connected.window.tools.enhancing
    connected.click(enhancing.link)
    await becomes(lambda: enhancing.dialog is not None, enhancing.opened)
    dialog = enhancing.dialog
    assert dialog is not None
    await becomes(lambda: dialog.model.stage is Stage.PROPOSED, dialog.model.changed)
    assert "Your words and the photo go to" in dialog.where.text()
    assert dialog.edit.toPlainText() == PROPOSED
    assert len(server.words_of()[1]) == 2
    dialog.reject()
    await becomes(lambda: enhancing.dialog is None, enhancing.closed)


async def on_paid(driver: Driver, photo: Path, words: str) -> AnimateBar:
    """The photo and `words`, for a model that costs."""
    form = driver.program.form
    model = form.connected("gemini", "gemini-omni-1.2-flash")
    assert model is not None
    form.choose(model)
    bar = await with_photo(driver, photo)
    driver.choose_text(words)
    await driver.until(lambda: bar.animate.isEnabled(), timeout_s=LIMIT_S)
    return bar


@pytest.mark.parametrize("wrote", ["a kite", "a {{red|blue|green}} kite"])
async def test_braces_of_a_proposal_are_braces_and_one_clip_is_bought(
    qapp: QApplication,
    paths: Paths,
    photo: Path,
    server: ChatServer,
    monkeypatch: pytest.MonkeyPatch,
    no_task_left: None,
    wrote: str,
) -> None:
    said = "A {red|blue|green} kite of {subject} flies over the dunes."
    server.replies = [completion(said)]
    async with scripted_google(monkeypatch), running(paths) as driver:
        form = driver.program.form
        bar = await on_paid(driver, photo, wrote)
        assert "10 tokens" in bar.animate.text()
        before = form.balance
        assert before is not None
        driver.click(bar.animate)
        await driver.until(lambda: form.balance != before, timeout_s=LIMIT_S)
        assert [row.prompt for row in driver.rows] == [said]
        assert form.balance == before - 10
        assert "{{" not in str(server.words_of()[1])
        assert form.prompts() == [said]


async def test_a_proposal_that_changes_what_a_click_costs_generates_nothing(
    qapp: QApplication,
    paths: Paths,
    photo: Path,
    server: ChatServer,
    monkeypatch: pytest.MonkeyPatch,
    no_task_left: None,
) -> None:
    said = "A {red|blue} kite over a {calm|wild} sea."
    server.replies = [completion(said)]
    async with scripted_google(monkeypatch) as google, running(paths) as driver:
        form = driver.program.form
        bar = await on_paid(driver, photo, "a {red|blue} kite")
        assert "20 tokens" in bar.animate.text()
        driver.click(bar.animate)
        await driver.until(
            lambda: any("nothing was generated" in one for one in driver.notices),
            timeout_s=LIMIT_S,
        )
        assert driver.rows == []
        assert google.submits == []
        assert form.prompt == said, "a template stays one, and is there to be looked at"
        assert "40 tokens" in bar.animate.text()


async def test_a_filled_in_variable_that_changed_meanwhile_generates_nothing(
    connected: Driver, server: ChatServer, photo: Path
) -> None:
    form = connected.program.form
    server.replies = [completion("{subject} at dusk, the camera glides to the left.")]
    bar = await with_photo(connected, photo)
    form.set_prompt("{subject} at dusk")
    form.set_value("subject", "a kite")
    server.hold()
    connected.click(bar.animate)
    form.set_value("subject", "a boat")
    server.release()
    await connected.until(lambda: any("changed meanwhile" in one for one in connected.notices))
    assert connected.rows == []
