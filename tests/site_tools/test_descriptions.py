"""What is said of a page elsewhere: its first paragraph, in whole sentences where they fit."""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from numpy.typing import NDArray

from site_tools import raster, share
from site_tools.descriptions import LENGTH, shortened


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Short.", "Short."),
        ("One  of\nthree. " + "word " * 60 + ".", "One of three."),
        ("word " * 60, "word " * 39 + "word …"),
        (r"Of \(h_t\) alone.", "Of h_t alone."),
    ],
)
def test_a_page_is_described_in_sentences(text: str, said: str) -> None:
    assert shortened(text) == said
    assert len(said) <= LENGTH + 2


@pytest.mark.filterwarnings("default")  # the tools' own deprecations
@pytest.mark.parametrize("published", ["https://example.org/b/", ""])
def test_who_is_sent_a_link_sees_what_the_page_is_about(
    site: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: str
) -> None:
    monkeypatch.setenv("SITE_URL", published)
    html = site({"index.md": '# "A" & b\n\nFirst <em>of</em> "all".\n\nSecond.\n'})
    said = dict(
        re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', html.partition("</head>")[0])
    )
    assert said["title"] == "&quot;A&quot; &amp; b"
    assert said["description"] == "First of &quot;all&quot;."
    assert said.get("url", "") == published
    assert said.get("image", "") == published + "assets/share/home.png" * bool(published)
    drawn = tmp_path / "site/assets/share/home.png"
    assert drawn.is_file() == bool(published)


def test_a_letter_that_no_font_has_is_told() -> None:
    assert share.unknown("φ′(a) ≤ 1, naïve, 字") == "ï字"


def pixels(png: bytes) -> NDArray[np.uint8]:
    """Return what is drawn: 0 for paper, to 127 for words, above 128 for the mark."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">IIBB", png[16:26]) == (1200, 630, 8, 3)
    start = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[start - 4 : start])
    rows = np.frombuffer(zlib.decompress(png[start + 4 : start + 4 + length]), np.uint8)
    return rows.reshape(630, 1201)[:, 1:]


def test_the_picture_has_the_words_of_its_page_above_the_mark() -> None:
    short, long = (
        pixels(share.picture("site", "Part", title, text))
        for title, text in (("I", ""), ("I I " * 40, "I " * 500))
    )
    assert (short[450:] == long[450:]).all()
    assert (short[450:] > 128).mean() > 0.04
    for one in (short, long):
        assert one[:450].max() == 127
        assert not np.delete(one[:450], np.s_[80:1120], axis=1).any()  # within the margins
    stem = short[110:170, 80:200]
    assert (stem == 127).any(axis=1).sum() > 45  # the letter I is a stroke of its height
    assert (long[:450] > 0).sum() > 20 * (short[:450] > 0).sum()


def test_polygons_cover_what_they_go_around() -> None:
    square = np.array([(2.0, 1.0), (6.5, 1.0), (6.5, 3.0), (2.0, 3.0)])
    seen = raster.covered([square, square[::-1] / 2 + (3, 1)], 10, 5)  # the other way: a hole
    row = [0, 0, 1, 1, 0.5, 0.5, 0.375, 0, 0, 0]
    assert seen.tolist() == [[0] * 10, row, row, [0] * 10, [0] * 10]
    once, twice = (raster.covered([square] * k, 10, 5) for k in (1, 2))
    assert (twice == np.minimum(2 * once, 1)).all()
    assert not raster.covered([], 10, 5).any()
