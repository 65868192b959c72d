"""The built site in a real browser: what a reader sees, hears and can do.

The site is built once, as it is published, from decisions that an earlier build may have kept. The
browser is Chromium, from PATH or from CHROMIUM; axe-core comes with a package of the extra
``browser``.
"""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

for module in ("mkdocs", "material", "mkdocs_jupyter", "mkdocstrings"):
    pytest.importorskip(module, reason="the site's tools are missing: pip install '.[docs]'")
api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is missing: pip install '.[browser]'"
)
pytest.importorskip("axe_playwright_python", reason="axe-core is missing: pip install '.[browser]'")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("no Chromium on PATH: apt-get install chromium", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("default")  # the tools' own are not ours to mend

ROOT = Path(__file__).resolve().parents[1]
EVERYWHERE = bool(os.environ.get("BPTTCHECK_AXE"))
"""Whether axe looks at every page in all four ways, rather than at one of each kind in two."""

KINDS = (
    "", "404.html", "tutorials/bptt-from-zero/", "how-to/add-an-identity/", "reference/cli/",
    "explanation/tolerances/", "reference/cheat-sheet/", "reference/notation/",
    "reference/identities/clipping/", "derivations/jacobian/",
)  # fmt: skip
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
TWO_WAYS = ((1280, "light"), (390, "dark"))


PUBLISHED = "https://example.org/"


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


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium."""
    with api.sync_playwright() as playwright:
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


def pages(folder: Path) -> list[str]:
    """Return the address of every page."""
    found = sorted(folder.rglob("*.html"))
    return [file.relative_to(folder).as_posix().removesuffix("index.html") for file in found]


LOOK = r"""() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const walker = document.createTreeWalker(document.querySelector(".md-content"), 4);
  const raw = [];
  for (let node; (node = walker.nextNode()); ) {
    const hidden = node.parentElement.closest("pre, code, script, style, annotation, .katex");
    if (!hidden && /\$\$|\\[(\[a-z]/.test(node.data)) raw.push(node.data.trim());
  }
  const all = document.querySelectorAll(".md-content__inner *:not(.katex *)");
  const outside = [...all].filter((element) => {
    const box = element.getBoundingClientRect();
    if (!box.width || box.right <= innerWidth + 1) return false;
    if (element.matches(".headerlink")) return false; // invisible until the heading is pointed at
    for (let up = element.parentElement; !up.matches(".md-content"); up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") return false;
    }
    return true;
  });
  return { wide, raw, outside: outside.map((element) => element.outerHTML.slice(0, 120)) };
}"""

# Rules that need no eye; the best-practice ones included.
# Formulas are left out: thousands of boxes hidden from readers of screens, beside MathML.
AXE = """() => axe.run({include: [["html"]], exclude: [[".katex"]]},
  {resultTypes: ["violations"], preload: false}).then((found) =>
  found.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 160)]))"""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page(browser: Any, address: str, folder: Path, width: int, scheme: str) -> None:
    """No error, no request elsewhere, nothing outside the screen, no raw TeX, no barrier."""
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    reader = Reader(browser, address, width, scheme)
    wrong = {}
    assert set(KINDS) <= set(pages(folder))
    for name in pages(folder):
        reader.open(name)
        seen = reader.page.evaluate(LOOK)
        barriers = []
        if EVERYWHERE or (name in KINDS and (width, scheme) in TWO_WAYS):
            reader.page.evaluate(axe)
            barriers = reader.page.evaluate(AXE)
        found = {
            "overflow": seen["wide"] or seen["outside"],
            "raw TeX": seen["raw"],
            "axe": barriers,
            "trouble": list(reader.trouble),
        }
        reader.trouble.clear()
        if name == "404.html":
            found["trouble"] = []
        if any(found.values()):
            wrong[name] = {kind: what for kind, what in found.items() if what}
    reader.page.close()
    assert wrong == {}


def test_the_look_at_a_page_sees_what_is_wrong(reader: Reader) -> None:
    """The check above, on a page that has been spoilt."""
    reader.open("")
    spoil = """() => document.querySelector(".md-content__inner").insertAdjacentHTML("beforeend",
      "<p>$$x$$ \\\\frac12</p><div style='width: 3000px; height: 1px'></div>")"""
    reader.page.evaluate(spoil)
    seen = reader.page.evaluate(LOOK)
    assert seen["raw"] == [r"$$x$$ \frac12"]
    assert seen["outside"]
    reader.page.evaluate("() => { console.error('planted'); fetch('http://127.0.0.1:9/x') }")
    reader.page.wait_for_timeout(200)
    assert any("planted" in what for what in reader.trouble)
    assert any("third party" in what for what in reader.trouble)
    reader.trouble.clear()


def test_instant_navigation_into_and_out_of_a_notebook(reader: Reader) -> None:
    """The page is not loaded anew, and formulas, sliders and scroll boxes work all the same."""
    reader.open("")
    page = reader.page
    page.wait_for_load_state("networkidle")  # the site map has come: from here on it is instant
    page.evaluate("() => { window.same = true }")
    page.locator(".md-nav--primary").get_by_text("Vanishing gradients").click()
    page.wait_for_url("**/derivations/notes/")
    page.locator("figure.play input").first.wait_for()
    assert page.evaluate("() => window.same")
    assert page.evaluate(LOOK)["raw"] == []
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


def test_every_derivation_has_a_slider_that_moves_something(reader: Reader, folder: Path) -> None:
    names = [name for name in pages(folder) if re.match("(derivations|tutorials)/.", name)]
    assert len(names) >= 5
    for name in names:
        reader.open(name)
        slider = reader.page.locator("figure.play input").first
        moved = [slider.evaluate("s => s.closest('figure').querySelector('svg').innerHTML")]
        for key in ("Home", "End"):
            slider.press(key)
            moved.append(slider.evaluate("s => s.closest('figure').querySelector('svg').innerHTML"))
        assert len(set(moved)) >= 2, name


def test_search_finds_the_terminal_gradient(reader: Reader) -> None:
    reader.open("")
    reader.page.locator(".md-search__input").first.click()
    reader.page.keyboard.type("terminal gradient", delay=5)
    reader.page.locator(".md-search-result__link").first.wait_for()
    results = reader.page.locator(".md-search-result__link").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert any("terminal-gradient" in link for link in results), results


def test_the_ledger_filters_by_source_and_verdict(reader: Reader) -> None:
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


def test_the_cheat_sheet_prints_on_one_page(reader: Reader) -> None:
    reader.open("reference/cheat-sheet/")
    printed = reader.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    reader.open("explanation/layouts/")
    assert len(re.findall(rb"/Type\s*/Page\b", reader.page.pdf())) > 1


def test_pages_can_be_opened_from_a_folder(browser: Any, folder: Path) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((folder / "derivations" / "notes" / "index.html").as_uri())
    assert page.locator("figure.play svg").first.is_visible()
    page.locator("figure.play input").first.press("ArrowRight")
    assert errors == []
    page.close()


@pytest.mark.parametrize(
    "name", ["derivations/notes/notes", "tutorials/bptt-from-zero/bptt-from-zero"]
)
def test_notebooks_can_be_taken_away(reader: Reader, folder: Path, name: str) -> None:
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
