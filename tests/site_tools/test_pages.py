"""What a browser gets of a page: nothing from elsewhere, and no more than it needs at first."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("material", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("mkdocs_jupyter", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("mkdocstrings", reason="the site's tools are missing: pip install '.[docs]'")

# The tools' own deprecations are not ours to mend.
pytestmark = pytest.mark.filterwarnings("default")

PAGE = "# Home\n\n"
Build = Callable[..., str]


def test_a_sign_after_a_short_formula_stays_with_it(site: Build) -> None:
    html = site({"index.md": PAGE + r"So $h_t$. And $\mathbf h_1 + \mathbf h_2 + \mathbf h_3$, or"})
    assert re.findall(r'class="unbroken">.*?</span>([.,]?)</span>\s', html) == ["."]
    assert html.count('class="unbroken"') == 1


def test_no_page_loads_anything_from_elsewhere(site: Build, tmp_path: Path) -> None:
    site({"index.md": PAGE + "$x$"})
    load = re.compile(r"""(?:\bsrc=|<link[^>]*\bhref=|url\()["']?(?:https?:)?//[^"')]*""")
    for file in (tmp_path / "site").rglob("*"):
        if file.suffix in {".html", ".css"}:
            assert load.findall(file.read_text(encoding="utf-8")) == [], file
    css = (tmp_path / "site/assets/css/site.css").read_text(encoding="utf-8")
    fonts = re.findall(r"url\((\.\./katex/[^)]*)\)", css)
    assert fonts
    for font in fonts:
        assert (tmp_path / "site/assets/css" / font).is_file()


def test_a_table_scrolls_in_a_box_that_knows_its_rows(site: Build) -> None:
    html = site({"index.md": PAGE + "| a | b |\n|:--|--:|\n| 1 | 2 |\n| 3 | 4 |"})
    assert '<div class="md-typeset__scrollwrap" style="--rows: 3">' in html
    assert html.count('<table class="data">') == 1


def test_a_corner_without_words_is_no_header(site: Build) -> None:
    html = site({"index.md": PAGE + "| | b |\n|:--|--:|\n| 1 | 2 |"})
    cells = re.findall(r"<(t[hd])\b[^>]*>(.*?)</", html)
    assert cells == [("td", ""), ("th", "b"), ("td", "1"), ("td", "2")]


def test_an_address_that_leads_nowhere_leads_home(site: Build, tmp_path: Path) -> None:
    site({"index.md": PAGE})
    lost = (tmp_path / "site" / "404.html").read_text(encoding="utf-8")
    assert "404" not in re.sub(r"<(script|head)\b.*?</\1>", "", lost, flags=re.DOTALL)
    assert re.search(r'<a href="/?\.?">the first page</a>', lost)


def test_a_listing_knows_its_lines(site: Build) -> None:
    html = site({"index.md": PAGE + "```text\none\n```\n\n```toml\na = 1\n\nb = 2\n```"})
    assert re.findall(r'<code style="--lines: (\d+)">', html) == ["1", "3"]


def test_the_style_sheet_of_the_api_is_linked_where_it_is_needed(
    site: Build,
) -> None:
    from site_tools import styles

    assert "_mkdocstrings.css" not in site({"index.md": PAGE})
    assert "_mkdocstrings.css" in styles.needed(
        '<link rel="stylesheet" href="assets/_mkdocstrings.css"><h2 class="doc doc-heading">f</h2>'
    )


def test_a_name_of_the_api_is_broken_behind_a_dot() -> None:
    from site_tools import headings

    heading = '<h2><span class="doc doc-object-name doc-function-name">a.b_c.d</span></h2>'
    assert headings.broken(heading).count("<wbr>") == 2
    assert "a.<wbr>b_c.<wbr>d</span>" in headings.broken(heading)
    assert headings.broken("<span>a.b</span>") == "<span>a.b</span>"


def test_what_the_script_would_set_is_set_before_anything_is_drawn(
    site: Build, tmp_path: Path
) -> None:
    site({"index.md": PAGE})
    for name in ("index.html", "404.html"):
        html = (tmp_path / "site" / name).read_text(encoding="utf-8")
        assert re.search(r"<body\b[^>]*><script>// Stands at the very beginning", html), name
        assert html.index("__md_get=") < html.index("// Stands at the very beginning")
