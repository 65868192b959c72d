"""PyTorch's cells against the reference."""

import numpy as np
import pytest

from bpttcheck import adaptors, stack
from bpttcheck.conformance import LAYOUTS, check_conformance, dump, load
from tests.day import in_turn

torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        yield


CELLS = ("RNN", "LSTM", "GRU")
STATES = {"RNN": ("hx",), "GRU": ("hx",), "LSTM": ("h0", "c0")}


def run(module, p):
    states = tuple(p[k] for k in ("h0", "c0") if k in p)
    return module(p["input"], states or p.get("hx"))[0]


def problem(cell, double=True, scale=1.0, T=4, x=1.0, **options):
    module = getattr(torch.nn, cell)(3, 4, **options)
    with torch.no_grad():
        for p in module.parameters():
            p.mul_(scale)
    x = x * torch.randn(T, 2, 3)
    if options.get("batch_first"):
        x = x.transpose(0, 1).contiguous()
    inputs = {"input": x} | {k: torch.randn(1, 2, 4) for k in STATES[cell]}
    return adaptors.from_module(module, inputs, run, double=double)


@pytest.mark.parametrize("double", [True, False])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("scale", [1.0, 5.0])
def test_torchs_own_cells(cell, double, scale):
    for _ in range(3):
        report = check_conformance(*problem(cell, double, scale), f"torch.nn.{cell}")
        assert not [p for p in report.parts if p.verdict == "wrong"], report
        if double:
            assert report.ok, report
        assert report.unit == (2.0**-53 if double else 2.0**-24)


@pytest.mark.parametrize("cell", CELLS)
def test_loaded_layers_and_directions_are_the_modules(cell):
    """Weights of two layers in two directions give PyTorch's loss, and its gradients by dump."""
    how = {"layers": 2, "bidirectional": True}
    module = getattr(torch.nn, cell)(3, 4, 2, bidirectional=True, dtype=torch.float64)
    x, y = torch.randn(5, 2, 3, dtype=torch.float64), torch.randn(5, 2, 8, dtype=torch.float64)
    loss = ((module(x)[0] - y) ** 2).sum() / 2
    loss.backward()
    own = load(f"torch.nn.{cell}", module.state_dict(), **how)
    after = {"reset": "after"} if cell == "GRU" else {}
    read = {**own, "V": np.eye(8)}
    value, grads = stack.value_and_grad(
        cell.lower(), read, x.numpy(), y.numpy(), loss="squared_error", **how, **after
    )
    assert value == pytest.approx(loss.item(), rel=1e-12)
    theirs = {k: p.grad for k, p in module.named_parameters()}
    mine = dump(f"torch.nn.{cell}", {k: grads[k] for k in own}, **how)
    for name, grad in theirs.items():
        if not (name.startswith("bias_hh") and cell != "GRU"):  # one of two equal gradients
            rows = slice(None) if not name.startswith("bias_hh") else slice(8, None)
            assert np.allclose(mine[name][rows], grad[rows], rtol=1e-9, atol=1e-12), name


@pytest.mark.parametrize("name", ["LSTM", "LSTM, proj_size", "GRU", "LSTMCell", "GRUCell"])
def test_modules_as_they_are_called(name):
    """States in a tuple, and all that comes back, by the layout's name alone."""
    kind = name.partition(",")[0]
    module = getattr(torch.nn, kind)(3, 4, **({"proj_size": 2} if "proj" in name else {}))
    one = "Cell" in kind
    lead = (2,) if one else (1, 2)
    states = [torch.randn(*lead, 2 if "proj" in name else 4), torch.randn(*lead, 4)]
    hx = tuple(states) if "LSTM" in kind else states[1]
    inputs = {"input": torch.randn(*((2, 3) if one else (4, 2, 3))), "hx": hx}
    report = check_conformance(*adaptors.from_module(module, inputs), f"torch.nn.{name}")
    assert report.ok, report
    seen = {part.name for part in report.parts}
    ends = {"LSTM": {"h_T", "c_T"}, "GRU": {"h_T"}, "LSTMCell": {"c_T"}, "GRUCell": set()}
    states = {"hx[0]", "hx[1]"} if "LSTM" in kind else {"hx"}
    assert {"outputs", "input"} | ends[kind] | states <= seen


