"""The page of real libraries' cells: every layout is on it, and what was run is what is kept."""

import re

from bpttcheck.conformance import LAYOUTS
from bpttcheck.conformance.point import read
from libraries import lies
from libraries.changed import worse
from libraries.forms import Form
from libraries.points import SIZES, drawn
from site_tools.generated import libraries


def test_every_layout_and_row_is_on_the_page():
    page = libraries.page()
    ran, where = page.split("## Which gate is where")
    for name, layout in LAYOUTS.items():
        assert f"| `{name}`<br>" in where
        assert all(f"`{array}`" in where for array in layout.arrays)
    rows = libraries.recorded()
    for row in rows:
        assert row["layout"].partition(",")[0] in LAYOUTS
        assert f"| <code>{row['layout']}</code> |" in ran.replace("<wbr>", "")
    missing = sorted(set(LAYOUTS) - {row["layout"] for row in rows})
    assert re.findall(r"`([^`]*)`", ran.partition("Read, not run: ")[2].split("\n")[0]) == missing
    assert all(row["way"] in ran for row in libraries.recorded("masks"))


def test_a_row_says_at_which_T_something_was_not_right():
    right = {"float32, T = 1": {"right": 25}, "float32, T = 4": {"right": 15}}
    assert libraries._counts(right, "float32") == "all\u00a040"
    assert libraries._counts(right, "float64") == ""
    told = libraries._counts(right | {"float32, T = 4": {"right": 14, "wrong": 1}}, "float32")
    assert told.replace("\u00a0", " ") == "T = 1: 25 / 25<br>T = 4: 14 / 15, 1 wrong"


def test_what_is_worse_than_it_was():
    before = {"verdicts": {"float32, T = 1": {"right": 20}}, "lies": {"a bias left out": [6, 6]}}
    now = {"layout": "x", "verdicts": {"float32, T = 1": {"right": 19, "wrong": 1}}, "wrong": ["b"]}
    now["lies"] = {"a bias left out": [5, 6]}
    assert worse(before, now) == [
        "x, float32, T = 1: 1 wrong; ['b']",
        "x: a bias left out: 5 of 6 caught",
    ]
    assert worse(before, now | before) == []


def test_a_lie_is_another_layout():
    """Each is told of every layout that has what it is about, and changes some array."""
    told = {name: dict(lies.layouts(layout)) for name, layout in LAYOUTS.items()}
    for name, layout in LAYOUTS.items():
        gates = set(layout.reference.gates)
        expected = {"a bias left out"} | ({"two gates exchanged"} if len(gates) > 1 else set())
        assert set(told[name]) == expected | ({"z kept for replaced"} if "z" in gates else set())
        assert all(other.arrays != layout.arrays for other in told[name].values())
    turned = told["haiku.GRU"]["z kept for replaced"].arrays
    assert turned["w_i"] == "U_z.T, U_r.T, U_g.T"
    assert turned["b"] == "b_z; b_r; b_g"
    assert told["torch.nn.GRU"]["a bias left out"].arrays["bias_ih_l0"] == "b_r; b_z; 0 b_g"
    swapped = told["torch.nn.LSTM"]["two gates exchanged"].arrays
    assert swapped["weight_hh_l0"] == "W_f; W_i; W_g; W_o"


def test_points_of_layers_are_those_that_a_check_reads():
    """Of arrays with all layers, with both directions of one, and of each alone."""
    shapes = {"torch.nn.GRU": "hx", "onnx.LSTM": "l1.initial_c", "mlx.nn.GRU": "l1.reverse.hidden"}
    for name, last in shapes.items():
        form = Form(LAYOUTS[name], 2, True)
        params = drawn(form, {**SIZES, "T": 3}, "float32", 1.0, 0)
        point = read(form.layout, form.parts, params)
        assert list(params)[-1] == last
        assert set(point.states) == {"l0", "l0.reverse", "l1", "l1.reverse"}
        assert all(a.any() for own in point.states.values() for a in own.values())
        assert point.weights["l1"]["U_g"][0].shape == (4, 8)
