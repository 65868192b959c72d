"""The index of the API has every name, and leads where it is described."""

import re

import pytest

pytest.importorskip("griffe", reason="the site's tools are missing: pip install '.[docs]'")

import bpttcheck
from site_tools.generated import api_index

ROWS = re.findall(
    r"^\| (<span.*?)\[<code>([\w.]+)</code>\]\((\S+)\) \| (.+) \|$",
    api_index.index().replace("<wbr>", ""),
    re.MULTILINE,
)


def test_every_name_of_the_package_is_there() -> None:
    shown = {part for _, name, _, _ in ROWS for part in (name, name.split(".")[0])}
    assert set(bpttcheck.__all__) - shown == {"__version__"}


def test_every_page_and_all_that_it_describes_is_there() -> None:
    files = {file.stem for file in api_index.FOLDER.glob("*.md")}
    assert files == set(api_index.PAGES)
    leads = {(address.partition("#")[0], address.partition("#")[2]) for _, _, address, _ in ROWS}
    for file in api_index.FOLDER.glob("*.md"):
        described = re.findall(r"^::: (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
        for path in described:
            if not path.startswith("bpttcheck.cells.") or path.count(".") > 2:
                assert (f"api/{file.name}", path) in leads


def test_no_place_is_there_twice_and_none_is_without_words() -> None:
    places = re.findall(r'id="([^"]+)"', "".join(row[0] for row in ROWS))
    assert not {*api_index.PAGES} & {*places}
    assert len(places) == len({*places})
    assert all(says.strip() for *_, says in ROWS)
    assert "scalar-rnn" in places  # where links from elsewhere led before


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(ImportError, match=r"bpttcheck\.nothing"):
        api_index.named("bpttcheck.nothing")
