"""How libraries stack the weights of their gates, as data, and the way to our names and back.

A library holds one matrix for all gates. Which gate comes first, on which side the weights act and
how many biases there are is a convention; a wrong one gives a network that runs and is another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpttcheck.arguments import chosen, instance, jointly, listed, mapping, one_of, takes, text
from bpttcheck.arithmetic.base import Array
from bpttcheck.cells.declaration import of
from bpttcheck.shapes import Sizes, numbers


@dataclass(frozen=True)
class Order:
    """The convention of one library for one cell.

    Attributes:
        gates: our letters in the library's order. For the RNN there is none: one block.
        columns: whether weights act on columns, W @ h, their gates one below the other; else on
            rows, h @ W, their gates side by side.
        biases: how many there are: two (of the input and of the state), or one. Equinox's GRU has
            one, and a ``bias_n`` that is our ``b_Wg``.
        reset: for the GRU, where its reset gate acts unless told otherwise.
        source: where it stands.
    """

    gates: str
    columns: bool
    biases: int
    reset: str = ""
    source: str = ""


_TORCH = "PyTorch, torch.nn.{}: the description of weight_ih_l"
_ONNX = "ONNX operators, {}: inputs W, R and B"
_KERAS = "Keras 3, keras.layers.{}: the order of its kernel"
_CUDNN = "cuDNN, cudnnGetRNNWeightParams: linLayerID of {}"
_EQUINOX = "Equinox, equinox.nn.{}Cell: weight_ih, weight_hh, bias"

ORDERS: Mapping[tuple[str, str], Order] = {
    ("torch", "rnn"): Order("", True, 2, source=_TORCH.format("RNN")),
    ("torch", "lstm"): Order("ifgo", True, 2, source=_TORCH.format("LSTM")),
    ("torch", "gru"): Order("rzg", True, 2, "after", _TORCH.format("GRU")),
    ("onnx", "rnn"): Order("", True, 2, source=_ONNX.format("RNN")),
    ("onnx", "lstm"): Order("iofg", True, 2, source=_ONNX.format("LSTM")),
    ("onnx", "gru"): Order("zrg", True, 2, "before", _ONNX.format("GRU")),
    ("keras", "rnn"): Order("", False, 1, source=_KERAS.format("SimpleRNN")),
    ("keras", "lstm"): Order("ifgo", False, 1, source=_KERAS.format("LSTM")),
    ("keras", "gru"): Order("zrg", False, 2, "after", _KERAS.format("GRU")),
    ("cudnn", "rnn"): Order("", True, 2, source=_CUDNN.format("an RNN")),
    ("cudnn", "lstm"): Order("ifgo", True, 2, source=_CUDNN.format("an LSTM")),
    ("cudnn", "gru"): Order("rzg", True, 2, "after", _CUDNN.format("a GRU")),
    ("equinox", "lstm"): Order("ifgo", True, 1, source=_EQUINOX.format("LSTM")),
    ("equinox", "gru"): Order("rzg", True, 1, "after", _EQUINOX.format("GRU")),
}
"""By library and cell. The candidate is our g: c in ONNX's LSTM, n in PyTorch's GRU, h in its."""


@takes(library=text, cell=text)
def order(library: str, cell: str) -> Order:
    """Return a library's convention for a cell.

    Raises:
        TypeError, ValueError: no such pair.
    """
    known = {" ".join(pair): value for pair, value in ORDERS.items()}
    return chosen("library, cell", f"{library} {cell}", Order, known)


OF_GRU = one_of(("", "before", "after"))


@takes(
    convention=instance(Order, "an Order"),
    weight_ih=jointly("(4n, m) of four gates, or its transpose"),
    weight_hh=jointly("(4n, n), or its transpose"),
    bias_ih=jointly("(4n,)"),
    bias_hh=jointly("(4n,)"),
    reset=OF_GRU,
)
def by_gate(
    convention: Order,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any = None,
    bias_hh: Any = None,
    *,
    reset: str = "",
) -> dict[str, Array]:
    """Return a library's stacked weights under our names.

    Two biases add up to ours, but in a GRU that resets after the product: there the candidate's
    bias of the state stays apart, as ``b_Wg``.

    Arguments:
        convention: an :class:`Order`.
        weight_ih: the weights of the input, of all gates.
        weight_hh: the weights of the state, of all gates.
        bias_ih: the bias, or that of the input; None for none.
        bias_hh: the bias of the state; None for none.
        reset: for the GRU, where it acts, if not where the library has it by default.

    Returns:
        ``U_i``, …, ``W_i``, …, ``b_i``, … by gate; ``U``, ``W``, ``b`` of an RNN.

    Raises:
        TypeError, ValueError: not arrays of numbers, a size that is no multiple of the number of
            gates, or a bias that the convention does not have.
    """
    sizes = Sizes()
    parts = {
        "U": _parts(convention, "weight_ih", weight_ih, AXES["U"], sizes),
        "W": _parts(convention, "weight_hh", weight_hh, AXES["W"], sizes),
    }
    if bias_hh is not None and convention.biases < 2:
        raise ValueError("bias_hh: expected None, since the library has one bias, got an array")
    ours = {f"{k}_{gate}": part for k in parts for gate, part in parts[k].items()}
    inputs = None if bias_ih is None else _parts(convention, "bias_ih", bias_ih, AXES["b"], sizes)
    states = None if bias_hh is None else _parts(convention, "bias_hh", bias_hh, AXES["b"], sizes)
    if states is not None and "r" in convention.gates and (reset or convention.reset) == "after":
        ours["b_Wg"] = states["g"]
        states["g"] = 0 * states["g"]
    given = [biases for biases in (inputs, states) if biases is not None]
    for gate in given[0] if given else ():
        ours[f"b_{gate}"] = np.sum([biases[gate] for biases in given], axis=0)
    return {name.removesuffix("_"): array for name, array in ours.items()}


@takes(convention=instance(Order, "an Order"), params=mapping(), reset=OF_GRU)
def stacked(convention: Order, params: Mapping[str, Array], *, reset: str = "") -> dict[str, Array]:
    """Return our weights as a library stacks them: the inverse of :func:`by_gate`.

    Arguments:
        convention: an :class:`Order`.
        params: our weights by name, every bias among them.
        reset: for the GRU, where it acts, if not where the library has it by default.

    Returns:
        ``weight_ih``, ``weight_hh``, ``bias_ih`` and, where the library has two biases, a
        ``bias_hh``, of zeros but for ``b_Wg``.

    Raises:
        TypeError, ValueError: a weight is missing, no array of numbers, or of another shape.
    """
    gates = convention.gates or ("",)
    names = {"weight_ih": "U", "weight_hh": "W", "bias_ih": "b"}
    after = "r" in gates and (reset or convention.reset) == "after"
    made, sizes = {}, Sizes()
    for theirs, letter in names.items():
        arrays = [_ours(params, of(letter, g), AXES[letter], sizes) for g in gates]
        if not convention.columns:
            arrays = [a.T for a in arrays]
        made[theirs] = np.concatenate(arrays, axis=0 if convention.columns else -1)
    if convention.biases == 2:
        made["bias_hh"] = 0 * made["bias_ih"]
        if after:
            own = _ours(params, "b_Wg", AXES["b"], sizes)
            n = len(own)
            at = convention.gates.index("g") * n
            made["bias_hh"][at : at + n] = own
    return made


AXES = {"U": ("n", "m"), "W": ("n", "n"), "b": ("n",)}


def _ours(params: Mapping[str, Any], name: str, axes: tuple[str, ...], sizes: Sizes) -> Array:
    """Return a weight of ours, checked."""
    if name not in params:
        raise ValueError(f"params: expected {name}, got {listed(params) or 'nothing'}")
    shown = f"params[{name!r}]"
    return sizes.match(shown, numbers(shown, params[name]), *axes)


def _parts(
    convention: Order, name: str, array: Any, axes: tuple[str, ...], sizes: Sizes
) -> dict[str, Array]:
    """Return one block by gate, each acting on columns; the one of an RNN under ""."""
    given = numbers(name, array)
    gates: tuple[str, ...] = tuple(convention.gates) or ("",)
    axis = 0 if convention.columns else given.ndim - 1
    if given.ndim != len(axes) or given.shape[axis] % len(gates):
        raise ValueError(
            f"{name}: expected {len(gates)} gates along axis {axis}, got shape {given.shape}"
        )
    blocks = np.split(given, len(gates), axis=axis)
    turned = [b if convention.columns else b.T for b in blocks]
    return {g: sizes.match(name, b, *axes) for g, b in zip(gates, turned, strict=True)}
