"""A report as HTML: what it shows, that markup in names stays text, and its maps of entries."""

from html.parser import HTMLParser

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.verdict.heat_map import MOST, heat_map
from bpttcheck.check.verdict.html_report import MAPS, fragment, page
from bpttcheck.mend.found import SHOWN

VOID = {"meta", "br"}


class Read(HTMLParser):
    """What a browser would make of a page: its tags, closed in order, and its text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.classes, self.said = [], [], []
        self.feed(text)
        assert self.open == [], "every tag is closed"

    def handle_starttag(self, tag, attrs):
        self.classes.append((tag, dict(attrs).get("class")))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.classes.append((tag, dict(attrs).get("class")))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)

    @property
    def text(self):
        return " ".join(self.said)

    def rects(self, kind):
        return self.classes.count(("rect", kind))


def wrong_at(places, shape=(3, 4), name="W"):
    """Return the report of a quadratic whose gradient is wrong at some places."""

    def value_and_grad(params):
        gradient = np.array(2 * params[name])
        for place in places:
            gradient[place] *= 1.5
        return float(np.sum(params[name] ** 2)), {name: gradient}

    point = np.arange(1.0, 1 + np.prod(shape)).reshape(shape) / 8
    return check_gradients(value_and_grad, {name: point}, mend=False, seed=0)


def test_a_map_has_a_square_for_every_entry_and_says_which_are_wrong():
    report = wrong_at([(0, 1), (2, 3)])
    read = Read(report._repr_html_())
    assert (read.rects("wrong"), read.rects("right")) == (2, 10)
    assert "The gradient of W: 2 of 12 entries are wrong, the worst at (2, 3)" in read.text
    assert "wrong" in read.text


@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3, 2)], ids=str)
def test_every_shape_has_a_map(shape):
    report = wrong_at([(0,) * len(shape)], shape)
    read = Read(report._repr_html_())
    assert read.rects("wrong") == 1
    assert read.rects("right") == np.prod(shape, dtype=int) - 1


def test_a_right_report_has_no_map():
    read = Read(wrong_at([])._repr_html_())
    assert read.rects("wrong") == read.rects("right") == 0
    assert "found if ≥" in read.text


def test_of_a_large_gradient_a_square_shows_the_worst_of_several():
    size = 3 * MOST
    errors = np.zeros((size, size))
    errors[-1, 0] = 1.0
    block = {"name": "W", "shape": [size, size], "verdict": "wrong", "index": [size - 1, 0]}
    block |= {"errors": list(errors.ravel()), "bounds": [0.5] * size**2}
    read = Read(heat_map(block))
    assert (read.rects("wrong"), read.rects("right")) == (1, MOST**2 - 1)


def test_an_entry_of_which_nothing_is_known_is_no_right_one():
    block = {"name": "b", "shape": [3], "verdict": "wrong", "index": [0]}
    read = Read(heat_map(block | {"errors": [1.0, None, 0.0], "bounds": [0.1, None, 0.1]}))
    assert [read.rects(kind) for kind in ("wrong", "unknown", "right")] == [1, 1, 1]
    assert "of 1 nothing is known" in read.text


def test_markup_in_names_and_code_is_text():
    name = "<script>alert('&')</script>"
    report = wrong_at([(0, 0)], name=name).to_dict() | {"target": name, "error": None}
    edit = {"file": name, "line": 1, "function": name, "before": "a < b", "after": "a & b"}
    other = edit | {"after": "a or b"}
    mend = {"edits": [edit], "words": "<b>", "makes": "", "suspects": []}
    mend |= {"alternatives": [[other]] * 9, "note": "<i> is left"}
    report["mend"] = mend | {"changes_loss": False, "partial": False}
    read = Read(page([report], "0"))
    assert all(tag not in ("script", "b", "i") for tag, _ in read.classes)
    assert name in read.text
    assert "- a < b\n+ a & b" in read.text
    assert read.text.count("- a < b\n+ a or b") == SHOWN
    assert "No mend: <i> is left" in read.text


def test_what_is_wrong_comes_first_among_a_thousand_gradients():
    report = wrong_at([(0, 0)]).to_dict()
    right = wrong_at([]).to_dict()["blocks"][0]
    many = [right | {"name": f"w{i}"} for i in range(1000)]
    page = fragment(report | {"blocks": many + report["blocks"]})
    assert page.index("<code>W</code></th>") < page.index("w0<") < page.index("w999<")


def test_numbers_are_told_apart_with_their_bound():
    def value_and_grad(params):
        return float(np.sum(params["W"] ** 2)), {"W": 2 * params["W"] * (1 + 1e-9)}

    report = check_gradients(value_and_grad, {"W": np.array([0.7])}, mend=False)
    read = Read(report._repr_html_())
    assert "1.4000000014" in read.text
    assert "1.4 ± " in read.text
    assert "1.4 " not in read.text.replace("1.4 ± ", ""), "never both the same"


def test_why_a_gradient_is_not_right_is_said_once_for_all_of_the_same_reason():
    report = wrong_at([(0, 1)]).to_dict()
    (block,) = report["blocks"]
    report["blocks"] = [{**block, "name": name, "reason": "it <jumps>"} for name in ("W", "U")]
    report["blocks"] += [{**block, "name": "b", "reason": "fine", "verdict": "right"}]
    read = Read(fragment(report))
    assert "W, U: it <jumps>" in read.text
    assert "fine" not in read.text


def test_of_very_many_wrong_gradients_some_are_drawn():
    report = wrong_at([(0, 1)]).to_dict()
    report["blocks"] *= MAPS + 1
    read = Read(fragment(report))
    assert read.rects("wrong") == MAPS
    assert f"Drawn are {MAPS} of {MAPS + 1}." in read.text
    assert "Drawn are" not in Read(fragment({**report, "blocks": report["blocks"][:MAPS]})).text
