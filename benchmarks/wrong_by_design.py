"""Programs that are wrong by a documented clip, epsilon or surrogate alone: no wrong mend of them.

Program k is the right program k of :mod:`benchmarks.programs` with one such line. A mend that is
told is applied to the text, and judged at other cases: of a clip, by the gradients of the right
program; else by the complex step of its own loss. A surrogate has no mend: the true gradient of a
step is zero. Edits of the forward pass are counted apart.
"""

from __future__ import annotations

import argparse
import random
import re
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.programs import Program, program
from bpttcheck.arithmetic.base import Array
from bpttcheck.cases import Case
from bpttcheck.check.search.problem import check_problem
from bpttcheck.mend import EditedLine, Mend

CASES = [
    Case(T=T, B=B, m=m, n=n, p=p, seed=T)
    for T, B, m, n, p in ((4, 3, 2, 5, 3), (7, 2, 3, 4, 5), (1, 2, 4, 3, 2))
]

SAME = 1e-7
"""Of an array's largest entry: as well as a gradient that is right agrees, in float64."""

STEP = 1e-30

RETURN = re.compile(r"^( +)return loss, \{(.*)\}$", re.MULTILINE)

CLIPS = {
    "every entry": "grads = {k: np.clip(d, -LIMIT, LIMIT) for k, d in grads.items()}",
    "norm of each": "for k, d in grads.items():\n    norm = np.sqrt(np.sum(d ** 2))\n"
    "    if norm > LIMIT:\n        grads[k] = d * (LIMIT / norm)",
    "norm of all": "norm = np.sqrt(sum(np.sum(d ** 2) for d in grads.values()))\n"
    "scale = min(1.0, LIMIT / (norm + 1e-6))\ngrads = {k: d * scale for k, d in grads.items()}",
}
"""What is done to all gradients before they are returned."""

EPSILONS = {
    "in a logarithm": (r"np\.log\((q|1 - q|1 \+ e \*\* 2|np\.cosh\(e\))\)", r"np.log(\1 + EPS)"),
    "in a root": (r"np\.sqrt\(1 \+ e \*\* 2\)", "np.sqrt(1 + e ** 2 + EPS)"),
    "in a divisor": (r"do = (.*?)e / r", r"do = \1e / (r + EPS)"),
}

SURROGATES = {
    "steps of a tanh": (r"np\.tanh\((x\[t\].*?b)\)", r"np.round(8 * np.tanh(\1)) / 8"),
    "a sign": (r"np\.tanh\((x\[t\].*?b)\)", r"0.8 * np.sign(\1)"),
    "steps of what is kept": (r"(h = np\.tanh\(X @ W1 \+ b1\))", r"\1; h = np.round(5 * h) / 5"),
}


def planted(number: int) -> tuple[str, Program, Program] | None:
    """Return what is planted, the program with it, and the right one; None where nothing fits."""
    one = program(number)
    if one.precision != "float64" or one.style in ("underflow", "saturated"):
        return None
    chance = random.Random(number)
    kinds = list(_planted(one, chance))
    if not kinds:
        return None
    families = list(dict.fromkeys(name.partition(":")[0] for name, _ in kinds))
    chosen = families[int(chance.random() * len(families))]
    kinds = [kind for kind in kinds if kind[0].startswith(chosen)]
    name, source = kinds[int(chance.random() * len(kinds))]
    return name, replace(one, source=source), one


def _planted(one: Program, chance: random.Random) -> Iterator[tuple[str, str]]:
    text = one.source
    limit, epsilon = (some[int(chance.random() * 3)] for some in (LIMITS, SIZES))
    for name, lines in CLIPS.items():

        def clipped(found: re.Match[str], lines: str = lines) -> str:
            body = [f"grads = {{{found[2]}}}", *lines.replace("LIMIT", limit).split("\n")]
            return "\n".join(found[1] + line for line in (*body, "return loss, grads"))

        yield f"clip: {name}", RETURN.sub(clipped, text)
    message = re.search(r"^( +)da = .*$", text, re.MULTILINE)
    if message is not None:
        line = f"{message[0]}\n{message[1]}da = np.clip(da, -{limit}, {limit})"
        yield "clip: the message", text.replace(message[0], line, 1)
    for name, (old, new) in EPSILONS.items():
        changed = re.sub(old, new.replace("EPS", epsilon), text)
        if changed != text:
            yield f"epsilon: {name}", changed
    for name, (old, new) in SURROGATES.items():
        changed = re.sub(old, new, text)
        if changed != text:
            yield f"surrogate: {name}", changed


