"""Rows C of the fault matrix: what a line and a server do to a file on its way."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
from collections.abc import Awaitable, Callable

import pytest

from tests.faults import google
from tests.faults.clock import SCALE
from tests.faults.google import Asked, Call, Step, refuse
from tests.faults.lab import Lab, S
from tests.faults.processes import generate
from tests.transport.clips import noise_clip
from tests.transport.file_server import Fault, chunked, cut_after, headers, instead
from veo_studio.core.recipe_files import own_recipe

SIZE = len(noise_clip())
CUTS = [0, 1, 7, 8, 24, 1000, 2**16 - 1, 2**16, 2**20 + 1, SIZE // 2, SIZE - 1]
HOUR_S = 3600.0


def starts(downloads: list[Asked]) -> list[int | None]:
    """The offset that each request asked for."""
    return [asked.received.range_start for asked in downloads]


@pytest.mark.parametrize("resets", [False, True], ids=["FIN", "RST"])
@pytest.mark.parametrize("count", CUTS)
async def test_c01_a_cut_is_resumed_at_the_exact_byte(lab: Lab, count: int, resets: bool) -> None:
    lab.google.files.faults = [cut_after(count, resets=resets)]
    await lab.is_completed(await lab.make())
    assert starts(lab.google.downloads) == [None, count or None]
    if count:
        assert lab.google.downloads[1].received.headers["if-range"] == lab.google.files.etag
    assert len(lab.google.polls) == 1


@pytest.mark.parametrize("resets", [False, True], ids=["FIN", "RST"])
async def test_c01_five_cuts_cost_no_byte_twice(lab: Lab, resets: bool) -> None:
    lab.google.files.faults = [cut_after(count, resets=resets) for count in (1, 7, 70_000, 8, 500)]
    before = lab.google.body_bytes
    await lab.is_completed(await lab.make())
    offsets = list(itertools.accumulate((1, 7, 70_000, 8, 500)))
    assert starts(lab.google.downloads) == [None, *offsets]
    await lab.google.stop()
    assert lab.google.body_bytes - before <= SIZE + 5 * 2**16


@pytest.mark.parametrize("label", ["K14", "K15", "K15:2", "K16", "K17", "K18", "K19"])
async def test_c02_kill_9_in_a_download_makes_one_file_and_no_second_download(
    lab: Lab, label: str
) -> None:
    if label == "K15:2":
        lab.google.files.faults = [cut_after(SIZE // 2)]
    await lab.close()
    assert await generate(lab, VEO_STUDIO_CRASH=label) == -signal.SIGKILL
    studio = await lab.open(resume=True)
    (generation,) = await studio.generations.page()
    await lab.rest(generation)
    await lab.is_completed(generation)
    assert own_recipe(await studio.generations.get(generation.id)) is not None
    assert len(lab.files()) == 1
    assert len(lab.google.submits) == 1
    if label in ("K16", "K17", "K18", "K19"):
        assert len(lab.google.downloads) == 1
    if label == "K15:2":
        assert starts(lab.google.downloads)[-1] not in (None, 0)


EARLY_ENDS: dict[str, Fault] = {
    "half of the chunks": chunked(SIZE // 2),
    "half of the chunks, not ended": chunked(SIZE // 2, is_ended=False),
    "announced 1,000 too short": headers(Content_Length=str(SIZE - 1000)),
}


@pytest.mark.parametrize("fault", EARLY_ENDS)
async def test_c03_a_clean_end_too_early_is_not_the_end(lab: Lab, fault: str) -> None:
    lab.google.files.faults = [EARLY_ENDS[fault]]
    await lab.is_completed(await lab.make())
    assert len(lab.google.downloads) == 2


async def test_c03_a_file_that_stays_short_is_never_completed(lab: Lab) -> None:
    lab.google.files.faults = [headers(Content_Length=str(SIZE - 1000))]
    lab.google.files.is_always_faulty = True
    generation = await lab.make()
    await lab.is_held(generation)
    assert lab.files() == []
    lab.google.files.faults = []
    await lab.studio.queue.retry(generation.id)
    await lab.rest(generation)
    await lab.is_completed(generation)


async def test_c04_a_length_announced_too_long_is_held_and_named(lab: Lab) -> None:
    lab.google.files.faults = [headers(Content_Length=str(SIZE + 1000))]
    lab.google.files.is_always_faulty = True
    stored = await lab.is_held(await lab.make())
    assert stored.error == "The result's size differs from what the provider announced."
    assert len(lab.google.downloads) == 5
    assert lab.files() == []


NOISE = random.Random(1).randbytes(50_000)
NO_VIDEOS: dict[str, Step] = {
    "a page": google.send(b"<html>Sign in</html>", "text/html"),
    "a page as video": google.send(b"<!DOCTYPE html><html>Sign in</html>" * 9, "video/mp4"),
    "an error as success": google.answer(google.error_of("INTERNAL", "No.")),
    "an error as video": google.send(b'{"error": {"message": "No."}}' * 9, "video/mp4"),
    "nothing": google.send(b"", "video/mp4"),
    "nothing without a type": google.send(b"", ""),
    "noise": google.send(NOISE, "video/mp4"),
    "a signature and noise": google.send(b"\0\0\0\x18ftypmp42" + NOISE, "video/mp4"),
    "a picture": google.send(b"\x89PNG\r\n\x1a\n" + NOISE, "video/mp4"),
    "a 204": google.send(b"", "video/mp4", 204),
}


@pytest.mark.parametrize("body", NO_VIDEOS)
async def test_c05_what_is_no_video_never_becomes_a_file(lab: Lab, body: str) -> None:
    lab.google.download_default = NO_VIDEOS[body]
    generation = await lab.make()
    await lab.is_held(generation)
    assert lab.files() == lab.parts() == []
    assert len(lab.google.downloads) == 5
    lab.google.download_default = google.send_file
    await lab.leap(60)
    await lab.reach(generation, S.COMPLETED)
    await lab.is_completed(generation)


@pytest.mark.parametrize("body", NO_VIDEOS)
async def test_c05_what_is_no_video_once_is_fetched_again(lab: Lab, body: str) -> None:
    lab.google.download_steps.append(NO_VIDEOS[body])
    await lab.is_completed(await lab.make())
    assert len(lab.google.downloads) == 2


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_c06_an_expired_link_is_renewed_and_what_arrived_is_kept(
    lab: Lab, status: int
) -> None:
    lab.google.files.faults = [cut_after(70_000)]
    lab.google.download_steps.extend([google.send_file, refuse(status, "PERMISSION_DENIED")])
    await lab.is_completed(await lab.make())
    assert starts(lab.google.downloads) == [None, 70_000, 70_000]
    assert len(lab.google.polls) == 2
    assert len(lab.google.submits) == 1


async def test_c06_a_link_that_stays_expired_is_held_and_refunded_after_retention(lab: Lab) -> None:
    lab.google.download_default = refuse(403, "PERMISSION_DENIED")
    generation = await lab.make()
    await lab.is_held(generation)
    await lab.leap(49 * HOUR_S)
    await lab.reach(generation, S.FAILED)
    stored = await lab.is_refunded(generation, may_be_billed=True)
    assert stored.error == "The provider no longer keeps this result."


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_c07_a_redirect_is_followed_without_the_key(lab: Lab, status: int) -> None:
    stranger = await lab.stranger(lab.google.files)
    lab.google.download_default = google.redirect(f"{stranger.url}/a.mp4?signature=x", status)
    await lab.is_completed(await lab.make())
    assert [request.path for request in stranger.requests] == ["/a.mp4?signature=x"]


async def test_c07_after_two_hops_the_key_does_not_come_back(lab: Lab) -> None:
    """Own host, a stranger, own host: whoever sends us around does not get the key there either."""
    stranger = await lab.stranger(lambda received, reply: goes(lab, reply))
    lab.google.download_steps.append(google.redirect(f"{stranger.url}/a"))
    lab.google.download_default = refuse(403, "PERMISSION_DENIED")
    (generation,) = await lab.enqueue()
    await lab.until(lambda: len(lab.google.downloads) >= 2)
    first, second = lab.google.downloads[:2]
    assert "x-goog-api-key" in first.received.headers
    assert "x-goog-api-key" not in second.received.headers
    lab.without_key.append(second.received)
    lab.google.download_default = google.send_file
    await lab.rest(generation)
    await lab.is_completed(generation)


async def goes(lab: Lab, reply: google.Reply) -> None:
    link = f"{lab.google.url}/v1/files/v1_1:download?alt=media&again=1"
    await reply.head(302, {"Location": link, "Content-Length": "0"})


BAD_TARGETS = {
    "a file": "file:///etc/passwd",
    "ftp": "ftp://example.com/a.mp4",
    "a script": "javascript:alert(1)",
    "the metadata service": "http://169.254.169.254/latest/meta-data/",
    "a private network": "https://10.0.0.1/a.mp4",
    "itself": "",
    "somebody's name": "https://generativelanguage.googleapis.com@evil.example.com/",
    "another scheme without a host": "https:///a.mp4",
    "a space": "https://exa mple.com/",
    "a tab": "https://example.com/\ta",
}


@pytest.mark.parametrize("target", BAD_TARGETS)
async def test_c08_a_redirect_to_a_bad_place_is_held(lab: Lab, target: str) -> None:
    async def step(call: Call) -> None:
        await google.redirect(BAD_TARGETS[target] or call.received.path)(call)

    lab.google.download_default = step
    await lab.is_held(await lab.make())
    assert len(lab.google.downloads) == 5
    assert lab.files() == lab.parts() == []


@pytest.mark.parametrize("headers", ["", "Location: \r\n", "Location: /a\r\nLocation: /b\r\n"])
async def test_c08_a_redirect_to_nowhere_or_two_places_is_held(lab: Lab, headers: str) -> None:
    async def step(call: Call) -> None:
        head = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n{headers}\r\n"
        await call.reply.raw(head.encode())

    lab.google.download_default = step
    if "/a" in headers:
        # whichever of the two is taken: it is one request to the own host
        lab.google.expects_strays = True
    await lab.is_held(await lab.make())
    assert lab.files() == []


async def test_c08_six_hops_are_too_many(lab: Lab) -> None:
    count = itertools.count()

    async def around(call: Call) -> None:
        await google.redirect(f"{call.link}&hop={next(count)}")(call)

    lab.google.download_default = around
    await lab.is_held(await lab.make())
    assert len(lab.google.downloads) == 5 * 6


Pace = Callable[[Call], Awaitable[None]]


async def trickle(call: Call) -> None:
    """Some hundred bytes a second, for ever."""
    content = call.google.files.content
    await call.google.files.head(call.reply, 0)
    for at in itertools.count():
        await call.reply.body(content[at : at + 1])
        await asyncio.sleep(0.01)


async def silence(call: Call) -> None:
    await call.google.files.head(call.reply, 0)
    await call.reply.body(call.google.files.content[:70_000])
    await asyncio.Event().wait()


@pytest.mark.parametrize("pace", [trickle, silence], ids=["a trickle", "silence"])
async def test_c09_a_slow_line_is_left_and_holds_up_nobody(lab: Lab, pace: Pace) -> None:
    lab.tools["stall_timeout_s"] = 1.5 * SCALE
    lab.google.download_steps.append(pace)
    first, *others = await lab.enqueue(20)
    slow = asyncio.ensure_future(lab.until(lambda: len(lab.google.downloads) >= 21))
    for generation in (first, *others):
        await lab.rest(generation)
        await lab.is_completed(generation)
    await slow
    assert len(lab.google.downloads) == 21
    (resumed,) = [start for start in starts(lab.google.downloads) if start is not None]
    assert resumed == 70_000 if pace is silence else 1 <= resumed <= 1000


REPLACED = {
    "another file": ('"one"', '"two"'),
    "a weak name": ('W/"one"', 'W/"one"'),
    "no name": (None, None),
    "a name that is none": ("one", "one"),
}


@pytest.mark.parametrize("how", REPLACED)
async def test_c10_two_answers_are_never_spliced(lab: Lab, how: str) -> None:
    before, after = REPLACED[how]
    files = lab.google.files
    files.etag = before
    new = files.content[:-1] + bytes([files.content[-1] ^ 1])

    async def cut_and_replace(call: Call) -> None:
        files.faults = [cut_after(70_000)]
        await files(call.received, call.reply)
        files.etag, files.content = after, new

    lab.google.download_steps.append(cut_and_replace)
    await lab.is_completed(await lab.make(), new)
    if before == after:
        assert starts(lab.google.downloads) == [None, None]


LIES: dict[str, Fault] = {
    "another start": headers(Content_Range=f"bytes 5-{SIZE - 1}/{SIZE}"),
    "no range named": headers(Content_Range=None),
    "a range that is none": headers(Content_Range="bytes x-y/z"),
    "another total": headers(Content_Range=f"bytes 70000-{SIZE - 1}/{SIZE - 5}"),
    "the whole file": instead(noise_clip(), etag='"one"'),
    "not satisfiable": instead(b"", 416, [("Content-Range", f"bytes */{SIZE}")]),
    "gzip": headers(Content_Encoding="gzip"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_c11_a_lie_about_a_range_is_seen_and_costs_one_more_try(lab: Lab, lie: str) -> None:
    lab.google.files.faults = [cut_after(70_000), LIES[lie]]
    await lab.is_completed(await lab.make())
    assert len(lab.google.downloads) <= 4
    assert starts(lab.google.downloads)[:2] == [None, 70_000]


async def test_c14_ten_terabytes_are_refused_before_the_first_byte(lab: Lab) -> None:
    lab.google.files.faults = [headers(Content_Length=str(10 * 10**12))]
    lab.google.files.is_always_faulty = True
    stored = await lab.is_held(await lab.make())
    assert stored.error is not None
    assert "10000000 MB" in stored.error
    assert lab.files() == lab.parts() == []


async def test_c16_the_same_words_in_the_same_second_are_two_files(lab: Lab) -> None:
    made = await lab.enqueue(3)
    taken = lab.paths.outputs / f"{made[0].created_at.astimezone():%Y%m%d_%H%M%S}_A_paper_boat.mp4"
    taken.write_bytes(b"somebody's own")
    lab.expected_files.add(taken)
    for generation in made:
        await lab.rest(generation)
        await lab.is_completed(generation)
    assert taken.read_bytes() == b"somebody's own"
    assert len(lab.files()) == 4


async def test_c16_words_that_differ_only_in_case_are_two_files(lab: Lab) -> None:
    first, second = await lab.make(prompt="a paper boat"), await lab.make(prompt="A PAPER BOAT")
    await lab.is_completed(first)
    await lab.is_completed(second)
    assert len(lab.files()) == 2
