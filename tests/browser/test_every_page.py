"""Every page in a real browser: wide and narrow, light and dark."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from itertools import chain
from queue import Empty, SimpleQueue
from typing import Any

from tests.browser.browsing import Reader, chromium

EVERYWHERE = bool(os.environ.get("BPTTCHECK_AXE"))
"""Whether axe looks at every page in all four ways, rather than at one of each kind in two."""

KINDS = (
    "", "404.html", "tutorials/bptt-from-zero/", "how-to/add-an-identity/", "reference/cli/",
    "explanation/tolerances/", "reference/cheat-sheet/", "reference/notation/",
    "reference/identities/clipping/", "derivations/jacobian/",
)  # fmt: skip
FOUR_WAYS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
TWO_WAYS = ((1280, "light"), (390, "dark"))

# Otherwise nothing would be seen of what is below the screen.
SHOW_ALL = "* { content-visibility: visible !important; transition: none !important }"

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
  const labels = [];
  for (const drawing of document.querySelectorAll(".md-content svg[role=img]")) {
    const frame = drawing.getBoundingClientRect();
    if (frame.width > innerWidth) labels.push(`${drawing.id} is ${frame.width} wide`);
    const boxes = [...drawing.querySelectorAll("text")]
      .map((text) => [text.textContent, text.getBoundingClientRect()])
      .filter(([words, box]) => words.trim() && box.width);
    boxes.forEach(([words, box], k) => {
      const wide = box.left < frame.left - 1 || box.right > frame.right + 1;
      const high = box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
      if (wide || high) labels.push(`${words} is cut off`);
      for (const [others, other] of boxes.slice(0, k)) {
        const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
        const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
        if (across > 1 && down > 3) labels.push(`${words} lies on ${others}`); // boxes have air
      }
    });
  }
  return { wide, raw, labels, outside: outside.map((element) => element.outerHTML.slice(0, 120)) };
}"""

# Rules that need no eye; the best-practice ones included.
# Formulas are left out: thousands of boxes hidden from readers of screens, beside MathML.
AXE = """() => axe.run({include: [["html"]], exclude: [[".katex"]]},
  {resultTypes: ["violations"], preload: false}).then((found) =>
  found.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 160)]))"""


def test_every_page(address: str, pages: list[str]) -> None:
    """No error, no request elsewhere, nothing outside the screen, no raw TeX, no barrier.

    A page is opened once. The window changes its width, and the system its scheme, under it. Two
    browsers share the pages: one of them would leave a second processor idle.
    """
    assert set(KINDS) <= set(pages)
    left = SimpleQueue[str]()
    for name in sorted(pages, key=lambda name: name not in KINDS):  # the longest looks first
        left.put(name)
    with ThreadPoolExecutor(2) as pool:
        halves = [pool.submit(wrong_pages, address, left) for _ in range(2)]
    seen, wrong = zip(*(half.result() for half in halves), strict=True)
    assert sorted(chain(*seen)) == sorted(pages)
    assert [*chain(*wrong)] == []


def wrong_pages(address: str, left: SimpleQueue[str]) -> tuple[list[str], list[Any]]:
    """Take pages until none is left; return those seen, and what is wrong with which."""
    seen, wrong = [], []
    with chromium() as browser:
        reader = Reader(browser, address)
        while not left.empty():
            try:
                seen.append(left.get_nowait())
            except Empty:  # the other one was faster
                break
            wrong += wrong_on(reader, seen[-1])
    return seen, wrong


def wrong_on(reader: Reader, name: str) -> list[Any]:
    """Return what is wrong on a page, in each of the four ways."""
    reader.open(name)
    reader.page.add_style_tag(content=SHOW_ALL)
    wrong = []
    for width, scheme in FOUR_WAYS:
        found = look(reader, width, scheme)
        if EVERYWHERE or (name in KINDS and (width, scheme) in TWO_WAYS):
            reader.page.evaluate(axe())
            found["axe"] = reader.page.evaluate(AXE)
        found["trouble"] = [] if name == "404.html" else list(reader.trouble)
        reader.trouble.clear()
        if any(found.values()):
            wrong.append((name, width, scheme, found))
    return wrong


@cache
def axe() -> str:
    """Return axe-core."""
    file = resources.files("axe_playwright_python") / "axe.min.js"
    return file.read_text(encoding="utf-8")


def look(reader: Any, width: int, scheme: str) -> dict[str, Any]:
    """Return what is wrong to the eye on the page that is open, at a width and in a scheme."""
    reader.page.set_viewport_size({"width": width, "height": 900})
    reader.page.emulate_media(color_scheme=scheme)
    named = {"light": "default", "dark": "slate"}[scheme]
    follows = "name => document.body.dataset.mdColorScheme === name"
    reader.page.wait_for_function(follows, arg=named, timeout=5000)
    seen = reader.page.evaluate(LOOK)
    return {
        "overflow": seen["wide"] or seen["outside"],
        "raw TeX": seen["raw"],
        "labels": seen["labels"],
    }


def test_the_look_at_a_page_sees_what_is_wrong(reader: Any) -> None:
    """The check above, on a page that has been spoilt."""
    reader.open("")
    spoil = """() => document.querySelector(".md-content__inner").insertAdjacentHTML("beforeend",
      "<p>$$x$$ \\\\frac12</p><div style='width: 3000px; height: 1px'></div>" +
      "<svg role='img' viewBox='0 0 90 20' width='90'><text y='15'>one</text><text y='15'>two" +
      "</text><text x='80' y='15'>three</text></svg>")"""
    reader.page.evaluate(spoil)
    seen = reader.page.evaluate(LOOK)
    assert seen["raw"] == [r"$$x$$ \frac12"]
    assert seen["outside"]
    assert seen["labels"] == ["two lies on one", "three is cut off"]
    reader.page.evaluate("() => { console.error('planted'); fetch('http://127.0.0.1:9/x') }")
    reader.page.wait_for_timeout(200)
    assert any("planted" in what for what in reader.trouble)
    assert any("third party" in what for what in reader.trouble)
    reader.trouble.clear()
