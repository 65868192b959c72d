#!/bin/sh
# Numba: a number as it stands among the arguments of a call from one compiled function to another.
# Expected: one compilation for int64, as release notes have it ("prefer non-literal types over
# literal ones so as to reduce function over-specialisation"). Seen: the function that is called is
# compiled once more for each such number, which a name for the same number avoids.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check numba==0.68.1 numpy==2.4.6
cat > literal.py <<'PY'
from numba import __version__, njit


def shifted(x, by):
    return x + by


one, other = njit(shifted), njit(shifted)


@njit
def as_they_stand(x, n):
    return one(x, 0) + one(x, 1) + one(x, 2) + one(x, n)


@njit
def by_name(x, n):
    none = n - n
    return other(x, none) + other(x, none + 1) + other(x, none + 2) + other(x, n)


assert as_they_stand(1.5, 3) == by_name(1.5, 3) == 12.0
print(f"numba {__version__}: compilations of the function that is called")
found = [str(signature[1]) for signature in one.signatures]
print("numbers as they stand:", len(found), found)
print("by name:", len(other.signatures), [str(signature[1]) for signature in other.signatures])
same = found == ["Literal[int](0)", "Literal[int](1)", "Literal[int](2)", "int64"]
raise SystemExit(0 if same and len(other.signatures) == 1 else "changed")
PY
venv/bin/python literal.py