@pytest.mark.parametrize("cell", CELLS)
def test_batch_first_without_biases_relu(cell):
    options = {"nonlinearity": "relu"} if cell == "RNN" else {}
    adapted = problem(cell, batch_first=True, bias=False, **options)
    layout = LAYOUTS[f"torch.nn.{cell}"].but(
        input="x[B,T,m]", outputs="h[B,T,n]", phi="relu" if options else None
    )
    assert check_conformance(*adapted, layout).ok
    with pytest.raises(
        ValueError, match=r"^params: expected sizes|^params\['hx'\]|^params\['h0'\]"
    ):
        check_conformance(*adapted, f"torch.nn.{cell}")


LIES = [
    ("RNN", {"weight_hh_l0": "W.T"}, "outputs"),
    ("LSTM", {"weight_ih_l0": "U_f; U_i; U_g; U_o"}, "outputs"),
    ("LSTM", {"bias_hh_l0": "b_i; b_f; b_o; b_g"}, "outputs"),
    ("GRU", {"weight_hh_l0": "W_z; W_r; W_g"}, "outputs"),
    ("GRU", {"bias_ih_l0": "b_r; b_z; b_Wg", "bias_hh_l0": "b_r; b_z; b_g"}, "outputs"),
]


@pytest.mark.parametrize("double", [True, False])
@pytest.mark.parametrize(("cell", "lie", "part"), LIES)
def test_liars(cell, lie, part, double):
    """Exchanged gates, a transpose, the two biases of the candidate: also visible in float32."""
    report = check_conformance(*problem(cell, double), LAYOUTS[f"torch.nn.{cell}"].but(**lie))
    assert report.verdict == "wrong"
    assert report[part].verdict == "wrong"


ORDERS = [
    ("LSTM", "ifgo", "figo", "all is right with i and f exchanged: weight_ih_l0 'U_i; U_f; U_g"),
    ("LSTM", "ifgo", "gifo", "all is right with "),
    ("GRU", "rzg", "zrg", "all is right with z and r exchanged: weight_ih_l0 'U_r; U_z; U_g'"),
]


@pytest.mark.parametrize(("cell", "own", "told", "reason"), ORDERS)
def test_another_order_of_gates_is_named(cell, own, told, reason):
    layout = LAYOUTS[f"torch.nn.{cell}"]
    moved = dict(zip(own, told, strict=True))
    lie = {
        k: "; ".join(f"{block.strip()[:-1]}{moved[block.strip()[-1]]}" for block in text.split(";"))
        for k, text in layout.arrays.items()
        if "[" not in text
    }
    if cell == "GRU":
        lie["bias_hh_l0"] = "b_z; b_r; b_Wg"
    report = check_conformance(*problem(cell), layout.but(**lie))
    assert report.verdict == "wrong"
    assert reason in report.reason
    assert repr(layout.arrays["weight_hh_l0"]) in report.reason


def test_a_gate_that_replaces_and_one_array_alone():
    layout = LAYOUTS["torch.nn.GRU"]
    lie = {k: text.replace("U_z", "-U_z").replace("W_z", "-W_z").replace("b_z", "-b_z")
           for k, text in layout.arrays.items()}  # fmt: skip
    report = check_conformance(*problem("GRU"), layout.but(**lie))
    assert (
        "all is right with 1 − z in the place of z: weight_ih_l0 'U_r; U_z; U_g'" in report.reason
    )
    report = check_conformance(*problem("GRU"), layout.but(weight_hh_l0="W_z; W_r; W_g"))
    assert "right with z and r exchanged in weight_hh_l0: weight_hh_l0 'W_r; W_z;" in report.reason


OPTIONS = [
    (
        "RNN",
        {"nonlinearity": "relu"},
        {},
        "all is right with relu in the place of tanh: phi 'relu'",
    ),
    (
        "LSTM",
        {},
        {"squash": dict.fromkeys("ifo", "hard_sigmoid(0.2, 0.5)")},
        "all is right with sigmoid in the place of hard_sigmoid(0.2, 0.5): squash {'i': 'sigmoid'",
    ),
    (
        "GRU",
        {"batch_first": True},
        {},
        "the outputs are right with steps and sequences exchanged: input 'x[B,T,m]', outputs 'h[B,",
    ),
]


