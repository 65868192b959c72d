"""A browser for the tests beside this file, and the built site for it to show.

The site is built once, as it is published, from decisions that an earlier build may have kept. The
browser is Chromium, from PATH or from CHROMIUM; axe-core comes with a package of the extra
``browser``.
"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = "https://example.org/"
NEEDED = {
    "docs": ("mkdocs", "material", "mkdocs_jupyter", "mkdocstrings"),
    "browser": ("playwright", "axe_playwright_python"),
}


def missing() -> str:
    """Return what the tests of this folder need and do not have, and where it comes from."""
    for extra, modules in NEEDED.items():
        for module in modules:
            if importlib.util.find_spec(module) is None:
                return f"{module} is missing: pip install '.[{extra}]'"
    return "" if CHROMIUM else "no Chromium on PATH: apt-get install chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with a clear word, where something is missing; the tools' own warnings are theirs."""
    here, reason = Path(__file__).parent, missing()
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("default"))
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that does not talk; the site map has its own address in it."""

    def do_GET(self) -> None:
        """Send a file."""
        if self.path.split("?")[0] != "/sitemap.xml":
            return super().do_GET()
        text = (Path(self.directory) / "sitemap.xml").read_text(encoding="utf-8")
        here = text.replace(PUBLISHED, f"http://{self.headers['Host']}/").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(here)))
        self.end_headers()
        self.wfile.write(here)
        return None

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, or take the one that BPTTCHECK_SITE names."""
    if named := os.environ.get("BPTTCHECK_SITE"):
        return Path(named)
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(site)]
    # Instant navigation goes by the site map, which needs an address.
    published = {"NO_MKDOCS_2_WARNING": "1", "CI": "", "SITE_URL": PUBLISHED}
    environment = {**os.environ, **published}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    """Serve the site."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


class Reader:
    """A page of the browser that writes down whatever should not happen."""

    def __init__(self, browser: Any, address: str, width: int = 1280, scheme: str = "light"):
        self.address = address
        self.trouble: list[str] = []
        self.page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", lambda r: self.trouble.append(f"failed: {r.url}"))

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.trouble.append(f"third party: {request.url}")

    def open(self, page: str) -> None:
        """Open a page and wait for its scripts."""
        self.page.goto(self.address + page)
        self.page.wait_for_function("typeof document$ !== 'undefined'")


@pytest.fixture
def reader(browser: Any, address: str) -> Iterator[Reader]:
    """Return a reader at a desk."""
    reader = Reader(browser, address)
    yield reader
    reader.page.close()
    assert reader.trouble == []


@pytest.fixture(scope="session")
def opened(browser: Any, address: str) -> Callable[..., Reader]:
    """Return a function that gives a reader with a screen of some width and scheme."""
    return functools.partial(Reader, browser, address)


@pytest.fixture(scope="session")
def pages(folder: Path) -> list[str]:
    """Return the address of every page."""
    found = sorted(folder.rglob("*.html"))
    return [file.relative_to(folder).as_posix().removesuffix("index.html") for file in found]
