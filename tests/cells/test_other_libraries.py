"""Cells of other libraries are ours: Flax's unit, ONNX's peepholes, PyTorch's projection."""

import numpy as np
import pytest

from bpttcheck import adaptors, flax_mgu, peephole_lstm
from bpttcheck.arithmetic.floating import float_type
from bpttcheck.arithmetic.midrad import exact
from bpttcheck.conformance import LAYOUTS, Layout, check_conformance
from bpttcheck.conformance.reference import program
from bpttcheck.conformance.trajectory import trajectory

T, B, SIZES = 4, 2, {"m": 3, "n": 4, "p": 1}
U53 = 2.0**-53


def drawn(network, seed=0):
    """Return weights of a cell without an output layer, inputs, and initial states."""
    random, cell = np.random.default_rng(seed), network.cell
    params = {
        k: random.standard_normal([SIZES[s] for s in symbols])
        for k, symbols in cell.axes.items()
        if "p" not in symbols
    }
    params["x"] = random.standard_normal((T, B, SIZES["m"]))
    return params | {k: random.standard_normal((B, SIZES["n"])) for k in cell.initial}


FLAX = {
    "U_f": ("if", "kernel"),
    "b_f": ("if", "bias"),
    "W_f": ("hf", "kernel"),
    "U_g": ("in", "kernel"),
    "b_g": ("in", "bias"),
    "W_g": ("hn", "kernel"),
    "b_Wg": ("hn", "bias"),
}
"""Where Flax keeps each weight; its kernels act on rows."""


def flax(changed=None):
    """Return Flax's own cell over all steps, as an adaptor has it, and our layout of it."""
    linen = pytest.importorskip("flax.linen", reason="Flax is optional")
    jax = pytest.importorskip("jax", reason="JAX is optional: pip install .[jax]")
    own = drawn(flax_mgu)
    params = {
        ".".join(FLAX[k]) if k in FLAX else k: a.T if k[0] in "UW" else a for k, a in own.items()
    }
    layout = {".".join(FLAX[k]): f"{k}.T" if k[0] in "UW" else k for k in FLAX}
    with jax.enable_x64(True):
        cell = linen.MGUCell(SIZES["n"], param_dtype=np.float64, **changed or {})

        def states(p):
            tree = {}
            for name, array in p.items():
                if "." in name:
                    part, kind = name.split(".")
                    tree.setdefault(part, {})[kind] = array
            h, steps = p["h0"], []
            for x in p["x"]:
                h, _ = cell.apply({"params": tree}, h, x)
                steps.append(h)
            return jax.numpy.stack(steps)

        return check_conformance(
            *adaptors.from_jax(states, params),
            Layout("flax_mgu", layout | {"x": "x[T,B,m]", "h0": "h0[B,n]"}),
        )


def test_the_minimal_gated_unit_of_flax():
    report = flax()
    assert report.ok, report
    assert len(report.parts) == 1 + len(FLAX) + 2
    assert report.unit == U53


def test_another_unit_of_flax_is_told_apart():
    linen = pytest.importorskip("flax.linen", reason="Flax is not installed")
    report = flax({"gate_fn": linen.hard_sigmoid})
    assert report["outputs"].verdict == "wrong", report


def test_peepholes_as_onnx_has_them():
    onnx = pytest.importorskip("onnx", reason="the ONNX reference evaluator is not installed")
    from onnx.reference import ReferenceEvaluator

    own = drawn(peephole_lstm)
    feeds = {
        "X": own["x"],
        "W": np.concatenate([own[f"U_{k}"] for k in "iofg"])[None],
        "R": np.concatenate([own[f"W_{k}"] for k in "iofg"])[None],
        "B": np.concatenate([*(own[f"b_{k}"] for k in "iofg"), np.zeros(4 * SIZES["n"])])[None],
        "h": own["h0"][None],
        "c": own["c0"][None],
        "P": np.concatenate([own[f"P_{k}"] for k in "iof"])[None],
    }
    node = onnx.helper.make_node(
        "LSTM", ["X", "W", "R", "B", "", "h", "c", "P"], ["Y"], hidden_size=SIZES["n"]
    )
    values = [
        onnx.helper.make_tensor_value_info(k, onnx.TensorProto.DOUBLE, None) for k in (*feeds, "Y")
    ]
    graph = onnx.helper.make_graph([node], "cell", values[:-1], values[-1:])
    (theirs,) = ReferenceEvaluator(onnx.helper.make_model(graph)).run(None, feeds)
    weights = {k: [a] for k, a in own.items() if k[0] in "UWbP"}
    states = {"h": own["h0"], "c": own["c0"]}

    def inside(wide):
        cell = program(peephole_lstm.cell, "tanh", wide, float_type(np.dtype(np.float64)))
        within = trajectory(cell, exact(own["x"], cell.kind), states, None).states["h"]
        return np.abs(theirs[:, 0] - within.mid) <= within.radius

    assert inside(weights).all()
    swapped = weights | {"P_i": weights["P_f"], "P_f": weights["P_i"]}
    assert not inside(swapped).any()


def test_peepholes_back_through_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")
    own = drawn(peephole_lstm)
    params = {k: torch.tensor(a) for k, a in own.items()}

    def states(p, seen="new"):
        h, c, steps = p["h0"], p["c0"], []
        for x in p["x"]:
            a = {k: x @ p[f"U_{k}"].T + h @ p[f"W_{k}"].T + p[f"b_{k}"] for k in "ifgo"}
            i, f = (torch.sigmoid(a[k] + p[f"P_{k}"] * c) for k in "if")
            old, c = c, f * c + i * torch.tanh(a["g"])
            o = torch.sigmoid(a["o"] + p["P_o"] * (c if seen == "new" else old))
            h = o * torch.tanh(c)
            steps.append(h)
        return torch.stack(steps)

    arrays = {k: k for k in own if k[0] in "UWbP"}
    layout = Layout("peephole_lstm", arrays | {"x": "x[T,B,m]", "h0": "h0[B,n]", "c0": "c0[B,n]"})
    report = check_conformance(*adaptors.from_torch(states, params), layout)
    assert report.ok, report
    assert {"P_i", "P_f", "P_o", "outputs", "c0"} <= {part.name for part in report.parts}
    early = check_conformance(*adaptors.from_torch(lambda p: states(p, "old"), params), layout)
    assert early["outputs"].verdict == "wrong"


def test_the_projection_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        lstm = torch.nn.LSTM(3, 4, proj_size=2, dtype=torch.float64)
        x, h0, c0 = (torch.randn(s, dtype=torch.float64) for s in ((T, B, 3), (1, B, 2), (1, B, 4)))

    def outputs(p):
        weights = {k: p[k] for k in dict(lstm.named_parameters())}
        return torch.func.functional_call(lstm, weights, (p["input"], (p["h0"], p["c0"])))[0]

    params = dict(lstm.named_parameters()) | {"input": x, "h0": h0, "c0": c0}
    layout = LAYOUTS["torch.nn.LSTM, proj_size"]
    report = check_conformance(*adaptors.from_torch(outputs, params), layout)
    assert report.ok, report
    assert report["weight_hr_l0"].shape == (2, 4)
    other = layout.but(weight_hr_l0="-R")
    assert check_conformance(*adaptors.from_torch(outputs, params), other).verdict == "wrong"
