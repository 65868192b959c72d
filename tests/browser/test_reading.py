"""What a reader of the built site can do, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest


def test_instant_navigation_into_and_out_of_a_notebook(reader: Any) -> None:
    """The page is not loaded anew, and formulas, sliders and scroll boxes work all the same."""
    reader.open("")
    page = reader.page
    page.wait_for_load_state("networkidle")  # the site map has come: from here on it is instant
    page.evaluate("() => { window.same = true }")
    page.locator(".md-nav--primary").get_by_text("Vanishing gradients").click()
    page.wait_for_url("**/derivations/notes/")
    page.locator("figure.play input").first.wait_for()
    assert page.evaluate("() => window.same")
    assert "$$" not in page.locator(".md-content").inner_text()
    assert page.locator(".katex-html").count() > 50

    slider, says = page.locator("figure.play input").first, page.locator("figure.play output").first
    before, drawn = says.inner_text(), page.locator("figure.play svg").first.inner_html()
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert says.inner_text() != before
    assert page.locator("figure.play svg").first.inner_html() != drawn
    assert slider.get_attribute("aria-valuetext") in says.inner_text()

    page.locator(".md-nav--primary").get_by_text("Claims", exact=True).click()
    page.wait_for_url("**/reference/claims/")
    page.locator(".ledger-filter").wait_for()
    assert page.evaluate("() => window.same")


def test_every_derivation_has_a_slider_that_moves_something(reader: Any, pages: list[str]) -> None:
    names = [name for name in pages if re.match("derivations/.|tutorials/bptt", name)]
    assert len(names) >= 5
    for name in names:
        reader.open(name)
        slider = reader.page.locator("figure.play input").first
        moved = [slider.evaluate("s => s.closest('figure').querySelector('svg').innerHTML")]
        for key in ("Home", "End"):
            slider.press(key)
            moved.append(slider.evaluate("s => s.closest('figure').querySelector('svg').innerHTML"))
        assert len(set(moved)) >= 2, name


def test_every_derivation_says_once_how_a_mark_is_read(reader: Any, pages: list[str]) -> None:
    read = 0
    for name in (name for name in pages if name.startswith("derivations/")):
        reader.open(name)
        marks = reader.page.locator("details.check").count()
        told = reader.page.get_by_text("How to read a ✓").count()
        assert told == (marks > 0), name
        read += told
    assert read == 8


def test_the_figure_with_three_sliders_moves_and_can_be_saved(reader: Any) -> None:
    reader.open("derivations/where-it-goes/")
    page = reader.page
    lines = (
        "() => [...document.querySelectorAll('[data-line] path')].map((p) => p.getAttribute('d'))"
    )
    before = page.evaluate(lines)
    for number, moved in ((0, {0, 1, 2, 3}), (1, {2, 3}), (2, {0, 1, 2, 3})):
        slider = page.locator("figure.explore input").nth(number)
        slider.focus()
        page.keyboard.press("ArrowLeft")
        after = page.evaluate(lines)
        assert {k for k in range(4) if before[k] != after[k]} == moved
        assert slider.get_attribute("aria-valuetext") in page.locator("output").first.inner_text()
        before = after
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"Save as {kind}").click()
        assert download.value.suggested_filename == f"where-the-gradient-goes.{kind.lower()}"


APPLIED = """() => {
  window.applied = [];
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.rel === "stylesheet") window.applied.push(document.querySelector("main") !== null);
    }
  }).observe(document, { attributes: true, attributeFilter: ["href"], subtree: true });
}"""


def test_style_sheets_are_applied_before_there_is_a_page_to_style(reader: Any) -> None:
    """The theme's script gives each link a whole address, which has all of a page styled again."""
    reader.page.add_init_script(f"({APPLIED})()")
    reader.open("derivations/vector/")
    reader.page.wait_for_load_state("networkidle")
    applied = reader.page.evaluate("window.applied")
    assert applied
    assert not any(applied)


def test_a_listing_out_of_sight_takes_the_room_that_it_will_need(reader: Any) -> None:
    rooms = "[...document.querySelectorAll('.highlight code')].map((code) => code.offsetHeight)"
    for width in (1280, 390):
        reader.page.set_viewport_size({"width": width, "height": 900})
        reader.open("derivations/vector/")
        guessed = reader.page.evaluate(rooms)
        reader.page.add_style_tag(content="code { content-visibility: visible !important }")
        assert len(guessed) > 10
        needed = reader.page.evaluate(rooms)
        # Heights come in whole pixels, rounded from fractions.
        assert max(abs(a - b) for a, b in zip(guessed, needed, strict=True)) <= 1


def test_the_ledger_filters_by_source_and_verdict(reader: Any) -> None:
    reader.open("reference/claims/")
    page = reader.page
    rows, entries = page.locator(".ledger tbody tr:visible"), page.locator("h3:visible")
    everything = rows.count()
    assert everything == entries.count() > 50
    page.locator(".ledger-filter").get_by_label("Source").select_option("scalar")
    assert 0 < rows.count() == entries.count() < everything
    page.locator(".ledger-filter").get_by_label("Verdict").select_option("refuted")
    assert rows.count() == entries.count() == 2
    assert page.locator(".ledger-filter output").inner_text() == f"2 of {everything} claims"
    assert page.url.endswith("?source=scalar&verdict=refuted")
    page.reload()
    assert rows.count() == 2
    page.locator(".ledger-filter").get_by_label("Source").select_option("all")
    page.locator(".ledger-filter").get_by_label("Verdict").select_option("all")
    assert rows.count() == everything


