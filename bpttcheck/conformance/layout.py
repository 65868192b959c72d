"""How somebody's arrays are made of the reference's: gates fused, transposed, in another order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from bpttcheck import arguments
from bpttcheck.arguments import flag, optional, positive, takes, texts, words
from bpttcheck.arguments import names as names_of
from bpttcheck.bptt.network import Network
from bpttcheck.bptt.networks import NETWORKS, gru
from bpttcheck.cells.cell import Cell
from bpttcheck.conformance.array_axes import sequence
from bpttcheck.conformance.clamps import activation
from bpttcheck.conformance.weight_blocks import Axes, Blocks, parsed

KINDS: dict[str, Cell] = {
    **{name: network.cell for name, network in NETWORKS.items()},
    "gru, reset after": gru.kind(reset="after"),
}
"""The reference cells that have a name."""

PADDED = ("zeros", "repeated", "steps")
"""What padded steps give out."""


def _cell(name: str, given: Any) -> str | Network:
    """Return a network, or the name of a reference cell."""
    return given if isinstance(given, Network) else words(name, given, KINDS)


def _padded(name: str, given: Any) -> str:
    """Return what padded steps give out; nothing where nobody says it."""
    return given if isinstance(given, str) and not given else words(name, given, PADDED)


def _names(name: str, given: Any) -> Collection[str]:
    """Return names, in whatever holds them."""
    held = tuple(given) if isinstance(given, Mapping | set | frozenset) else given
    return names_of(name, held)


@takes(
    cell=_cell,
    arrays=texts,
    outputs=arguments.text,
    phi=arguments.text,
    squash=texts,
    clip=optional(positive),
    note=arguments.text,
    also=texts,
    padded=_padded,
    empty=flag,
)
@dataclass(frozen=True)
class Layout:
    """Which array holds what.

    ``arrays`` says of each array, by name, which weights of the reference it is made of: blocks
    side by side with ``,``, rows of blocks with ``;``. A block is the name of a weight, with

    - ``-`` before it for its negative, ``0`` for a block of its shape that the cell does not read;
    - ``.T`` for its transpose, ``.row`` (1, n) or ``.column`` (n, 1) for a bias with two axes;
      ``.flat`` or ``.T.flat`` for a matrix row by row in a vector;
    - ``- 1`` or ``+ 1`` after it for a constant: ``"b_f - 1"`` is a bias to which the pass adds 1.

    So ``"U_i; U_f; U_g; U_o"``, ``"W_f.T; U_f.T"``, ``"U_i.flat; W_i.flat; b_i"``. A weight that
    occurs twice is the sum, as of two biases. ``|`` before each page makes an axis in front.

    Input and states are named with their axes: ``"x[B,T,m]"``, ``"h0[1,B,n]"``, ``"c0[B,n]"``. T
    is left out where the cell takes one step, ``"x[B,m]"``, B where there is one sequence.

    ``outputs`` is ``h`` with its axes, all states, or ``h_T``, the last: ``"h[B,T,n]"``. Last
    states beside it come after a ``;``, in the order in which they are given out:
    ``"h[T,B,n]; h_T[1,B,n]; c_T[1,B,n]"``; the first may stand alone.

    ``cell`` is the name of a reference cell, or a :class:`~bpttcheck.bptt.network.Network` of your
    own; a state that is projected has r entries, ``"h[T,B,r]"``, ``"h0[B,r]"``. ``phi`` is the
    activation of a vanilla RNN, ``squash`` another one of a gate, or of the state ``"c"`` that is
    let out: ``{"g": "relu", "c": "relu"}``. Beside those of the reference they may be
    ``"hard_tanh"`` or ``"hard_sigmoid(1/6, 1/2)"``, of any slope and offset. ``clip`` is what every
    pre-activation is clipped to, ±clip, before it is squashed.

    ``padded`` says what steps give out that come after the end of a shorter sequence: ``"zeros"``,
    ``"repeated"`` (its last state once more) or ``"steps"`` (further steps, of which its last state
    knows nothing). ``empty`` says that a sequence may have no step: then its outputs are zeros and
    its last states the initial ones.

    ``also`` are other names that an array may come under, ``{"hx[0]": "h0"}``, as where a library
    takes the states as a tuple. ``note`` says, in a line, what else one has to know.

    Raises:
        TypeError, ValueError: an unknown cell, weight, axis or activation; the message names it.
    """

    cell: str | Network
    arrays: Mapping[str, str]
    outputs: str = "h[T,B,n]"
    phi: str = "tanh"
    squash: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    clip: float | None = None
    padded: str = ""
    empty: bool = False
    blocks: Mapping[str, Blocks] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        known = self._named
        for gate, squash in self.squash.items():
            words("squash", gate, [*known.gates, *(k for k in known.states if k != "h")])
            activation(f"squash[{gate!r}]", squash)
        activation("phi", self.phi)
        self.given_out()
        self.given_last()
        read = {
            name: parsed(text, f"arrays[{name!r}]", self.weights)
            for name, text in self.arrays.items()
            if "[" not in text
        }
        self.sequences()
        used = {b.weight for blocks in read.values() for b in blocks.each() if b.sign}
        needed = [w for w, axes in self.weights.items() if len(axes) > 1 and w not in used]
        if needed:
            raise ValueError(f"arrays: expected all weights, got none that holds {needed[0]}")
        object.__setattr__(self, "blocks", read)

    @property
    def _named(self) -> Cell:
        return self.cell.cell if isinstance(self.cell, Network) else KINDS[self.cell]

    @cached_property
    def reference(self) -> Cell:
        """The reference cell."""
        cell = self._named
        if not self.squash:
            return cell
        own = {k: activation(f"squash[{k!r}]", name) for k, name in self.squash.items()}
        gates = {k: replace(g, squash=own.get(k, g.squash)) for k, g in cell.gates.items()}
        return replace(cell, gates=gates, squash=own.get("c", cell.squash))

    @property
    def weights(self) -> Axes:
        """The weights of the reference cell but its output layer's, and their axes."""
        return {k: axes for k, axes in self._named.axes.items() if "p" not in axes}

    @property
    def axes(self) -> dict[str, str]:
        """The axes of the inputs and of each initial state."""
        cell = self._named
        return {"x": "TBm"} | {f"{k}0": f"B{cell.width(k)}" for k in cell.states}

    def given_out(self) -> tuple[str, tuple[str, ...]]:
        """Return which states are the outputs, h or h_T, and in which axes.

        Raises:
            ValueError: something else, or other axes.
        """
        last = self.axes["h0"]
        first = self.outputs.split(";")[0]
        return sequence(first, {"h": f"T{last}", "h_T": last}, "outputs")

    def given_last(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the last states that are outputs beside the first: letters, and their axes.

        Raises:
            ValueError: something else, or other axes.
        """
        cell = self._named
        known = {f"{k}_T": self.axes[f"{k}0"] for k in cell.states}
        found = [sequence(text, known, "outputs") for text in self.outputs.split(";")[1:]]
        return tuple((what.removesuffix("_T"), axes) for what, axes in found)

    @takes(
        outputs=optional(arguments.text),
        phi=optional(arguments.text),
        squash=optional(texts),
        clip=optional(positive),
        padded=optional(_padded),
        empty=optional(flag),
        without=names_of,
    )
    def but(
        self,
        *,
        outputs: str | None = None,
        phi: str | None = None,
        squash: Mapping[str, str] | None = None,
        clip: float | None = None,
        padded: str | None = None,
        empty: bool | None = None,
        without: tuple[str, ...] = (),
        **arrays: str,
    ) -> Layout:
        """Return the layout with other outputs, or other arrays: ``but(input="x[B,T,m]")``.

        Arguments:
            outputs: as in the layout.
            phi: as in the layout.
            squash: as in the layout.
            clip: as in the layout.
            padded: as in the layout.
            empty: as in the layout.
            without: names of arrays that the layout is not to have.
            **arrays: the others, and what they are made of.

        Raises:
            TypeError, ValueError: as for a layout.
        """
        kept = {k: text for k, text in self.arrays.items() if k not in without}
        return replace(
            self,
            outputs=outputs or self.outputs,
            phi=phi or self.phi,
            squash=self.squash if squash is None else squash,
            clip=self.clip if clip is None else clip,
            padded=self.padded if padded is None else padded,
            empty=self.empty if empty is None else empty,
            arrays={**kept, **arrays},
        )

    @takes(names=_names)
    def called(self, names: Collection[str]) -> Layout:
        """Return the layout with the other names of those arrays that are called by them.

        Raises:
            TypeError: no names.
        """
        other = {own: name for name, own in self.also.items() if name in names}
        arrays = {other.get(name, name): text for name, text in self.arrays.items()}
        return replace(self, arrays=arrays, also={}) if other else self

    @takes(prefix=arguments.text)
    def under(self, prefix: str) -> Layout:
        """Return the layout of weights that are nested: ``under("params")`` for ``params.bias``.

        Raises:
            TypeError: no text.
        """
        return replace(
            self,
            arrays={
                name if "[" in text else f"{prefix}.{name}": text
                for name, text in self.arrays.items()
            },
        )

    def sequences(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Return, for each input or state, the array's name and axes.

        Raises:
            ValueError: another input or state than the cell's, or other axes.
        """
        found = {}
        for name, text in self.arrays.items():
            if "[" in text:
                what, axes = sequence(text, self.axes, f"arrays[{name!r}]")
                found[what] = (name, axes)
        return found