LIMITS = ("1e-2", "0.1", "0.5")
SIZES = ("1e-8", "1e-6", "1e-3")


def applied(text: str, edits: tuple[EditedLine, ...]) -> str:
    """Return a text with the lines of edits replaced."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda one: -one.line):
        count = len(edit.before.split("\n")) if edit.before else 0
        first = lines[edit.line - 1]
        indent = first[: len(first) - len(first.lstrip())]
        after = [indent + line for line in edit.after.split("\n")] if edit.after else []
        lines[edit.line - 1 : edit.line - 1 + count] = after
    return "\n".join(lines)


def told(one: Program, text: str, case: Case, scale: float) -> tuple[float, dict[str, Any]]:
    """Return the loss and the gradients of a text at a case, its parameters scaled."""
    function, params = one.compiled(text, np)(replace(case))
    loss, gradients = function({k: scale * v for k, v in params.items()})
    return float(loss), gradients


class _Wide:
    """NumPy, whose new arrays take complex numbers: others would drop the step."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def zeros(self, shape: Any, dtype: Any = np.complex128) -> Array:
        """Return zeros, complex if nobody says otherwise."""
        return np.zeros(shape, dtype)


def slopes(one: Program, text: str, case: Case) -> dict[str, Any]:
    """Return the gradients of a text's loss by the complex step."""
    wide = re.sub(r"np\.float(32|64)", "np.complex128", text)
    function, params = one.compiled(wide, _Wide())(replace(case))
    found = {}
    for name, value in params.items():
        found[name] = np.zeros(value.shape)
        for index in np.ndindex(value.shape):
            moved = {k: v.astype(complex) for k, v in params.items()}
            moved[name][index] += 1j * STEP
            found[name][index] = np.asarray(function(moved)[0]).imag / STEP
    return found


def is_right(name: str, wrong: Program, right: Program, found: Mend) -> bool:
    """Tell whether every edit that is told makes the program right at other cases."""
    for edits in (found.edits, *found.alternatives):
        text = applied(wrong.text, edits)
        for case in CASES:
            for scale in (1.0, 30.0) if name.startswith("clip") else (1.0,):
                before, mine = (told(wrong, t, case, scale)[1] for t in (wrong.text, text))
                if name.startswith("clip"):
                    truth = told(right, right.text, case, scale)[1]
                else:
                    truth = slopes(wrong, text, case)
                kept = {k for k in truth if found.partial and _near(before[k], mine[k])}
                if not all(k in kept or _near(truth[k], mine[k]) for k in truth):
                    return False
    return True


def _near(truth: Array, mine: Array) -> bool:
    return bool(np.abs(mine - truth).max() <= SAME * np.abs(truth).max())


def main() -> None:
    """Check them all, judge what is told, and count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200, help="programs (default 200)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (default 0)")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each (default 20)")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    number, start = given.first, time.process_time()
    while counts["programs"] < given.count:
        found = planted(number)
        number += 1
        if found is None:
            continue
        name, wrong, right = found
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report = check_problem(wrong.compiled(wrong.text, np), budget=given.seconds)
            said = report.mend
            counts.update(["programs", name.partition(":")[0], report.verdict])
            if said is None or not said.edits:
                continue
            surrogate = name.startswith("surrogate") and not said.changes_loss
            fine = not surrogate and is_right(name, wrong, right, said)
        where = "of the forward pass" if said.changes_loss else "partial" * said.partial or "whole"
        counts.update([f"told, {where}", *([] if fine else ["wrong mends"])])
        if not fine:
            print(f"{wrong.number}: {name}", *said.lines(), sep="\n", flush=True)
    spent = (time.process_time() - start) / given.count
    print(
        f"up to program {number - 1}: {dict(counts)}; {counts['wrong mends']} wrong mends, "
        f"{spent:.1f} CPU seconds each"
    )


if __name__ == "__main__":
    main()