def test_the_ledger_without_scripts_is_the_whole_list(browser: Any, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}reference/claims/")
    assert page.locator(".ledger tbody tr:visible").count() > 50
    page.goto(f"{address}derivations/notes/")
    assert page.locator("figure.play svg").first.is_visible()
    assert not page.locator("figure.play input").first.is_visible()
    page.context.close()


def test_the_quiz_says_which_line_and_keeps_what_was_found(reader: Any) -> None:
    reader.open("tutorials/quiz/")
    page = reader.page
    question = page.locator("ol.quiz").first
    right = int(question.get_attribute("data-answer"))
    says, answer = page.locator(".quiz-says").first, page.locator(".quiz-says + details").first
    question.locator("button").nth(right - 1).click()
    assert says.inner_text() == f"Line {right} is right."
    assert answer.get_attribute("open") is None
    question.locator("button").nth(right).focus()
    page.keyboard.press("Enter")
    assert says.inner_text() == f"✓ Line {right + 1} is the one."
    assert answer.get_attribute("open") is not None
    assert page.locator(".quiz-progress output").inner_text().startswith("1 of ")
    page.reload()
    assert page.locator(".quiz-progress output").inner_text().startswith("1 of ")
    page.locator(".quiz-progress").get_by_role("button", name="Start again").click()
    assert page.locator(".quiz-progress output").inner_text().startswith("0 of ")


def test_the_quiz_without_scripts_is_code_with_a_folded_answer(browser: Any, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}tutorials/quiz/")
    assert page.locator("ol.quiz button").count() == 0
    page.locator("ol.quiz + details > summary").first.click()
    assert "Smallest case" in page.locator("ol.quiz + details").first.inner_text()
    page.context.close()


def test_the_cheat_sheet_prints_on_one_page(reader: Any) -> None:
    reader.open("reference/cheat-sheet/")
    printed = reader.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    reader.open("explanation/layouts/")
    assert len(re.findall(rb"/Type\s*/Page\b", reader.page.pdf())) > 1


def test_the_site_can_be_opened_from_a_folder(browser: Any, in_a_folder: Path) -> None:
    """Figures move, links lead on, and the search finds, without a server."""
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto((in_a_folder / "derivations" / "notes.html").as_uri())
    assert page.locator("figure.play svg").first.is_visible()
    page.locator("figure.play input").first.press("ArrowRight")
    page.locator(".md-search__input").first.click()
    page.keyboard.type("terminal gradient", delay=5)
    page.locator(".md-search-result__link", has_text="rnn.terminal-gradient").first.click()
    page.wait_for_url("**/reference/identities/rnn.html?*#rnn.terminal-gradient")
    assert page.locator("[id='rnn.terminal-gradient']").is_visible()
    assert errors == []
    page.close()


def test_the_way_back_to_the_top_is_a_button_in_the_corner(reader: Any) -> None:
    reader.open("explanation/checkers/")
    reader.page.mouse.wheel(0, 1500)
    reader.page.wait_for_function("() => scrollY > 1000")
    reader.page.mouse.wheel(0, -200)
    button = reader.page.locator(".md-top:not([hidden])")
    button.wait_for()
    box = button.bounding_box()
    assert box["height"] < 60
    assert box["y"] + box["height"] > 850
    button.click()
    reader.page.wait_for_function("() => scrollY === 0")


def test_who_uses_a_dark_system_sees_no_light_page_first(browser: Any, address: str) -> None:
    """The scheme stands before the theme's script comes, which is kept away here."""
    for scheme, named in (("dark", "slate"), ("light", "default")):
        page = browser.new_page(color_scheme=scheme)
        page.route("**/bundle.*", lambda route: route.abort())
        page.goto(address)
        assert page.evaluate("() => document.body.dataset.mdColorScheme") == named
        assert page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == (
            "dark" if scheme == "dark" else "normal"
        )
        page.close()


def test_a_scheme_that_was_chosen_stays(reader: Any) -> None:
    reader.open("")
    scheme = "() => document.body.dataset.mdColorScheme"
    seen = [reader.page.evaluate(scheme)]
    for _ in range(2):  # from the system's scheme, which is light, to light and to dark
        reader.page.locator(".md-header__button[for^='__palette']:visible").click()
        seen.append(reader.page.evaluate(scheme))
    assert seen == ["default", "default", "slate"]
    reader.open("reference/cli/")
    assert reader.page.evaluate(scheme) == "slate"
    assert not reader.page.locator("[data-md-color-switching]").count()


def test_an_older_address_leads_to_where_an_identity_is_now(reader: Any) -> None:
    reader.open("reference/identities/rnn/#rnn.rtrl-W")
    entry = reader.page.locator("[id='rnn.rtrl-W']")
    assert entry.is_visible()
    entry.click()
    reader.page.wait_for_url("**/reference/identities/rnn-witnesses/#rnn.rtrl-W")
    reader.page.locator("h3[id='rnn.rtrl-W']").wait_for()


@pytest.mark.parametrize(
    "name", ["derivations/notes/notes", "tutorials/bptt-from-zero/bptt-from-zero"]
)
def test_notebooks_can_be_taken_away(reader: Any, folder: Path, name: str) -> None:
    import nbformat

    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    compile((folder / f"{name}.py").read_text(encoding="utf-8"), name, "exec")
    reader.open(name.rpartition("/")[0] + "/")
    for suffix in (".ipynb", ".py"):
        with reader.page.expect_download() as download:
            reader.page.locator(f"a[download][href$='{suffix}']").click()
        assert download.value.suggested_filename == name.rpartition("/")[2] + suffix
