"""Gate orders as data: three libraries' own cells run our weights, and a wrong order shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import gru, lstm, rnn
from bpttcheck.cells.orders import ORDERS, by_gate, order, stacked
from tests.bptt.forward_bound import forward_bound
from tests.day import share
from tests.refusals import refuses

U53 = 2.0**-53
KINDS = {"rnn": rnn.cell, "lstm": lstm.cell, "gru": gru.kind(reset="after")}
AXES = {name: {k: a for k, a in cell.axes.items() if k != "b_s"} for name, cell in KINDS.items()}
sizes = st.integers(1, 4)


def weights(cell, m, n, seed):
    """Return our weights of a cell, and an initial state for each of its states."""
    random = np.random.default_rng(seed)
    size = {"m": m, "n": n, "p": 1}
    params = {k: random.standard_normal([size[s] for s in axes]) / 2
              for k, axes in AXES[cell].items()}  # fmt: skip
    return params, [random.standard_normal(n) for _ in range(1 + (cell == "lstm"))]


def ours(cell, params, x, states, reset):
    """Return the states h_1, …, h_T of one sequence, and what a float forward may err by."""
    if cell == "rnn":
        gates, run = {"g": ""}, rnn.forward(params, x, h0=states[0])
    elif cell == "lstm":
        gates = dict.fromkeys("ifgo")
        run = lstm.forward(params, x, h0=states[0], c0=states[1])
    else:
        gates = dict.fromkeys("zrg")
        params = params if reset == "after" else {k: a for k, a in params.items() if k != "b_Wg"}
        run = gru.forward(params, x, h0=states[0], reset=reset)
    if cell == "rnn":  # a gate that is the state: a step of the GRU's bound covers it
        params = {f"{k}_g": params[k] for k in "UWb"}
    bound = forward_bound(params, "".join(gates), x, states, "gru" if cell == "rnn" else cell, U53)
    return run.h[1:], bound


def in_onnx(cell, params, x, states, reset):
    onnx = pytest.importorskip("onnx", reason="the ONNX reference evaluator is not installed")
    from onnx.reference import ReferenceEvaluator

    made = stacked(order("onnx", cell), params, reset=reset)
    given_states = {"initial_h": states[0][None, None]}
    if cell == "lstm":
        given_states["initial_c"] = states[1][None, None]
    feeds = {
        "X": x[:, None],
        "W": made["weight_ih"][None],
        "R": made["weight_hh"][None],
        "B": np.concatenate([made["bias_ih"], made["bias_hh"]])[None],
        **given_states,
    }
    options = {"linear_before_reset": int(reset == "after")} if cell == "gru" else {}
    node = onnx.helper.make_node(
        cell.upper(), ["X", "W", "R", "B", "", *given_states], ["Y"],
        hidden_size=len(states[0]), **options,
    )  # fmt: skip
    types = [onnx.helper.make_tensor_value_info(k, onnx.TensorProto.DOUBLE, a.shape)
             for k, a in feeds.items()]  # fmt: skip
    out = onnx.helper.make_tensor_value_info("Y", onnx.TensorProto.DOUBLE, None)
    graph = onnx.helper.make_graph([node], cell, types, [out])
    return ReferenceEvaluator(onnx.helper.make_model(graph)).run(None, feeds)[0][:, 0, 0]


def in_equinox(cell, params, x, states, reset):
    eqx = pytest.importorskip("equinox", reason="Equinox is not installed")
    import jax

    if cell == "rnn" or reset == "before":
        pytest.skip("Equinox has no such cell")
    jax.config.update("jax_enable_x64", True)
    made = stacked(order("equinox", cell), params)
    n, m = len(states[0]), x.shape[1]
    kind = {"lstm": eqx.nn.LSTMCell, "gru": eqx.nn.GRUCell}[cell]
    theirs = kind(m, n, key=jax.random.PRNGKey(0))
    names = {"weight_ih": "weight_ih", "weight_hh": "weight_hh", "bias": "bias_ih"}
    for name, mine in names.items():
        object.__setattr__(theirs, name, jax.numpy.asarray(made[mine]))
    if cell == "gru":
        object.__setattr__(theirs, "bias_n", jax.numpy.asarray(params["b_Wg"]))
    state = tuple(map(jax.numpy.asarray, states)) if cell == "lstm" else states[0]
    found = []
    for step in x:
        state = theirs(jax.numpy.asarray(step), state)
        found.append(np.asarray(state[0] if cell == "lstm" else state))
    return np.stack(found)


def in_torch(cell, params, x, states, reset):
    torch = pytest.importorskip("torch")
    if reset == "before":
        pytest.skip("PyTorch has no such cell")
    made = stacked(order("torch", cell), params)
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    theirs = kind(x.shape[1], len(states[0]), dtype=torch.float64)
    with torch.no_grad():
        for name, array in made.items():
            getattr(theirs, f"{name}_l0").copy_(torch.tensor(array))
        given_states = tuple(torch.tensor(s)[None] for s in states)
        out, _ = theirs(torch.tensor(x), given_states if cell == "lstm" else given_states[0])
    return out.numpy()


LIBRARIES = {"torch": in_torch, "onnx": in_onnx, "equinox": in_equinox}
CELLS = [("rnn", ""), ("lstm", ""), ("gru", "before"), ("gru", "after")]


@pytest.mark.parametrize(("cell", "reset"), CELLS)
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("seed", share(range(5), 3))
def test_forwards_are_those_of_three_libraries(library, cell, reset, seed):
    T, m, n = 1 + seed, 1 + seed % 3, 1 + (seed + 1) % 4
    params, states = weights(cell, m, n, seed)
    x = np.random.default_rng(seed).standard_normal((T, m))
    theirs = LIBRARIES[library](cell, params, x, states, reset)
    mine, bound = ours(cell, params, x, states, reset)
    assert np.abs(mine - theirs).max() <= bound


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_order_of_another_library_is_another_network(cell):
    """The liar: bounds that tell every pair of orders apart."""
    params, states = weights(cell, 2, 3, 0)
    x = np.random.default_rng(1).standard_normal((4, 2))
    mine, bound = ours(cell, params, x, states, "after")
    made = stacked(order("torch", cell), params)
    wrong = by_gate(order("onnx", cell), *made.values(), reset="after") | {"V": params["V"]}
    other, _ = ours(cell, wrong, x, states, "after")
    assert np.abs(mine - other).max() > 1e3 * bound


@given(m=sizes, n=sizes, seed=st.integers(0, 99), pair=st.sampled_from(sorted(ORDERS)))
def test_stacked_and_by_gate_are_inverse(m, n, seed, pair):
    convention, cell = order(*pair), pair[1]
    params, _ = weights(cell, m, n, seed)
    lost = {"V"} | ({"b_Wg"} if convention.reset == "before" or convention.biases == 1 else set())
    again = by_gate(convention, **stacked(convention, params))
    assert again.keys() == params.keys() - lost
    for name, array in again.items():
        assert (array == params[name]).all()


def test_two_biases_add_up_but_for_the_candidate_that_is_reset_after():
    W = np.zeros((3, 1))
    biases = np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 40.0])
    after = by_gate(order("torch", "gru"), W, W, *biases)
    before = by_gate(order("torch", "gru"), W, W, *biases, reset="before")
    assert [after[k].item() for k in ("b_r", "b_z", "b_g", "b_Wg")] == [11, 22, 4, 40]
    assert [before[k].item() for k in ("b_r", "b_z", "b_g")] == [11, 22, 44]
    assert "b_Wg" not in before
    none = by_gate(order("torch", "gru"), W, W)
    assert set(none) == {f"{letter}_{k}" for letter in "UW" for k in "zrg"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: order("torch", "mgu"), "library, cell: expected one of cudnn gru, cudnn lstm,"),
        (lambda: by_gate(order("torch", "lstm"), np.ones((6, 2)), np.ones((8, 2))),
         "weight_ih: expected 4 gates along axis 0, got shape (6, 2)"),
        (lambda: by_gate(order("keras", "gru"), np.ones((2, 6)), np.ones((6, 2))),
         "weight_hh: expected 3 gates along axis 1, got shape (6, 2)"),
        (lambda: by_gate(order("keras", "lstm"), np.ones((2, 8)), np.ones((2, 8)), None, [1.0]),
         "bias_hh: expected None, since the library has one bias"),
        (lambda: by_gate(order("onnx", "rnn"), [[np.nan]], [[1.0]]),
         "weight_ih: expected finite numbers, got nan"),
    ],
)  # fmt: skip
def test_error(call, message):
    refuses(call, ValueError, message)
