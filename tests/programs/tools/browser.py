"""Loads pages in headless Chromium and says what is wrong with them: console messages, uncaught errors, requests for
anything but the page, a page wider than the screen. Speaks the DevTools protocol over two pipes.

usage: browser.py PAGE.html... [--screenshots FOLDER]      exit status: 0 nothing is wrong, 1 a line for what is
"""

import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SCREENS = (("phone", 390, 844, True), ("desk", 1440, 900, False))
SCHEMES = ("light", "dark")
WIDTH = "document.documentElement.scrollWidth"
# What a page that took names for markup would have run.
STRANGE = "typeof hacked !== 'undefined' || document.querySelectorAll('img, iframe, object').length > 0"


class Browser:
    """A Chromium with one tab. Use as a context."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp()
        command_read, self.commands = os.pipe()
        self.answers, answer_write = os.pipe()

        # Chromium wants them as 3 and 4; copies of them have higher numbers, so that neither takes the other's place.
        held = [os.dup(fd) for fd in (command_read, answer_write)]
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec 3<&{held[0]} 4>&{held[1]}; exec "$@"', "-", "chromium", "--headless=new", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
             "--remote-debugging-pipe", f"--user-data-dir={self.folder}", "about:blank"],
            pass_fds=held, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (command_read, answer_write, *held):
            os.close(fd)
        self.buffer, self.number, self.events = b"", 0, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        shutil.rmtree(self.folder, ignore_errors=True)

    def receive(self):
        """The next message."""
        while b"\0" not in self.buffer:
            piece = os.read(self.answers, 1 << 20)
            if not piece:
                raise SystemExit("chromium ended")
            self.buffer += piece
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        """Call a method of the protocol. Returns its result; events on the way are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def ask(self, method, **parameters):
        """Call a method in the tab."""
        return self.call(method, self.session, **parameters)

    def evaluate(self, code):
        """The value of JavaScript code in the page."""
        return self.ask("Runtime.evaluate", expression=code, returnByValue=True)["result"].get("value")

    def open(self, url, width, height, mobile, scheme):
        """Load a page on a screen."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events = []
        if self.ask("Page.navigate", url=url).get("errorText"):
            raise SystemExit(f"{url}: cannot be loaded")
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive())

    def complaints(self, url):
        """What the page has done since it was opened that it should not."""
        for event in self.events:
            method, what = event.get("method"), event.get("params", {})
            if method == "Runtime.consoleAPICalled":
                yield "console: " + " ".join(str(each.get("value", each.get("description"))) for each in what["args"])
            elif method == "Runtime.exceptionThrown":
                yield "exception: " + what["exceptionDetails"].get("exception", {}).get("description", "?")
            elif method == "Log.entryAdded":
                yield "log: " + what["entry"]["text"]
            elif method == "Network.requestWillBeSent" and what["request"]["url"] != url:
                yield "request: " + what["request"]["url"]

    def screenshot(self, path, width):
        """The whole page as a PNG file."""
        height = self.evaluate("document.documentElement.scrollHeight")
        data = self.ask("Page.captureScreenshot", captureBeyondViewport=True,
                        clip={"x": 0, "y": 0, "width": width, "height": min(height, 12000), "scale": 1})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


def check(browser, path, folder):
    """Yield a line for everything that is wrong with a page, on all screens."""
    url = pathlib.Path(path).resolve().as_uri()
    for screen, width, height, mobile in SCREENS:
        for scheme in SCHEMES:
            browser.open(url, width, height, mobile, scheme)
            where = f"{path}, {screen}, {scheme}"
            if browser.evaluate(WIDTH) > width:
                yield f"{where}: {browser.evaluate(WIDTH)} pixels wide on a screen of {width}"
            browser.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
            browser.evaluate("document.querySelectorAll('.flame > :last-child').forEach(each => each.click())")
            if browser.evaluate(WIDTH) > width:
                yield f"{where}: {browser.evaluate(WIDTH)} pixels wide when all is unfolded"
            if browser.evaluate(STRANGE) is not False:
                yield f"{where}: a name became markup"
            for complaint in browser.complaints(url):
                yield f"{where}: {complaint}"
            if folder:
                browser.open(url, width, height, mobile, scheme)
                name = os.path.splitext(os.path.basename(path))[0]
                browser.screenshot(os.path.join(folder, f"{name}-{screen}-{scheme}.png"), width)


def main():
    parser = argparse.ArgumentParser(description="Loads pages in headless Chromium.")
    parser.add_argument("pages", metavar="PAGE.html", nargs="+")
    parser.add_argument("--screenshots", metavar="FOLDER")
    options = parser.parse_args()
    with Browser() as browser:
        wrong = [line for page in options.pages for line in check(browser, page, options.screenshots)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
