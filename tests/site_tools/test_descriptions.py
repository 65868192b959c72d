"""What is said of a page elsewhere: its first paragraph, in whole sentences where they fit."""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from site_tools import share
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
    assert said.get("image", "") == published + "assets/share.png" * bool(published)
    picture = tmp_path / "site/assets/share.png"
    assert picture.is_file() == bool(published)


def test_the_picture_is_a_png_of_the_size_that_is_shown() -> None:
    picture = share.png()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    length = struct.unpack(">I", picture[33:37])[0]
    pixels = zlib.decompress(picture[41 : 41 + length])
    assert len(pixels) == 630 * (1 + 3 * 1200)
    covered = np.frombuffer(pixels, np.uint8).reshape(630, -1)[:, 1:] < 250
    columns = covered[:390].reshape(390, 1200, 3)[:, :, 0].sum(0)  # above the arrow
    tall = columns[columns > 0]
    assert (np.diff(tall) >= 0).all()  # it fades to the left
    assert len(set(tall)) >= 11
