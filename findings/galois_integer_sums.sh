#!/bin/sh
# galois: NumPy functions of arrays over a finite field, which are "operated on like any other NumPy array", the
# arithmetic being that of the field.
# Expected: the field's result, as of @, np.dot, inner, vdot, outer and kron, or NotImplementedError, as of np.cross and
# np.gradient. Seen: einsum, tensordot, matvec, vecmat, vecdot, polymul and vander multiply and add integers, and return
# an ndarray (a scalar in vecdot) that no longer belongs to the field, silently. But for vander the type is
# that which holds a single element, uint8 below 256, so that sums wrap around, and % p does not make them right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check galois==0.4.11 numpy==2.4.6
venv/bin/python -W ignore - <<'PY'
import galois
import numpy as np

p = 31
F = galois.GF(p)
rng = np.random.default_rng(0)
a, b, v, w = (rng.integers(0, p, shape) for shape in ((3, 4), (4, 3), (4,), (4,)))
calls = {
    "A @ B": (lambda a, b, v, w: a @ b),
    "dot": (lambda a, b, v, w: np.dot(a, b)),
    "inner": (lambda a, b, v, w: np.inner(v, w)),
    "outer": (lambda a, b, v, w: np.outer(v, w)),
    "kron": (lambda a, b, v, w: np.kron(a, b)),
    "convolve": (lambda a, b, v, w: np.convolve(v, w)),
    "einsum": (lambda a, b, v, w: np.einsum("ij,jk->ik", a, b)),
    "tensordot": (lambda a, b, v, w: np.tensordot(a, b, 1)),
    "matvec": (lambda a, b, v, w: np.matvec(a, v)),
    "vecmat": (lambda a, b, v, w: np.vecmat(v, b)),
    "vecdot": (lambda a, b, v, w: np.vecdot(v, w)),
    "polymul": (lambda a, b, v, w: np.polymul(v, w)),
    "vander": (lambda a, b, v, w: np.vander(v)),
}
right = ("A @ B", "dot", "inner", "outer", "kron", "convolve")
print(f"galois {galois.__version__}, numpy {np.__version__}, the field of {p} elements")
same = True
for name, call in calls.items():
    true = np.ravel(call(a, b, v, w)) % p  # of int64, in which nothing wraps around here
    found = call(F(a), F(b), F(v), F(w))
    values = np.ravel(np.asarray(found)).astype(int)
    state = "right" if np.array_equal(values, true) else "wrong"
    if state == "wrong" and not np.array_equal(values % p, true):
        state = f"wrong, and wrong still modulo {p}"
    print(f"{name}: {type(found).__name__} of {found.dtype}, {values[:4]}, true {true[:4]}: {state}")
    same &= (state == "right") == (name in right) == isinstance(found, F)
    same &= name in (*right, "vander") or state.endswith(str(p))
try:
    np.cross(F(v[:3]), F(w[:3]))
    same = False
except NotImplementedError:
    print("np.cross: NotImplementedError")
print("For gradient checks: an identity that is tested by evaluating both sides at random points of a finite field needs every")
print("operation to be the field's; test the types of results, not their values alone.")
raise SystemExit(0 if same else "changed")
PY
