"""Figures: what is drawn is where the numbers are, and what does not fit together is refused."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from bpttcheck.figures import Axis, Figure, Line, bars, chart, play, points, scientific

UNIT = Axis(0, 1, 0.5)
POWERS = Axis(-4, 0, 2, powers=True)


def drawn(figure):
    """Return the elements of a figure, which must be well-formed."""
    return list(ET.fromstring(figure._repr_html_()))


def test_a_line_passes_through_its_numbers():
    figure = chart("k", "Falls.", [Line("a", [0, 1], [1, 1e-4])], UNIT, POWERS)
    (line,) = [e for e in drawn(figure) if "L" in e.get("d", "")]
    start, end = (pair.split() for pair in line.get("d")[1:].split("L"))
    rules = [e.get("d") for e in drawn(figure) if re.fullmatch(r"M\S+ \S+h\d+", e.get("d", ""))]
    heights = [re.findall(r" ([\d.]+)h", rule)[0] for rule in rules]
    assert (start[1], end[1]) == (heights[-1], heights[0])  # at 10⁰ and at 10⁻⁴


def test_bars_reach_from_zero_to_their_numbers():
    axis = Axis(-1, 1, 1)
    figure = bars("k", "Bars.", ["1", "2"], [Line("g", [0, 1], [1, -0.5])], axis)
    up, down = [e for e in drawn(figure) if e.tag == "rect"][:2]
    assert float(up.get("height")) == pytest.approx(2 * float(down.get("height")))
    assert float(down.get("y")) == float(up.get("y")) + float(up.get("height"))  # at zero


def test_points_of_modulus_one_lie_on_the_circle():
    axis = Axis(-1, 1, 1)
    figure = points("k", "Points.", [Line("g", [0.0], [1.0])], axis, axis, circle=True)
    ring, dot = drawn(figure)[-2:]
    at = f"{dot[0].get('cx')} {dot[0].get('cy')}"
    assert at in ring.get("d")


def test_a_slider_holds_only_what_moves():
    frames = [chart("k", f"At {v}.", [Line("a", [0, 1], [0, v])], UNIT, UNIT) for v in (0, 1)]
    text = play("v", ["0", "1"], frames, ["low", "high"], start=1)._repr_html_()
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', text)
    kept = json.loads(data)
    assert [frame["says"] for frame in kept] == ["low", "high"]
    assert [len(frame["parts"]) for frame in kept] == [2, 2] == [text.count("<g data-part>")] * 2
    for part in kept[1]["parts"]:
        assert f"<g data-part>{part}</g>" in text  # the one it starts with is drawn
    assert 'aria-valuetext="1"' in text
    assert ">high</output>" in text


def test_numbers_as_people_write_them():
    written = [scientific(value) for value in (0.0, 0.13, -12.3, 6.6e-6, -1e20)]
    assert written == ["0", "0.13", "−12", "6.6 × 10<sup>−6</sup>", "−1.0 × 10<sup>20</sup>"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Figure("k", " ", (), 1, 1), r"title: expected what 'k' shows, in words, got none"),
        (
            lambda: chart("k", "t", [Line("a", [0, 1], [0])], UNIT, UNIT),
            r"ys: expected as many numbers as xs, \(2,\), got \(1,\)",
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
