"""Layers and directions, enclosed: what one gives out, and what may be off in it, the next reads.

The states of the last layer are the program's outputs, so that each of its steps is compared from
the one before. Those of the layers below are not known: they are carried on from the initial
states, and their errors enter the layer above as errors of its inputs. Messages go the other way:
∂L/∂x of a layer is ∂L/∂h of the one below, the sum of both directions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.arithmetic.midrad import MidRad, chosen, exact, joined
from bpttcheck.conformance.padding import Padding
from bpttcheck.conformance.reference import Enclosure, enclosed
from bpttcheck.conformance.stacks import LayerDirection
from bpttcheck.conformance.steps_forward import CellProgram, EnclosedSteps, Made
from bpttcheck.conformance.trajectory import trajectory

OverTime = TypeVar("OverTime", Array, MidRad)

States = Mapping[str, Mapping[str, Array]]
"""By the name of a part, then by that of a state or its letter, (B, n)."""


@dataclass(frozen=True)
class EnclosedLayers:
    """What programs can make of all layers: of each part by its name, and of ∂L/∂x.

    ``unsaturated`` is the size of ∂L/∂x if no gate of the first layer were saturated.
    """

    parts: Mapping[str, Enclosure]
    dx: MidRad
    unsaturated: float

    @property
    def largest(self) -> float:
        """The largest modulus met on the way; NaN where there was none."""
        return float(np.max([found.largest for found in self.parts.values()]))


class LayersRun:
    """All layers forward.

    Arguments:
        parts: every direction of every layer, from the first on.
        programs: each as a program may compute it, by its name.
        x: inputs (T, B, m).
        states: initial states of each part, by name, ``h0`` and the others.
        h: all states of the last layer's parts as the program gave them out, (T, B, n) in the
            order of time; empty if it did not.
        padding: which steps count, in the order of time.
    """

    def __init__(
        self,
        parts: Sequence[LayerDirection],
        programs: Mapping[str, CellProgram],
        x: Array,
        states: States,
        h: Mapping[str, Array],
        padding: Padding,
    ) -> None:
        self.programs, self.padding = programs, padding
        names = dict.fromkeys(part.layer for part in parts)
        self.layers = [[p for p in parts if p.layer == layer] for layer in names]
        self.steps: dict[str, EnclosedSteps] = {}
        self.read: list[MidRad] = []
        below = exact(x, programs[parts[0].name].kind)
        with np.errstate(all="ignore"):  # what overflows is unbounded, and told as such
            for layer in self.layers:
                if padding.taken is not None:  # what is not read may leave the range
                    below = chosen(padding.taken, below, exact(np.zeros(below.shape), below.kind))
                self.read.append(below)
                for part in layer:
                    own, name = programs[part.name], part.name
                    start = {k: states[name][f"{k}0"] for k in own.cell.states}
                    given = in_order(part, h[name]) if name in h else None
                    taken = padding.of(part.back).taken
                    self.steps[name] = trajectory(own, in_order(part, below), start, given, taken)
                above = [in_order(p, self.steps[p.name].states["h"]) for p in layer]
                below = joined(above).settled()

    @property
    def states(self) -> dict[str, Made]:
        """The states of each part in its own order, by letter."""
        return {name: steps.states for name, steps in self.steps.items()}

    def back(self, dh: Mapping[str, Array], last: States) -> EnclosedLayers:
        """Return what programs can make of the gradients.

        Arguments:
            dh: cotangents of all states of the last layer's parts, (T, B, n) in the order of time.
            last: cotangents of last states of any part beside those, (B, n) by letter.

        Raises:
            Inapplicable: the cell has a function that is not enclosed.
        """
        found: dict[str, Enclosure] = {}
        kind = next(iter(self.programs.values())).kind
        seen = [self.padding.shown(dh[part.name]) for part in self.layers[-1]]
        coming = joined([exact(a, kind) for a in seen])
        with np.errstate(all="ignore"):
            for layer, read in zip(self.layers[::-1], self.read[::-1], strict=True):
                n, below = coming.shape[-1] // len(layer), []
                for k, part in enumerate(layer):
                    own = in_order(part, coming[..., k * n : (k + 1) * n])
                    found[part.name] = enclosed(
                        self.programs[part.name],
                        self.steps[part.name],
                        in_order(part, read),
                        own,
                        last.get(part.name, {}),
                        self.padding.of(part.back),
                        len(layer),
                    )
                    below.append(in_order(part, found[part.name].gradients["x"]))
                coming = sum(below[1:], below[0]).settled()
        first = [found[part.name].unsaturated["x"] for part in self.layers[0]]
        return EnclosedLayers(found, coming, max(first))


def in_order(part: LayerDirection, steps: OverTime) -> OverTime:
    """Return steps in the order of a part, or those of a part in the order of time."""
    return steps[::-1] if part.back else steps
