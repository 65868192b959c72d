"""Tabs of the built site, in a real browser."""

from pathlib import Path
from typing import Any


def test_the_ways_to_write_the_same_stand_in_tabs(browser: Any, address: str) -> None:
    """A click or an arrow key changes the tab, without scripts too; the file can be saved."""
    for scripts in (True, False):
        page = browser.new_context(java_script_enabled=scripts).new_page()
        page.goto(f"{address}how-to/paste-your-code/")
        tabs = page.locator(".tabbed-set").first
        shown = tabs.locator(".tabbed-block:visible")
        assert "def backward(dh, cache)" in shown.inner_text()
        tabs.get_by_text("One step", exact=True).click()
        assert "def step_back" in shown.inner_text()
        tabs.locator("input:checked").press("ArrowRight")
        assert "Whh" in shown.inner_text()
        with page.expect_download() as download:
            shown.get_by_role("link", name="numpy_globals.py").click()
        assert "def problem(case)" in Path(download.value.path()).read_text(encoding="utf-8")
        page.context.close()
