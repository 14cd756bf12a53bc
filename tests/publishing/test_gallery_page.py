"""The page of a gallery as a real browser shows it, from a file and from a web host."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.publishing.browser import Browser, Page
from tests.publishing.galleries import parcel, picture_parcel, uuid_of
from veo_studio.core.publishing.gallery import GalleryPublisher
from veo_studio.core.publishing.gallery_list import LIST_NAME, read
from veo_studio.core.publishing.gallery_page import page as page_of
from veo_studio.core.publishing.models import Parcel

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = (
    '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">'
    "\"'><b>&amp; <!-- ]]> javascript:window.hacked=3 \u202etxet\u202c \u2067\x1b[31m ${1}"
)
# what is left of it: nothing that turns the words around, or acts on a terminal
SHOWN = (
    '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 2">'
    "\"'><b>&amp; <!-- ]]> javascript:window.hacked=3 txet  ${1}"
)
ONE_PLAYS = """(() => {
  const all = Array.from(document.querySelectorAll("video"));
  return all.length === 1 && !all[0].paused && all[0].currentTime > 0;
})()"""
PLAYING = 'document.querySelector("#clips video")?.closest(".card").id'
VIEWER = 'document.querySelector("#stage video")'


async def published(folder: Path, parcels: list[Parcel], publisher: GalleryPublisher) -> str:
    """The address of its page."""
    for one in parcels:
        await publisher.send(one, lambda _done, _total: None)
    return (folder / "index.html").as_uri()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    found = await Browser.start(tmp_path_factory.mktemp("profile"))
    yield found
    await found.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve clips, the seventh with a hostile caption, and a picture before all of them."""
    folder = tmp_path_factory.mktemp("gallery")
    clips = tmp_path_factory.mktemp("clips")
    parcels = [parcel(clips, n, f"Clip {n}", ("boat", "rain")) for n in range(1, 13)]
    parcels[6] = replace(parcels[6], caption=HOSTILE, tags=(HOSTILE,))
    parcels.append(picture_parcel(clips, 13, "A picture"))
    await published(folder, parcels, GalleryPublisher(folder, "Boats & <rain>"))
    return folder


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    found = await browser.page()
    yield found
    await found.close()


def address(gallery: Path) -> str:
    return (gallery / "index.html").as_uri()


async def test_the_newest_is_first_and_nothing_comes_from_elsewhere(
    page: Page, gallery: Path
) -> None:
    await page.open(address(gallery))
    captions = await page.value(
        'Array.from(document.querySelectorAll(".card .caption"), (one) => one.textContent)'
    )
    assert captions[:3] == ["A picture", "Clip 12", "Clip 11"]
    assert await page.value("document.title") == "Boats & <rain>"
    assert await page.value('document.querySelector(".count").textContent') == "13 clips"
    await page.until(ONE_PLAYS)
    assert all(one.startswith(gallery.as_uri()) for one in page.requests), page.requests
    assert page.complaints == []


async def test_words_from_outside_are_only_words(page: Page, gallery: Path) -> None:
    await page.open(address(gallery))
    card = f'document.getElementById("c-{uuid_of(7)}")'
    assert await page.value(f'{card}.querySelector(".caption").textContent') == SHOWN
    assert await page.value(f'{card}.querySelector(".tags li").textContent') == SHOWN
    await page.click(f"[id='c-{uuid_of(7)}'] .frame")
    assert await page.until('document.getElementById("viewer-caption").textContent') == SHOWN
    assert await page.value("window.hacked === undefined && document.scripts.length === 1")
    assert await page.value('document.querySelectorAll("#clips b, #clips script").length') == 0
    assert page.complaints == []
    assert "secret" not in "".join(
        file.read_text() for file in (gallery / "index.html", gallery / LIST_NAME)
    )


async def test_the_policy_stops_what_the_page_does_not_do(page: Page, gallery: Path) -> None:
    await page.open(address(gallery))
    await page.value(
        """(() => {
        const script = document.createElement("script");
        script.textContent = "window.hacked = 1";
        document.body.append(script);
        const picture = new Image();
        picture.src = "http://127.0.0.1:9/spy.png";
        document.body.append(picture);
        fetch("http://127.0.0.1:9/spy").catch(() => { window.refused = 1; });
        })()"""
    )
    await page.until("window.refused")
    assert await page.value("window.hacked === undefined")
    assert any("Content Security Policy" in one for one in page.complaints), page.complaints


async def test_one_plays_muted_and_looped_and_another_where_it_left(
    page: Page, gallery: Path
) -> None:
    await page.resize(360, 640)
    await page.open(address(gallery))
    await page.until(ONE_PLAYS)
    video = 'document.querySelector("#clips video")'
    found = await page.value(
        f"[{video}.muted, {video}.loop, {video}.playsInline, {video}.preload,"
        f" {video}.poster.endsWith('.jpg'), {video}.controls]"
    )
    assert found == [True, True, True, "none", True, False]
    first = await page.value(PLAYING)
    await page.value(
        f'window.before = {video}; document.getElementById("c-{uuid_of(1)}").scrollIntoView()'
    )
    await page.until(f"{ONE_PLAYS} && {PLAYING} !== {first!r}")
    # at the end of the page the last is seen whole, and the one before it
    assert await page.value(PLAYING) in [f"c-{uuid_of(n)}" for n in (1, 2, 3)]
    assert await page.value("window.before.paused && !window.before.isConnected")


