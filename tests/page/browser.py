# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium, driven over its DevTools protocol on a pair of pipes. Python's standard library only."""

import base64
import contextlib
import json
import os
import pathlib
import queue
import shutil
import subprocess
import tempfile
import threading
import time

from scenario import Skip

# It asks nobody but the pages that it is shown: no updates, no variations, no name outside this machine.
OPTIONS = ["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-gpu",
           "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
           "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb", "--font-render-hinting=none",
           "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
# A clock that a test sets and moves, and a record of what the page's policy has stopped.
IN_EVERY_PAGE = """(() => {
  const Real = Date;
  let shift = %d ? %d - Real.now() : 0;
  globalThis.Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + shift); }
    static now() { return Real.now() + shift; }
  };
  globalThis.testMoveClock = (milliseconds) => { shift += milliseconds; };
  globalThis.testViolations = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    testViolations.push(`${event.violatedDirective} ${event.blockedURI}`));
})()"""


def program():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise Skip("chromium is not installed (tools/deps test)")


class Browser:
    def __init__(self):
        # Chromium reads commands from descriptor 3 and writes to descriptor 4.
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        self.profile = tempfile.mkdtemp(prefix="openpcc-chromium-")
        self.argv = [program(), *OPTIONS, f"--user-data-dir={self.profile}"]
        if os.geteuid() == 0:
            self.argv.append("--no-sandbox")  # Chromium's own sandbox refuses root
        far = [os.dup(commands), os.dup(answers)]

        def arrange():
            os.dup2(far[0] if far[0] != 4 else os.dup(far[0]), 3)
            os.dup2(far[1], 4)

        while min(far) < 5:  # out of the way of 3 and 4
            far = [os.dup(one) for one in far]
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=arrange, pass_fds=(3, 4), start_new_session=True,
                                        env={**os.environ, "HOME": self.profile, "TZ": "UTC", "LANG": "C.UTF-8"})
        for one in (commands, answers, *far):
            os.close(one)
        self.number, self.waiting, self.pages = 0, {}, {}
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        rest = b""
        with contextlib.suppress(OSError):
            while piece := os.read(self.answers, 1 << 16):
                *whole, rest = (rest + piece).split(b"\0")
                for text in whole:
                    message = json.loads(text)
                    if "id" in message:
                        self.waiting.pop(message["id"]).put(message)
                    elif message.get("sessionId") in self.pages:
                        self.pages[message["sessionId"]].events.append(message)
        for one in list(self.waiting.values()):
            one.put({"error": {"message": "the browser has ended"}})

    def call(self, method, session=None, **params):
        self.number += 1
        place = self.waiting[self.number] = queue.Queue()
        message = {"id": self.number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        answer = place.get(timeout=30)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def page(self, at=None):
        """A page of a browser context of its own, whose clock begins at `at` (seconds since 1970)."""
        return Page(self, at)

    def end(self):
        with contextlib.suppress(Exception):
            self.call("Browser.close")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait(10)
        for one in (self.commands, self.answers):
            with contextlib.suppress(OSError):
                os.close(one)
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


class Page:
    def __init__(self, browser, at=None):
        self.browser, self.events = browser, []
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=self.context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Network", "Runtime", "Log", "Accessibility"):
            self.call(f"{domain}.enable")
        clock = int(at * 1000) if at else 0
        self.call("Page.addScriptToEvaluateOnNewDocument", source=IN_EVERY_PAGE % (clock, clock))
        self.size(1280, 900)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def size(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)

    def prefer(self, **features):
        """Such as prefers_color_scheme="dark"."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": name.replace("_", "-"), "value": value}
                                                          for name, value in features.items()])

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete'", f"{url} is loaded")

    def evaluate(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"].get("exception", {}).get("description", answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, script, what, seconds=15):
        end = time.monotonic() + seconds
        while not self.evaluate(script):
            if time.monotonic() > end:
                text = self.evaluate("document.body.innerText")
                raise AssertionError(f"after {seconds} s still not: {what}\n{text[:2000]}")
            time.sleep(0.02)

    def press(self, key, code=None, text=None, shift=False):
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40, "ArrowUp": 38, "End": 35}
        event = {"key": key, "code": code or key, "windowsVirtualKeyCode": codes.get(key, 0), "modifiers": 8 if shift else 0}
        text = text or {"Enter": "\r", " ": " "}.get(key)
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **event, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def screenshot(self, path=None, clip=None):
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=False, **({"clip": clip} if clip else {}))
        content = base64.b64decode(shot["data"])
        if path:
            pathlib.Path(path).write_bytes(content)
        return content

    def requests(self):
        """Addresses that the page has asked for, in order."""
        return [event["params"]["request"]["url"] for event in self.events if event["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """What the browser has stopped or found wrong: violations of the page's policy, exceptions, errors of its log."""
        out = [f"violation {one}" for one in self.evaluate("globalThis.testViolations")]
        for event in self.events:
            if event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                out.append("exception " + details.get("exception", {}).get("description", details["text"]))
            if event["method"] == "Log.entryAdded" and event["params"]["entry"]["source"] in ("security", "javascript"):
                out.append("log " + event["params"]["entry"]["text"])
        return out

    def close(self):
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)
        self.browser.pages.pop(self.session, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
