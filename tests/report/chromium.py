"""A browser for tests: Debian's Chromium without a window, spoken to over a pair of pipes."""

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

PATIENCE = 60.0  # s: for an answer on a crowded machine
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def chromium_path() -> str | None:
    """Return where Chromium is; None where it is not."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class BrowserGoneError(Exception):
    """Chromium has ended, or never was."""


class Browser:
    """One page in a Chromium of its own; what it is asked, it does before it answers."""

    def __init__(self, path: str, folder: Path) -> None:
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()

        def pipes() -> None:
            # Chromium reads from 3 and writes to 4; first out of the way, they may be taken.
            one, two = os.dup(to_read), os.dup(to_write)
            os.dup2(one, 3)
            os.dup2(two, 4)

        self._process = subprocess.Popen(
            [path, *FLAGS, f"--user-data-dir={folder}"],
            preexec_fn=pipes,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._number, self._left, self._session = 0, b"", ""
        self.errors: list[str] = []  # what went wrong in a page, and what its console says of it
        self.asked: list[str] = []  # what pages asked for, other than files
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        found = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        for name in ("Page.enable", "Runtime.enable", "Log.enable", "Network.enable"):
            self._ask(name)

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # At the end of its pipe it goes by itself, and takes its own processes with it.
        os.close(self._write)
        os.close(self._read)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def open(self, path: Path, width: int, height: int) -> None:
        """Show a file at a size of window, px, and wait until it has drawn."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self._ask("Emulation.setTouchEmulationEnabled", enabled=width < 600)
        self._ask("Page.navigate", url=path.resolve().as_uri())
        until = time.monotonic() + PATIENCE
        while self.value("document.readyState") != "complete" and time.monotonic() < until:
            time.sleep(0.05)
        self.drawn()

    def drawn(self) -> None:
        """Wait until what was asked for is on the screen."""
        self.value("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")

    def value(self, script: str) -> Any:
        """Return what a script says."""
        found = self._ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            raise AssertionError(f"{script}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def click(self, chosen: str) -> None:
        """Click in the middle of the first element that a selector finds, as a finger would."""
        self.value(f"document.querySelector({chosen!r}).scrollIntoView({{block: 'center'}})")
        self.drawn()
        x, y = self.value(
            f"(b => [b.x + b.width / 2, b.y + b.height / 2])"
            f"(document.querySelector({chosen!r}).getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.drawn()

    def move(self, x: float, y: float) -> None:
        """Move the mouse to a place in the window, px, no button down."""
        self._ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.drawn()

    def tap(self, x: float, y: float) -> None:
        """Touch a place in the window, px, with one finger."""
        self._ask("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self._ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        self.drawn()

    def printed(self) -> bytes:
        """Return the page as PDF, as a printer would get it."""
        found = self._ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(found["data"])

    def picture(self, *, whole: bool = False) -> bytes:
        """Return what is seen as PNG, or all of the page."""
        found = self._ask("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(found["data"])

    def _ask(self, method: str, **given: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": given}
        if self._session:
            message["sessionId"] = self._session
        try:
            os.write(self._write, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise BrowserGoneError("Chromium has gone") from None
        while True:
            answer = self._next()
            self._heard(answer.get("method", ""), answer.get("params", {}))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def _heard(self, method: str, told: dict[str, Any]) -> None:
        """Keep what a page does unasked: errors, and what it wants from elsewhere."""
        if method == "Runtime.exceptionThrown":
            self.errors.append(str(told["exceptionDetails"]))
        if method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.errors.append(str(told["args"]))
        if method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(str(told["entry"]["text"]))
        if method == "Network.requestWillBeSent":
            url = str(told["request"]["url"])
            self.asked += [] if url.startswith(("file:", "data:", "about:")) else [url]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            more = os.read(self._read, 1 << 20)
            if not more:
                raise BrowserGoneError("Chromium has gone")
            self._left += more
        line, self._left = self._left.split(b"\0", 1)
        return dict(json.loads(line))
