#!/bin/sh
# mpmath: iv.loggamma of an exact point, in interval arithmetic.
# Expected: an interval that contains the value, as iv.gamma, iv.factorial and the rest return. Seen: below
# 1/2 none does: each bound is rounded to the wrong side, so that the lower one lies above the upper
# one and the value outside. From 1/2 on all is right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check mpmath==1.4.1
venv/bin/python - <<'PY'
import random

import mpmath
from mpmath import iv, mp

mp.prec = 160
print(f"mpmath {mpmath.__version__}, iv.prec {iv.prec}, 2000 points for each row")


def bounds(interval):
    return [mp.make_mpf(end) for end in interval._mpi_]


counts = {}
for low, high in [(0.001, 0.25), (0.25, 0.5), (0.5, 1.0), (1.0, 20.0)]:
    random.seed(0)
    points = [random.uniform(low, high) for _ in range(2000)]
    for name in ("gamma", "factorial", "loggamma"):
        outside = reversed_ = 0
        for x in points:
            a, b = bounds(getattr(iv, name)(iv.mpf(x)))
            outside += not a <= getattr(mp, name)(mp.mpf(x)) <= b
            reversed_ += a > b
        print(f"iv.{name} in ({low}, {high}): {outside} without the value, {reversed_} with b < a")
        counts[name, low] = outside, reversed_
for x in (0.3653856731768275, 0.25):
    a, b = (mp.nstr(end, 20) for end in bounds(iv.loggamma(x)))
    print(f"iv.loggamma({x}) = [{a}, {b}]; exact {mp.nstr(mp.loggamma(mp.mpf(x)), 20)}")
same = all(min(c) == max(c) == 0 for (name, _), c in counts.items() if name != "loggamma")
same &= all(counts["loggamma", low] == (2000, 2000) for low in (0.001, 0.25))
same &= all(counts["loggamma", low] == (0, 0) for low in (0.5, 1.0))
raise SystemExit(0 if same else "changed")
PY
