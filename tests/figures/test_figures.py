"""Figures: what is drawn is where the numbers are, and what does not fit together is refused."""

import json
import re

import numpy as np
import pytest

from bpttcheck.figures import (
    Axis,
    Curves,
    Figure,
    Line,
    Slider,
    bars,
    chart,
    explore,
    gated_step,
    play,
    points,
    scientific,
    unrolled,
)
from bpttcheck.figures.strips import strips
from tests.figures.looking import drawn, refuse_overlap

UNIT = Axis(0, 1, 0.5)
POWERS = Axis(-4, 0, 2, powers=True)


def lines_of(figure):
    """Return the paths of lines through points."""
    return [e.get("d") for e in drawn(figure) if "L" in e.get("d", "")]


def test_a_line_passes_through_its_numbers():
    figure = chart("k", "Falls.", [Line("a", [0, 1], [1, 1e-4])], UNIT, POWERS)
    (line,) = lines_of(figure)
    start, end = (pair.split() for pair in line[1:].split("L"))
    rules = [e.get("d") for e in drawn(figure) if re.fullmatch(r"M\S+ \S+h\d{3}", e.get("d", ""))]
    heights = [re.findall(r" ([\d.]+)h", rule)[0] for rule in rules]
    assert (start[1], end[1]) == (heights[-1], heights[0])  # at 10⁰ and at 10⁻⁴


def test_bars_reach_from_zero_to_their_numbers():
    axis = Axis(-1, 1, 1)
    figure = bars("k", "Bars.", ["1", "2"], [Line("g", [0, 1], [1, -0.5])], axis)
    up, down = [e for e in drawn(figure) if e.tag == "rect"][:2]
    assert float(up.get("height")) == pytest.approx(2 * float(down.get("height")))
    assert float(down.get("y")) == float(up.get("y")) + float(up.get("height"))  # at zero


def test_strips_are_shares_of_their_sum():
    figure = strips(
        "k", "Shares.", ["a", "b"], [Line("x", [], [1, 0]), Line("y", [], [3, 5], dash="2")]
    )
    lengths = [float(e.get("width")) for e in drawn(figure) if e.get("height") == "12"][:3]
    assert lengths == [85, 255, 340]  # no bar for none
    assert "1 of 4" in figure._repr_html_()
    own = strips("k", "Shares.", ["a"], [Line("x", [], [1])], ["all"])
    assert "all" in own._repr_html_()
    assert "1 of 1" not in own._repr_html_()


def test_points_of_modulus_one_lie_on_the_circle():
    axis = Axis(-1, 1, 1)
    figure = points("k", "Points.", [Line("g", [0.0], [1.0])], axis, axis, circle=True)
    ring, dot = [e for e in drawn(figure) if "L" in e.get("d", "") or e.tag.endswith("g")]
    at = f"{dot[0].get('cx')} {dot[0].get('cy')}"
    assert at in ring.get("d")


@pytest.mark.parametrize(
    ("ys", "pieces"),
    [
        ([0.5, 1.5, 2.5, 0.5], ["M50 136L98.7 26", "M317.7 26L342 136"]),  # leaves, and comes back
        ([1.5, 1.5, 2, 2], []),
        ([-1, 2, 0, 0], ["M82.4 246L114.9 26", "M196 26L244.7 246L342 246"]),
    ],
)
def test_a_line_is_cut_where_it_leaves_the_axes(ys, pieces):
    """A value at the edge would be another value."""
    figure = chart("k", "Cut.", [Line("a", [0, 1, 2, 3], ys)], Axis(0, 3, 1), UNIT)
    found = re.findall(r"M[^M]*", "".join(lines_of(figure)))
    assert [re.sub(r"\.0(?=\D|$)", "", piece) for piece in found] == pieces


NAMES = ["a line with a long name", "b", "another with a long name", "the bound", "c" * 40]


@pytest.mark.parametrize(
    "figure",
    [
        chart("k", "t", [Line(n, [0, 1], [0, 1]) for n in NAMES], Axis(0, 1, 0.2, "x"), POWERS),
        bars("k", "t", ["1", "2"], [Line(n, [0, 1], [0, 1]) for n in NAMES], UNIT),
        points("k", "t", [Line(n, [0], [0], dash="open") for n in NAMES], UNIT, UNIT),
        strips("k", "t", ["a", "b" * 30], [Line(n, [], [1, 2]) for n in NAMES]),
        unrolled("k", "t", "xhoL", ["U", "V", ""], [None, "Vᵀ", "ŷ−y"], ("W", "Wᵀ")),
        unrolled("k", "t", "xshL", ["v", "φ", ""], ["", "φ′", ""], ("w", "w"), state=2, into=1),
        gated_step("k", "t", "c", "f", "i ∘ g", "gates f, i, o and g", ("tanh", "o")),
        gated_step("k", "t", "h", "z", "(1 − z) ∘ g", "gates z, r and g"),
    ],
)
def test_no_label_lies_on_another_or_leaves_the_figure(figure):
    refuse_overlap(figure)