async def test_a_clip_that_is_less_than_half_visible_stands_still(
    page: Page, gallery: Path
) -> None:
    await page.resize(360, 640)
    await page.open(address(gallery))
    await page.until(ONE_PLAYS)
    # a window so low that no frame fits into it by half
    await page.resize(360, 60)
    await page.until('document.querySelectorAll("video").length === 0')
    await page.resize(360, 640)
    await page.until(ONE_PLAYS)


async def test_nothing_plays_while_the_tab_is_hidden(
    browser: Browser, page: Page, gallery: Path
) -> None:
    await page.open(address(gallery))
    await page.until(ONE_PLAYS)
    other = await browser.page()
    await browser.call("Target.activateTarget", targetId=other.target)
    await page.until("document.hidden")
    await page.until('document.querySelectorAll("video").length === 0')
    await browser.call("Target.activateTarget", targetId=page.target)
    await other.close()
    await page.until(ONE_PLAYS)


async def test_the_viewer_has_sound_arrows_and_gives_the_focus_back(
    page: Page, gallery: Path
) -> None:
    await page.open(address(gallery))
    await page.until(ONE_PLAYS)
    await page.click(f"[id='c-{uuid_of(12)}'] .frame")
    await page.until(f"{VIEWER} && {ONE_PLAYS} && !{VIEWER}.muted && {VIEWER}.loop")
    assert await page.value('document.getElementById("place").textContent') == "2 of 13"
    assert await page.value(f"document.activeElement === {VIEWER}")
    await page.key("ArrowRight")
    await page.until(f"{ONE_PLAYS} && {VIEWER}.getAttribute('aria-label') === 'Clip 11'")
    await page.key("ArrowLeft")
    await page.key("ArrowLeft")
    await page.until('document.querySelector("#stage img")?.alt === "A picture"')
    assert await page.value('document.getElementById("previous").disabled')
    await page.key("ArrowLeft")
    assert await page.value('document.getElementById("place").textContent') == "1 of 13"
    await page.click("#next")
    await page.until(f"{VIEWER} && {ONE_PLAYS}")
    assert await page.value("document.activeElement.id") == "next"
    await page.key("Escape")
    await page.until('!document.getElementById("viewer").open')
    focused = 'document.activeElement.closest(".card")?.id'
    await page.until(f"{focused} === 'c-{uuid_of(12)}'")
    # and the clip on the page goes on
    await page.until(f"{ONE_PLAYS} && {PLAYING} === 'c-{uuid_of(12)}'")
    assert page.complaints == []


async def test_by_keys_alone(page: Page, gallery: Path) -> None:
    await page.open(address(gallery))
    await page.key("Tab")
    await page.key("Tab")
    await page.until(f"document.activeElement.closest('.card')?.id === 'c-{uuid_of(12)}'")
    await page.value("document.activeElement.click()")
    await page.until('document.getElementById("viewer").open')
    await page.until(f"{VIEWER} && {ONE_PLAYS}")
    await page.key("Escape")
    await page.until('!document.getElementById("viewer").open')


async def test_a_calm_page_for_who_asked_for_less_motion(browser: Browser, gallery: Path) -> None:
    page = await browser.page(prefers_reduced_motion="reduce")
    await page.open(address(gallery))
    # the first frames are seen, and with them what would play
    await page.until('document.querySelector("#clips img").naturalWidth > 0')
    await page.value(
        "new Promise((done) => new IntersectionObserver(() => requestAnimationFrame(done))"
        '.observe(document.querySelector("#clips .frame")))'
    )
    assert await page.value('document.querySelectorAll("video").length') == 0
    await page.call("Emulation.setEmulatedMedia", features=[])
    await page.until(ONE_PLAYS)
    await page.close()


@pytest.mark.parametrize(
    ("theme", "window", "text"),
    [("light", (0xF4, 0xF5, 0xF7), (0x1B, 0x1F, 0x27)), ("dark", (0x16, 0x18, 0x1D), (0xE8, 0xEA, 0xF0))],
)  # fmt: skip
async def test_the_theme_is_the_systems(
    browser: Browser,
    gallery: Path,
    theme: str,
    window: tuple[int, int, int],
    text: tuple[int, int, int],
) -> None:
    page = await browser.page(prefers_color_scheme=theme)
    await page.open(address(gallery))
    style = "getComputedStyle(document.body)"
    assert await page.value(f"{style}.backgroundColor") == f"rgb{window}"
    assert await page.value(f"{style}.color") == f"rgb{text}"
    await page.close()


