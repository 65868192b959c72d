"""A check in plain Python, for the programs that run in the pages of the site.

There MicroPython runs it, alone, without NumPy and without the rest of the package: so nothing is
imported that MicroPython does not have, and nothing is written that it cannot read.
"""

from math import isfinite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

try:
    from _bpttcheck_page import tell  # type: ignore[import-not-found]  # a page that listens
except ImportError:
    tell = None

STEP = 2.0**-10
"""How far a weight is moved, relative to its size where that is above one."""

MIME = "application/vnd.bpttcheck.report+json"


class Told:
    """What a program reports: the verdicts by name, and what is to be drawn."""

    def __init__(self, verdicts: "dict[str, str]", drawn: "dict[str, Any]") -> None:
        self.verdicts = verdicts
        self.drawn = drawn

    def _repr_mimebundle_(self, **_: "Any") -> "dict[str, Any]":
        return {MIME: self.drawn, "text/plain": ""}


def report(
    loss: "Callable[..., float]",
    params: "Mapping[str, Any]",
    gradients: "Mapping[str, Any]",
    states: "Sequence[Any]" = (),
    messages: "Sequence[Any]" = (),
    letter: str = "h",
) -> "Told":
    """Print whether differences of the loss agree with gradients, weight by weight.

    A gradient is wrong where it lies outside the error of the differences. That error is estimated
    from two of them; :func:`bpttcheck.check_gradients` derives a bound.

    Arguments:
        loss: function of the weights, by their names, that returns a number.
        params: each weight, a number or a list of numbers, which may be nested.
        gradients: the same for each gradient.
        states: of each step a number or a list of numbers, h_0 first; to be drawn.
        messages: the gradient by each of these states; to be drawn.
        letter: what the states are called.

    Returns:
        What was found: its ``verdicts``, by weight, are ``right``, ``wrong``, ``missing`` from the
        gradients, or ``undecided``, where differences cannot tell.

    Raises:
        TypeError: weights or gradients come without names.
    """
    for name, given in (("params", params), ("gradients", gradients)):
        if not isinstance(given, dict):
            raise TypeError(f"{name}: expected a dictionary by name, got {type(given).__name__}")
    trouble = _not_finite(states, letter)
    if trouble:
        print(f"{trouble}: nothing can be said of the gradients.")
    found = []
    for name in sorted(params):  # MicroPython keeps no order in a dictionary
        verdict, says = _judged(loss, params, name, gradients.get(name))
        if trouble:
            verdict, says = "undecided", trouble
        found.append({"name": name, "verdict": verdict, "says": says})
        print(f"∂L/∂{name}  {verdict}" + (f": {says}" if says else ""))
    drawn = {
        "verdicts": found,
        "letter": letter,
        "states": _numbers(states),
        "messages": _numbers(messages),
    }
    if tell is not None:
        from json import dumps

        tell(dumps(drawn))
    return Told({row["name"]: row["verdict"] for row in found}, drawn)


def difference(
    loss: "Callable[..., float]", params: "Mapping[str, Any]", name: str, path: "tuple[int, ...]"
) -> "tuple[float, float]":
    """Return the slope of the loss by one entry of a weight, and about how far off it may be.

    Two central differences, one of twice the step: they differ by three times the error of the
    better one, to leading order. Rounding is counted as 64 errors of the loss.
    """
    step = STEP * max(1.0, abs(_entry(params[name], path)))
    values = []
    for places in (-2, -1, 1, 2):
        moved = dict(params)
        moved[name] = _moved(params[name], path, places * step)
        values.append(float(loss(**moved)))
    far, near = (values[3] - values[0]) / (4 * step), (values[2] - values[1]) / (2 * step)
    rounding = 64 * 2.0**-52 * max(abs(value) for value in values) / step
    return near + (near - far) / 3, abs(near - far) + rounding


def _judged(
    loss: "Callable[..., float]", params: "Mapping[str, Any]", name: str, gradient: "Any"
) -> "tuple[str, str]":
    """Return the verdict on one gradient, and what there is to say of it."""
    if gradient is None:
        return "missing", "not among the gradients"
    paths = _paths(params[name])
    if _paths(gradient) != paths:
        return "wrong", "not of the shape of the weight"
    worst, size, error = None, 0.0, 0.0
    for path in paths:
        given = float(_entry(gradient, path))
        slope, off = difference(loss, params, name, path)
        if not isfinite(slope) or not isfinite(off):
            return "undecided", "the loss is not finite around these weights"
        size, error = max(size, abs(given), abs(slope)), max(error, off)
        # Not a number is in no comparison true: it has to be wrong by the first.
        if not abs(given - slope) <= off and (worst is None or abs(given - slope) > worst[0]):
            worst = abs(given - slope), path, given, slope
    if worst is not None:
        _, path, given, slope = worst
        place = "".join(f"[{k}]" for k in path)
        says = f"{_short(given)}, differences say {_short(slope)}"
        return "wrong", f"{name}{place} is {says}" if place else says
    if size <= 10 * error and size > 0:
        return "undecided", f"below {_short(10 * error)} differences cannot tell"
    return "right", _short(gradient) if not paths[0] else ""


def _paths(value: "Any", path: "tuple[int, ...]" = ()) -> "list[tuple[int, ...]]":
    """Return where the entries of a nested list are; of a number, the empty path."""
    if not isinstance(value, (list, tuple)):
        return [path]
    inner = []
    for k, part in enumerate(value):
        inner += _paths(part, path + (k,))  # noqa: RUF005  MicroPython has no (*path, k)
    return inner


def _entry(value: "Any", path: "tuple[int, ...]") -> "Any":
    for k in path:
        value = value[k]
    return value


def _moved(value: "Any", path: "tuple[int, ...]", by: float) -> "Any":
    """Return a weight with one of its entries moved."""
    if not path:
        return value + by
    return [_moved(part, path[1:], by) if k == path[0] else part for k, part in enumerate(value)]


def _not_finite(states: "Sequence[Any]", letter: str) -> str:
    """Return which state is the first that is not finite, in words; nothing if all are."""
    for t, state in enumerate(states):
        for path in _paths(state):
            if not isfinite(_entry(state, path)):
                return f"{letter}_{t} is {_entry(state, path)}"
    return ""


def _numbers(steps: "Iterable[Any]") -> "list[list[float | str]]":
    """Return the numbers of each step; what is not finite as a word, since JSON has none of it."""
    return [
        [float(v) if isfinite(v) else str(v) for v in (_entry(step, p) for p in _paths(step))]
        for step in steps
    ]


def _short(value: float) -> str:
    return f"{value:.6g}"
