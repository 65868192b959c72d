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
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browsing import CHROMIUM, Reader, chromium

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
    # Instant navigation goes by the site map, which needs an address.
    return built(tmp_path_factory.mktemp("site"), SITE_URL=PUBLISHED)


@pytest.fixture(scope="session")
def in_a_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site to be opened without a server, from what the other build has kept."""
    return built(tmp_path_factory.mktemp("folder"), DIRECTORY_URLS="false", SITE_URL="")


def built(site: Path, **options: str) -> Path:
    """Build the site in a folder."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "CI": "", **options}
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
    """Start Chromium for all tests."""
    with chromium() as started:
        yield started


@pytest.fixture
def reader(browser: Any, address: str) -> Iterator[Reader]:
    """Return a reader at a desk."""
    reader = Reader(browser, address)
    yield reader
    reader.page.close()
    assert reader.trouble == []


@pytest.fixture(scope="session")
def pages(folder: Path) -> list[str]:
    """Return the address of every page."""
    found = sorted(folder.rglob("*.html"))
    return [file.relative_to(folder).as_posix().removesuffix("index.html") for file in found]