@pytest.mark.parametrize(("cell", "options", "changes", "reason"), OPTIONS)
def test_an_option_of_the_module_is_named(cell, options, changes, reason):
    """Where it is another activation, or there are as many sequences as steps."""
    module = getattr(torch.nn, cell)(3, 4, **options)
    adapted = adaptors.from_module(module, {"input": torch.randn(3, 3, 3)})
    report = check_conformance(*adapted, LAYOUTS[f"torch.nn.{cell}"].but(**changes))
    assert report.verdict == "wrong"
    assert reason in report.reason


def test_a_weight_that_requires_no_gradient_is_asked_for():
    """It is not zero because it is not among the parameters."""
    gru = torch.nn.GRU(3, 4)
    gru.bias_hh_l0.requires_grad_(False)
    with pytest.raises(ValueError, match=r"^params: expected bias_hh_l0, got one that requires no"):
        check_conformance(
            *adaptors.from_module(gru, {"input": torch.randn(4, 2, 3)}), "torch.nn.GRU"
        )


@pytest.mark.parametrize(("cell", "scale"), [("RNN", 10.0), ("LSTM", 1.0), ("GRU", 1.0)])
def test_two_hundred_steps_in_float32(cell, scale):
    adapted = problem(cell, False, scale, T=200)
    report = check_conformance(*adapted, f"torch.nn.{cell}")
    assert report.verdict == "right", report


@in_turn(8)
def test_a_wide_layer_in_float32():
    """Of 192 units in 30 steps: with errors of all of them in an ellipsoid it is undecided."""
    lstm = torch.nn.LSTM(192, 192)
    adapted = adaptors.from_module(lstm, {"input": torch.randn(30, 2, 192)}, double=False)
    assert check_conformance(*adapted, "torch.nn.LSTM").verdict == "right"


@pytest.mark.parametrize("double", [True, False])
def test_a_gate_that_underflows(double):
    lstm = torch.nn.LSTM(1, 1)
    with torch.no_grad():
        lstm.bias_ih_l0[3] = -800
    adapted = adaptors.from_module(
        lstm, {"input": torch.randn(3, 2, 1)}, lambda m, p: m(p["input"])[0], double=double
    )
    report = check_conformance(*adapted, "torch.nn.LSTM")
    assert report.verdict == "right"
    assert {part.verdict for part in report.parts} == {"underflows"}
    assert "input: underflows" in report.reason
    assert "inf" not in str(report)


@pytest.mark.parametrize(("double", "scale"), [(False, 255.0), (True, 2000.0)])
@pytest.mark.parametrize("cell", CELLS)
def test_inputs_as_large_as_pixels(cell, double, scale):
    for T in (1, 4):
        report = check_conformance(*problem(cell, double, T=T, x=scale), f"torch.nn.{cell}")
        assert report.verdict in ("right", "undecided"), report
        assert report["outputs"].verdict == "right", report


def test_right_but_for_the_accuracy_of_its_sigmoid():
    """A σ that is 0 where it is less than a rounding of one, as onnxruntime has it in float32."""

    def sigmoid(a):
        return torch.where(a < -38, 0 * a, torch.sigmoid(a))

    def outputs(p):
        h, c, states = p["h0"][0], p["c0"][0], []
        for x in p["input"]:
            a = x @ p["weight_ih_l0"].T + h @ p["weight_hh_l0"].T + p["bias_ih_l0"]
            i, f, g, o = (a + p["bias_hh_l0"]).chunk(4, dim=-1)
            c = sigmoid(f) * c + sigmoid(i) * torch.tanh(g)
            h = sigmoid(o) * torch.tanh(c)
            states.append(h)
        return torch.stack(states)

    params = problem("LSTM").params
    params["bias_ih_l0"][:4] = -39
    report = check_conformance(*adaptors.from_torch(outputs, params), "torch.nn.LSTM")
    assert report.verdict == "inaccurate", report
    assert set(report.inexact) == {"sigmoid"}
    assert 1e-17 < report.inexact["sigmoid"] < 1e-15


def test_numpy_arrays_of_a_module_are_those_of_the_layout():
    adapted = problem("GRU")
    assert set(adapted.params) == set(LAYOUTS["torch.nn.GRU"].arrays)
    assert all(a.dtype == np.float64 for a in adapted.params.values())