def test_a_slider_holds_only_what_moves():
    frames = [chart("k", f"At {v}.", [Line("a", [0, 1], [0, v])], UNIT, UNIT) for v in (0, 1)]
    text = play("v", ["0", "1"], frames, ["low", "high"], start=1)._repr_html_()
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', text)
    kept = json.loads(data)
    assert [frame["says"] for frame in kept] == ["low", "high"]
    assert [len(frame["parts"]) for frame in kept] == [1, 1] == [text.count("<g data-part>")] * 2
    for part in kept[1]["parts"]:
        assert f"<g data-part>{part}</g>" in text  # the one it starts with is drawn
    assert 'aria-valuetext="1"' in text
    assert ">high</output>" in text


def explored(ys, values=(1, 2, 3)):
    """Return a figure with a slider of three places, of a line that has these curves."""
    curves = [Curves("a", ys, "red"), Curves("b", np.ones((1, 3)), "red")]
    sliders = [Slider("v", values, 1)]
    cut = Slider("T", (4, 8), 1)
    return explore("k", "t", "at first", curves, sliders, (0, 4, 8), POWERS, cut)


def test_several_sliders_choose_among_curves_that_are_all_there():
    ys = 10.0 ** -np.arange(9).reshape(3, 3)
    text = explored(ys)._repr_html_()
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', text)
    kept = json.loads(data)
    assert kept["curves"][0] == [[0, -1, -2], [-3, -4, -5], [-6, -7, -8]]
    assert kept["curves"][1] == [[0, 0, 0]]
    assert kept["values"] == [[1, 2, 3], [4, 8]]
    assert text.count("<input") == 2
    shown, flat = re.findall(r"<g data-line><path d=\"(.*?)\"", text)
    assert shown == "M50.0 191.0L196.0 246.0"  # from 10⁻³ to where 10⁻⁴ is the edge
    assert flat == "M50.0 26.0L196.0 26.0L342.0 26.0"
    assert ">at first</output>" in text


def test_numbers_as_people_write_them():
    written = [scientific(value) for value in (0.0, 0.13, -12.3, 6.6e-6, -1e20)]
    assert written == ["0", "0.13", "−12", "6.6 × 10<sup>−6</sup>", "−1.0 × 10<sup>20</sup>"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Figure("k", " ", (), 1, 1), r"title: expected what 'k' shows, in words, got none"),
        (
            lambda: explored(np.ones((2, 3))),
            r"a: expected \(3, 3\) or 1 in their place, got \(2, 3\)",
        ),
        (lambda: explored(np.ones(3)), r"a: expected \(3, 3\) or 1 in their place, got \(3,\)"),
        (
            lambda: unrolled("k", "t", "xhL", ["U"], ["", ""], ("W", "W")),
            r"up: expected 2, one a gap, got 1",
        ),
        (
            lambda: chart("k", "t", [Line("a", [0, 1], [0])], UNIT, UNIT),
            r"ys: expected as many numbers as xs, \(2,\), got \(1,\)",
        ),
        (
            lambda: strips("k", "t", ["a", "b"], [Line("x", [], [1])]),
            r"groups: expected 2 numbers each, one for each name, got \(1,\)",
        ),
        (
            lambda: strips("k", "t", ["a", "b"], [Line("x", [], [1, 0])]),
            r"groups: expected bars above zero, got 0",
        ),
        (
            lambda: play("v", ["0", "1"], [Figure("k", "t", (), 1, 1)], ["a", "b"]),
            r"figures: expected 2, one for each value, got 1",
        ),
        (
            lambda: play("v", ["0"], [Figure("k", "t", (), 1, 1)], []),
            r"says: expected 1, one for each value, got 0",
        ),
        (
            lambda: play(
                "v", ["0", "1"], [Figure("k", "t", p, 1, 1) for p in ((), ("<g/>",))], ["a", "b"]
            ),
            r"figures: expected 0 parts each, got 1 at '1'",
        ),
    ],
)
def test_what_does_not_fit_together(make, message):
    with pytest.raises(ValueError, match=message):
        make()
