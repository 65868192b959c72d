"""Cotangents of what a program gives out: all states, and last states beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpttcheck.adaptors.cotangents import Cotangents
from bpttcheck.arithmetic.base import Array
from bpttcheck.conformance.array_axes import Sizes
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.state_arrays import StateArray


class OutputCotangents:
    """Cotangents of the outputs that a layout says; of others they are zero.

    Arguments:
        form: the layout.
        said: the outputs that it says, of which the first may stand alone.
        sizes: by their symbols.
        arrays: what the program gave out.
        seed: of what is drawn.

    Attributes:
        said: those that there are.
        dh: ∂L/∂h_t of the last layer's parts by name, (T, B, n).
        last: of last states, (B, n) by part and letter.
        shown: of each array, in its own axes and type.

    Raises:
        ValueError: fewer outputs, or an array of another shape.
    """

    def __init__(
        self,
        form: Layout,
        said: Sequence[StateArray],
        sizes: Sizes,
        arrays: Sequence[Array],
        seed: int,
    ) -> None:
        self.said = said[:1] if len(arrays) == 1 else said
        if len(arrays) < len(self.said):
            got = f"{len(arrays)} of {len(self.said)}"
            raise ValueError(f"outputs: expected {form.outputs}, got {got}")
        for held, array in zip(self.said, arrays, strict=False):
            if array.shape != held.shape(sizes):
                expected = f"{held.text} = {held.shape(sizes)}"
                raise ValueError(f"outputs: expected {expected}, got {array.shape}")
        shapes = [[sizes[s] for s in held.own] for held in self.said for _ in held.parts]
        drawn = [np.asarray(a) for a in Cotangents(seed).like([np.zeros(s) for s in shapes])]
        width = sizes[form.axes["h0"][-1]]
        of_none = np.zeros((sizes["T"], sizes["B"], width))
        self.dh: dict[str, Array] = {}
        self.last: dict[str, dict[str, Array]] = {}
        self.shown = [np.zeros_like(array) for array in arrays]
        for k, held in enumerate(self.said):
            each, drawn = drawn[: len(held.parts)], drawn[len(held.parts) :]
            turned = held.joined(each)
            self.shown[k] = np.ascontiguousarray(turned, dtype=arrays[k].dtype)
            for part, own in zip(held.parts, each, strict=True):
                if held.what == "h":
                    self.dh[part] = own
                else:
                    last = self.last.setdefault(part, {})
                    last[held.state] = last.get(held.state, 0.0) + own
                    self.dh.setdefault(part, of_none)
