#!/bin/sh
# pyball-arithmetic: Ball.sinh, ball arithmetic whose enclosures are "guaranteed to contain the true real number".
# Expected: a ball that contains sinh of every number of the ball it was given, as those of cosh, exp, sin and atan
# do. Seen: of every ball whose midpoint is negative it does not: sinh grows fastest at the end that is farther from
# zero, and the radius is taken from the slope at the upper end, here the nearer one. sinh([-1.5, -0.5]) ends at
# -1.739, and sinh(-1.5) is -2.129. Positive balls are right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pyball-arithmetic==0.1.0 mpmath==1.3.0
venv/bin/python - <<'PY'
import random
from importlib.metadata import version

import mpmath
from pyball import Ball

mpmath.mp.prec = 200
draw = random.Random(0)


def missed(name, low, high):
    """How many of 1000 balls are not enclosed, by their ends, and how far outside a value is at most."""
    count, worst = 0, 0.0
    for _ in range(1000):
        middle, radius = draw.uniform(low, high), draw.uniform(0.001, 0.1)
        ball = getattr(Ball(middle, radius), name)()
        outside = 0.0
        for sign in (-1, 1):
            value = getattr(mpmath, name)(mpmath.mpf(middle) + sign * mpmath.mpf(radius))
            outside = max(outside, float(mpmath.mpf(ball.lo) - value), float(value - mpmath.mpf(ball.hi)))
        count, worst = count + (outside > 0), max(worst, outside)
    return count, worst


wide = Ball(-1.0, 0.5).sinh()
end = mpmath.sinh(-1.5)
print(f"pyball-arithmetic {version('pyball-arithmetic')}: sinh of [-1.5, -0.5] is", end=" ")
print(f"[{wide.lo:.4f}, {wide.hi:.4f}], and sinh(-1.5) = {mpmath.nstr(end, 5)}")
same = end < wide.lo - 0.3
for name in ("sinh", "cosh", "exp", "sin", "atan"):
    for low, high in ((0.2, 3.0), (-3.0, -0.2)):
        count, worst = missed(name, low, high)
        print(f"{name}, midpoints from {low} to {high}: {count} of 1000 balls miss a value, by {worst:.1e} at most")
        same &= count == (1000 if name == "sinh" and low < 0 else 0)
print("For gradient checks: a claim that is verified in balls is as good as each function of theirs; try the enclosures")
print("of the functions that are used, on both sides of zero, against many digits.")
raise SystemExit(0 if same else "changed")
PY
