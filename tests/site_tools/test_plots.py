"""The pictures of hand-written pages show what is so, and can be read."""

import re
from pathlib import Path

import pytest

from site_tools.generated.plots import (
    clipping_plot,
    gates_plot,
    levels_plot,
    rtrl_plot,
    truncation_plot,
    verdicts_plot,
    way_plot,
)
from site_tools.generated.plots.by_name import PLOTS
from tests.figures.looking import drawn, refuse_overlap

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "explanation"
TEXTS = {page.stem: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")}


@pytest.mark.parametrize("name", PLOTS)
def test_labels_are_apart_and_a_page_shows_it(name):
    for figure in PLOTS[name]():
        refuse_overlap(figure)
    assert sum(f"<!-- generated: {name} -->" in text for text in TEXTS.values()) == 1


def test_each_level_notices_smaller_errors_than_the_one_before():
    sampled, enclosed, exact = levels_plot.noticed().values()
    assert sampled == [10.0**-k > 2.0**-26 for k in levels_plot.TRIED]
    assert enclosed == sorted(enclosed, reverse=True)
    assert sum(sampled) < sum(enclosed) < sum(exact) == len(exact)


def test_a_square_is_filled_where_a_message_arrives():
    rectangles = [e for e in drawn(truncation_plot.pairs()) if e.get("stroke-opacity")]
    filled = [e.get("fill-opacity") == "0.85" for e in rectangles]
    expected = [
        k >= max(1, (t - 1) // k1 * k1 + 1 - (3 - k1))
        for k1 in (1, 3)
        for t in range(1, truncation_plot.T + 1)
        for k in range(1, t + 1)
    ]
    assert filled == expected


def test_the_bias_is_that_of_the_page():
    steps = (1, 2, 5, 10, 20)
    for size, found in truncation_plot.biases(steps).items():
        printed = re.search(rf"^{size}( \| .*)$", TEXTS["truncation"], re.MULTILINE)[1]
        assert [f"{bias:.0e}" for bias in found] == re.findall(r"\| (\S+)", printed)


def test_the_products_are_those_that_the_page_counts():
    n, bptt, rtrl = rtrl_plot.counts(TEXTS["rtrl"])
    assert bptt == [4 * k**2 + 4 * k for k in n]
    assert rtrl == [2 * k**4 + 6 * k**3 + 4 * k**2 + 3 * k for k in n]
    with pytest.raises(ValueError, match=r"rtrl\.md: expected rows 'n = …: BPTT …"):
        rtrl_plot.counts("n = 1")


@pytest.mark.parametrize(
    ("cell", "library", "order"),
    [
        ("LSTM", "PyTorch", "i f g o"),
        ("LSTM", "ONNX", "i o f g"),
        ("LSTM", "Haiku", "i g f o"),
        ("LSTM", "thinc", "f i o g"),
        ("GRU", "Keras", "z r g"),
        ("GRU", "Sonnet", "−z r g"),
    ],
)
def test_the_order_of_the_gates(cell, library, order):
    found = gates_plot.orders(cell)
    assert [" ".join(o) for o, libraries in found.items() if library in libraries] == [order]


def test_messages_are_clipped_where_they_are_longer():
    whole, clipped = clipping_plot.lengths()
    for limit, lengths in clipped.items():
        assert max(lengths) <= limit * (1 + 1e-12) < max(whole)
        same = [a == pytest.approx(b) for a, b in zip(whole, lengths, strict=True)]
        assert same == sorted(same)  # from some step on, which is the first on the way back
        assert any(same)


def test_bars_are_those_of_the_tables():
    rows = verdicts_plot.table("trusted.md", verdicts_plot.PROGRAMS)
    assert all(int(n) == sum(map(int, said.split(" · "))) for _, n, *both in rows for said in both)
    assert f"{rows[0][0]}, now: 55 right;" in verdicts_plot.programs().title
    told = verdicts_plot.checkers().title
    assert "bpttcheck, 37 of 37; PyTorch gradcheck, 34 of 37; PyTorch gradcheck, best" in told
    assert "SciPy check_grad below 10⁻⁶, best, 10⁻⁵, 34 of 37" in told
    with pytest.raises(ValueError, match=r"rtrl\.md: expected a table that begins with '\| Nobody"):
        verdicts_plot.table("rtrl.md", "| Nobody")


def test_the_way_leads_through_rooms_that_there_are_and_that_the_page_names():
    below = TEXTS["house"].partition("## The way of a gradient")[2].partition("\n## ")[0]
    for room, _ in (*way_plot.DOWN, *way_plot.UP):
        assert (ROOT / "bpttcheck" / room).is_dir(), room
        assert f"`{room}`" in below, room