@pytest.mark.parametrize("width", [320, 375, 768, 1280, 2560])
async def test_it_fits_every_width(page: Page, gallery: Path, width: int) -> None:
    await page.resize(width, 700)
    await page.open(address(gallery))
    assert await page.value("document.documentElement.scrollWidth") <= width
    assert await page.value('document.querySelector(".frame").offsetWidth') <= width
    await page.click(f"[id='c-{uuid_of(12)}'] .frame")
    await page.until(f"!!{VIEWER}")
    box = 'document.getElementById("close").getBoundingClientRect()'
    right, bottom = await page.value(f"[{box}.right, {box}.bottom]")
    assert right <= width
    assert bottom <= 700


async def test_without_scripts_the_pictures_lead_to_the_files(page: Page, gallery: Path) -> None:
    await page.call("Emulation.setScriptExecutionDisabled", value=True)
    await page.open(address(gallery))
    assert await page.value('getComputedStyle(document.getElementById("viewer")).display') == "none"
    links = await page.value(
        'Array.from(document.querySelectorAll("#clips .frame"), (one) => one.getAttribute("href"))'
    )
    assert len(links) == 13
    assert all((gallery / link).is_file() for link in links)
    assert await page.value('document.querySelectorAll("video").length') == 0


async def test_a_web_host_shows_it_too(page: Page, gallery: Path) -> None:
    app = web.Application()
    app.router.add_static("/shows/boats", gallery)
    server = TestServer(app)
    await server.start_server()
    try:
        await page.open(str(server.make_url("/shows/boats/index.html")))
        await page.until(ONE_PLAYS)
        assert page.complaints == []
        origin = str(server.make_url("/"))
        assert all(one.startswith(origin) for one in page.requests), page.requests
        await page.click(f"[id='c-{uuid_of(12)}'] .frame")
        await page.until(f"{VIEWER} && {ONE_PLAYS}")
    finally:
        await server.close()


async def test_a_clip_that_cannot_be_played_leaves_its_picture(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    folder.mkdir()
    parcels = [parcel(tmp_path / "clips", n, f"Clip {n}") for n in (1, 2)]
    url = await published(folder, parcels, GalleryPublisher(folder))
    (broken,) = (folder / "clips").glob(f"{uuid_of(2)}*")
    broken.write_bytes(b"no clip")
    await page.open(url)
    await page.until(f"{ONE_PLAYS} && {PLAYING} === 'c-{uuid_of(1)}'")
    await page.click(f"[id='c-{uuid_of(2)}'] .frame")
    await page.until('document.querySelector("#stage p")?.textContent.includes("cannot play")')


async def test_the_download_button_is_there_where_it_was_wanted(
    page: Page, gallery: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "gallery"
    folder.mkdir()
    url = await published(
        folder, [parcel(tmp_path / "clips", 1)], GalleryPublisher(folder, has_download=True)
    )
    for where, is_hidden in ((url, False), (address(gallery), True)):
        await page.open(where)
        await page.click(".card:last-child .frame")
        await page.until('document.getElementById("viewer").open')
        assert await page.value('document.getElementById("save").hidden') is is_hidden


async def test_an_unpublished_clip_is_gone_and_a_new_caption_is_there(
    page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "gallery"
    folder.mkdir()
    publisher = GalleryPublisher(folder)
    one, two = (parcel(tmp_path / "clips", n, f"Clip {n}") for n in (1, 2))
    receipt = await publisher.send(one, lambda _done, _total: None)
    url = await published(folder, [two], publisher)
    await publisher.remove(receipt)
    await publisher.send(replace(two, caption="New words"), lambda _done, _total: None)
    await page.open(url)
    captions = 'Array.from(document.querySelectorAll(".card .caption"), (one) => one.textContent)'
    assert await page.value(captions) == ["New words"]
    await page.until(ONE_PLAYS)
    await publisher.remove(await publisher.send(two, lambda _done, _total: None))
    await page.open(url)
    assert await page.value('document.querySelector(".empty").textContent')


async def test_a_thousand_clips_are_opened_as_they_are_looked_at(page: Page, gallery: Path) -> None:
    entry = next(
        one for one in read((gallery / LIST_NAME).read_bytes()).entries if one.uuid == uuid_of(12)
    )
    many = [
        replace(entry, uuid=uuid_of(n), caption=f"Clip {n}", poster=f"{entry.poster}?{n}")
        for n in range(1000)
    ]
    file = gallery / "thousand.html"
    file.write_bytes(page_of(many, "Many", has_download=False))
    await page.open(file.as_uri())
    assert await page.value('document.querySelectorAll(".card").length') == 1000
    await page.until(ONE_PLAYS)
    # most of the pictures, and all clips but one, were not asked for yet
    assert len({one for one in page.requests if "/thumbs/" in one}) < 500
    assert len({one for one in page.requests if "/clips/" in one}) == 1
    await page.value(f'document.getElementById("c-{uuid_of(999)}").scrollIntoView()')
    await page.until(f"{ONE_PLAYS} && {PLAYING}.slice(-3) > '980'")
