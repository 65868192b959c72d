"""Chromium, and a page of it that writes down whatever should not happen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Chromium; each thread needs one of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


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
        self.page.on("requestfailed", self._failed)

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # as where a page is left before it has all
            self.trouble.append(f"failed: {request.url}")

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
