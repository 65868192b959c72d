"""Programs that run in the page, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

TUTORIAL = "tutorials/bptt-from-zero/"
SETTLED = """() => {
  const says = document.querySelector(".run-says").textContent;
  return says && !/Loading|Running/.test(says);
}"""


class Cell:
    """The first program of a page."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.box = page.locator(".run-cell").first
        self.area = self.box.locator("textarea")
        self.says = self.box.locator(".run-says")
        self.drawing = self.box.locator("figure svg")

    def run(self, old: str = "", new: str = "") -> str:
        """Change the program, run it with the keyboard, and return what the page says."""
        text = self.area.input_value()
        assert old in text
        self.area.fill(text.replace(old, new) if old else text)
        self.area.press("Control+Enter")
        self.page.wait_for_function(SETTLED)
        return str(self.says.inner_text())


@pytest.fixture
def cell(reader: Any) -> Cell:
    """Return the program of the tutorial."""
    reader.open(TUTORIAL)
    return Cell(reader.page)


def test_the_interpreter_comes_when_a_program_is_run(reader: Any) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.open(TUTORIAL)
    cell = Cell(reader.page)
    reader.page.wait_for_load_state("networkidle")
    assert not any("assets/run" in url for url in asked)
    assert cell.run() == "✓ Right: ∂L/∂v, ∂L/∂w."
    assert cell.says.get_attribute("role") == "status"
    assert sum("micropython.wasm" in url for url in asked) == 1


def test_a_slip_is_named_the_figure_moves_and_all_can_be_undone(cell: Cell) -> None:
    asked, drawn = cell.area.input_value(), cell.drawing.inner_html()
    said = cell.run("w, v = 0.5", "w, v = 1.5")
    assert said == "✓ Right: ∂L/∂v, ∂L/∂w."
    assert cell.drawing.inner_html() != drawn
    said = cell.run("ds * h[t - 1]", "ds * h[t]")
    assert said.startswith("✗ Wrong: ∂L/∂w, ")
    assert said.endswith("✓ Right: ∂L/∂v.")
    changed = cell.box.locator(".run-changed li").all_inner_texts()
    assert changed[-2:] == ["− line 31: dw = dw + ds * h[t - 1]", "+ line 31: dw = dw + ds * h[t]"]
    cell.box.get_by_role("button", name="Reset").click()
    assert cell.area.input_value() == asked
    assert cell.drawing.inner_html() == drawn


def test_after_a_mistake_of_python_the_reader_sees_the_line_and_goes_on(cell: Cell) -> None:
    assert cell.run("message = ds * w", "message = dz * w").startswith("Line 33: NameError")
    assert cell.box.locator(".run-bad").inner_text().strip().endswith("33")
    cell.box.get_by_role("button", name="Show line 33").click()
    chosen = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
    assert cell.area.evaluate(chosen) == "    message = dz * w"
    said = cell.run("message = dz * w", "while True:\n        message = ds * w")
    assert said == "Stopped after 3 seconds, in line 34. Does a loop there ever end?"
    assert cell.run("while True:\n        message", "message").startswith("✓ Right")


def test_a_loop_that_does_not_listen_is_ended_and_another_run_begins(cell: Cell) -> None:
    cell.area.fill("while True:\n    pass\n")
    cell.box.get_by_role("button", name="Run").click()
    cell.box.get_by_role("button", name="Stop").click()
    assert cell.says.inner_text() == "Stopped."
    cell.page.evaluate("() => { document.querySelector('.run-says').textContent = '' }")
    assert cell.run() == "Stopped: it did not end. In which line it was is not known."
    assert cell.run("while True:\n    pass", "print(1)").startswith(
        "It ran to its end and reported"
    )


def test_the_box_keeps_indentation_and_lets_the_tab_key_go(cell: Cell) -> None:
    cell.area.fill("for t in range(3):")
    cell.area.press("End")
    cell.area.press("Enter")
    assert cell.area.input_value() == "for t in range(3):\n    "
    cell.page.keyboard.type("t")
    cell.area.press("Enter")
    assert cell.area.input_value() == "for t in range(3):\n    t\n    "
    assert cell.box.locator(".run-lines span").count() == 3
    cell.area.press("Tab")
    assert cell.page.evaluate("() => document.activeElement.textContent") == "Run"


@pytest.mark.parametrize("part", ["micropython.mjs", "telling.mjs"])
def test_what_does_not_come_is_said(reader: Any, part: str) -> None:
    reader.page.route(f"**/{part}", lambda route: route.abort())
    reader.open(TUTORIAL)
    assert Cell(reader.page).run().startswith("Python could not be loaded")
    assert any(part in what for what in reader.trouble)
    assert not any(what.startswith("error") for what in reader.trouble)
    reader.trouble.clear()


def test_without_scripts_a_program_is_text_with_its_output(browser: Any, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}{TUTORIAL}")
    box = page.locator(".run-cell")
    assert "message = ds * w" in box.locator(".highlight").text_content()
    assert box.locator(".highlight").is_visible()
    assert "∂L/∂w  right" in box.locator("samp").inner_text()
    assert box.locator("svg").is_visible()
    assert not box.locator(".run-bar").is_visible()
    page.context.close()


def test_programs_of_a_page_that_instant_navigation_brings_run(reader: Any) -> None:
    reader.open("")
    reader.page.wait_for_load_state("networkidle")
    reader.page.evaluate("() => { window.same = true }")
    reader.page.locator(".md-nav--primary").get_by_text("The vector RNN").click()
    reader.page.wait_for_url("**/derivations/vector/")
    said = Cell(reader.page).run("times(transposed(W), da)", "times(W, da)")
    assert reader.page.evaluate("() => window.same")
    assert [line[:11] for line in said.splitlines()] == [
        "✗ Wrong: ∂L",
        "✗ Wrong: ∂L",
        "✓ Right: ∂L",
    ]


def test_without_webassembly_too(reader: Any) -> None:
    reader.page.add_init_script("delete window.WebAssembly")
    reader.open(TUTORIAL)
    box = reader.page.locator(".run-cell")
    assert box.locator(".highlight").is_visible()
    assert box.locator("textarea").count() == 0
    says = "Here the program is text: this browser has no WebAssembly."
    assert box.locator(".run-bar").inner_text() == says
