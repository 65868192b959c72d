"""A module of a text, at points where the right gradients are those of a right text."""

import importlib.util
import itertools
import time

import numpy as np

from bpttcheck.check.program.kept import Kept
from bpttcheck.mend import Asked, Failed, Ran, codes_of, mend

COUNT = itertools.count()

TOLERANCE = 1e-9
"""What a right gradient may be off by."""


def module(folder, text, name="mine"):
    """Return the module of a text, imported from a file."""
    path = folder / f"{name}.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    spec = importlib.util.spec_from_file_location(f"{name}_{next(COUNT)}", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


class Point:
    """A point of a module's ``value_and_grad``."""

    def __init__(self, mine, loss, truth, scale=1.0):
        self.name = f"times {scale}"
        self.names = frozenset(truth)
        self._mine, self._loss, self._truth, self._scale = mine, loss, truth, scale
        self._kept = Kept(mine.value_and_grad)

    def _told(self, shift=0.0):
        self._kept.put_back()
        params = {k: self._scale * v + shift for k, v in self._mine.PARAMS.items()}
        try:
            with np.errstate(all="ignore"):
                loss, gradients = self._mine.value_and_grad(params)
            return float(loss), {k: np.asarray(g, float) for k, g in gradients.items()}
        except Exception as error:
            raise Failed(repr(error)) from None

    def run(self):
        loss, gradients = self._told()
        if gradients.keys() != self._truth.keys():
            raise Failed("other names")
        right = {
            k
            for k, g in gradients.items()
            if np.shape(g) == self._truth[k].shape and np.abs(g - self._truth[k]).max() < TOLERANCE
        }
        return Ran(bool(loss == self._loss), frozenset(right), self._misses(gradients))

    def _misses(self, gradients):
        """Return by how much each gradient is off along two directions."""
        found = {}
        for k, truth in self._truth.items():
            ways = np.random.default_rng(0).normal(size=(2, *truth.shape))
            off = gradients[k] - truth if np.shape(gradients[k]) == truth.shape else np.inf
            with np.errstate(all="ignore"):
                found[k] = [(float((off * way).sum()), TOLERANCE) for way in ways]
        return found

    def told(self):
        return self._told()

    def agrees(self):
        loss, gradients = self._told()
        slope = (self._told(1e-5)[0] - self._told(-1e-5)[0]) / 2e-5
        sums = sum(g.sum() for g in gradients.values())
        return bool(loss != self._loss and abs(sums - slope) < 1e-7)

    def call(self):
        self._told()


def points(mine, right):
    """Return two points of a module, whose gradients are asked to be those of a right one."""
    found = []
    for scale in (1.0, 0.7):
        params = {k: scale * v for k, v in right.PARAMS.items()}
        loss, truth = right.value_and_grad(params)
        found.append(Point(mine, loss, truth, scale))
    return found


def mended(folder, right, wrong, seconds=60.0):
    """Return the mend of a wrong text by the gradients of the right one."""
    end = time.monotonic() + seconds
    mine, model = module(folder, wrong), module(folder, right, "right")
    asked = points(mine, model)

    def confirmed(names=None):
        fine = all(point.run().right >= (names or point.names) for point in asked)
        return "right" if fine else None

    def left():
        return end - time.monotonic()

    return mend(Asked(codes_of(asked[0].call), asked, confirmed, left, _is_ours))


def applied(text, edits):
    """Return a text with lines replaced, as the edits of a mend say."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda edit: -edit.line):
        before = edit.before.split("\n") if edit.before else []
        first = lines[edit.line - 1]
        indent = first[: len(first) - len(first.lstrip())]
        assert [
            line.removeprefix(indent) for line in lines[edit.line - 1 :][: len(before)]
        ] == before
        after = [indent + line for line in edit.after.split("\n")] if edit.after else []
        lines[edit.line - 1 : edit.line - 1 + len(before)] = after
    return "\n".join(lines)


def _is_ours(code):
    return code.co_filename == __file__
