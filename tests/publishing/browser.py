"""A real browser for tests of pages: headless Chromium, driven over its DevTools protocol.

Source: Chrome DevTools Protocol, "Target", "Page", "Runtime", "Network", "Input", read 2026-11-22.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = "chromium"
# of a machine that does a lot besides
PATIENCE_S = 90.0
_KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "Escape": 27, "Tab": 9, "Enter": 13}


class Browser:
    """One process; `close` ends it and all that it started."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._session = aiohttp.ClientSession()
        self._socket: aiohttp.ClientWebSocketResponse
        self._reader: asyncio.Task[None]
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}
        self._number = 0

    @classmethod
    async def start(cls, folder: Path) -> Browser:
        program = shutil.which(PROGRAM)
        assert program, f"{PROGRAM} is missing; tools/bootstrap.sh dev installs it"
        process = await asyncio.create_subprocess_exec(
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-breakpad",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-extensions",
            "--no-first-run",
            "--mute-audio",
            "--hide-scrollbars",
            "--window-size=1280,800",
            "--remote-debugging-port=0",
            f"--user-data-dir={folder}",
            "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # so that its children can be ended with it
            start_new_session=True,
        )
        browser = cls(process)
        try:
            port, path = await _until_told(folder / "DevToolsActivePort", process)
            url = f"ws://127.0.0.1:{port}{path}"
            browser._socket = await browser._session.ws_connect(url, max_msg_size=0)
        except BaseException:
            await browser._end()
            raise
        browser._reader = asyncio.create_task(browser._read())
        return browser

    async def close(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(20):
                await self.call("Browser.close")
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        await self._socket.close()
        await self._end()

    async def _end(self) -> None:
        await self._session.close()
        try:
            async with asyncio.timeout(20):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def page(self, width: int = 1280, height: int = 800, **media: str) -> Page:
        """An empty page; `media` are features such as prefers_color_scheme="dark"."""
        target = (await self.call("Target.createTarget", url="about:blank"))["targetId"]
        session = await self.call("Target.attachToTarget", targetId=target, flatten=True)
        page = Page(self, target, session["sessionId"])
        self._pages[session["sessionId"]] = page
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.call(f"{domain}.enable")
        await page.resize(width, height)
        features = [{"name": k.replace("_", "-"), "value": v} for k, v in media.items()]
        await page.call("Emulation.setEmulatedMedia", features=features)
        return page

    async def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        answer = asyncio.get_running_loop().create_future()
        self._asked[self._number] = answer
        await self._socket.send_json(message)
        async with asyncio.timeout(PATIENCE_S):
            found = await answer
        assert "error" not in found, f"{method}: {found['error']}"
        result: dict[str, Any] = found["result"]
        return result

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                break
            found = json.loads(message.data)
            if "id" in found:
                answer = self._asked.pop(found["id"])
                if not answer.done():
                    answer.set_result(found)
            elif page := self._pages.get(found.get("sessionId", "")):
                page.told(found["method"], found["params"])


class Page:
    """`requests` are the addresses it asked for, `complaints` what its console, policy and script said."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser = browser
        self.target = target
        self._session = session
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def told(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
            self.complaints.append(json.dumps(params))
        elif method == "Page.javascriptDialogOpening":
            self.complaints.append(f"dialog: {params['message']}")

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        return await self._browser.call(method, self._session, **params)

    async def open(self, url: str) -> None:
        found = await self.call("Page.navigate", url=url)
        assert "errorText" not in found, found
        await self.until(
            f"location.href === {json.dumps(url)} && document.readyState !== 'loading'"
        )

    async def resize(self, width: int, height: int) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def value(self, expression: str) -> Any:
        found = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def until(self, expression: str) -> Any:
        """The first value of it that is true."""
        last = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    # between two documents there is nobody to ask
                    with suppress(AssertionError):
                        last = await self.value(expression)
                    if last:
                        return last
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"never true: {expression}; last: {last!r}") from None

    async def key(self, name: str) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            await self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=name,
                windowsVirtualKeyCode=_KEYS[name],
            )

    async def click(self, selector: str) -> None:
        """In the middle of the first that matches, as a hand does."""
        x, y = await self.value(
            f"""(() => {{ const one = document.querySelector({json.dumps(selector)});
            one.scrollIntoView({{ block: "nearest" }});
            const box = one.getBoundingClientRect();
            return [(box.left + box.right) / 2, (box.top + box.bottom) / 2]; }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    async def picture(self) -> str:
        """What is seen, as PNG in base64."""
        found = await self.call("Page.captureScreenshot", format="png")
        data: str = found["data"]
        return data

    async def close(self) -> None:
        await self._browser.call("Target.closeTarget", targetId=self.target)


async def _until_told(file: Path, process: asyncio.subprocess.Process) -> tuple[str, str]:
    """The port and the path that the browser wrote down."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            assert process.returncode is None, f"{PROGRAM} ended with {process.returncode}"
            with suppress(FileNotFoundError):
                lines = file.read_text().splitlines()
                if len(lines) == 2:
                    return lines[0], lines[1]
            await asyncio.sleep(0.05)
