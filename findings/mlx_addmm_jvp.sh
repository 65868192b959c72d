#!/bin/sh
# MLX: forward-mode derivatives (mx.jvp) of mx.addmm(c, a, b, alpha, beta) = alpha a b + beta c.
# Expected: those of its values, as reverse mode (mx.vjp) has. Seen: forward mode leaves alpha and beta
# out, silently, as if both were the 1 that they are by default; products of Jacobians with vectors
# are wrong in c, a and b, and the two modes contradict each other.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check mlx[cpu]==0.32.4
venv/bin/python - <<'PY'
import mlx.core as mx

mx.set_default_device(mx.cpu)
alpha, beta, step = 0.5, 2.0, 1e-2
keys = mx.random.split(mx.random.key(0), 7)
points = [mx.random.normal(s, key=k) for s, k in zip([(3, 5), (3, 4), (4, 5)], keys)]
moves = [mx.random.normal(p.shape, key=k) for p, k in zip(points, keys[3:])]
weights = mx.random.normal((3, 5), key=keys[6])


def addmm(c, a, b):
    return mx.addmm(c, a, b, alpha=alpha, beta=beta)


print(f"mlx {mx.__version__}: addmm with alpha = {alpha}, beta = {beta}; derivatives along a direction")
same = True
for i, name in enumerate("cab"):

    def f(z):
        return addmm(*points[:i], z, *points[i + 1 :])

    z, v = points[i], moves[i]
    forward = mx.sum(weights * mx.jvp(f, [z], [v])[1][0]).item()
    reverse = mx.sum(v * mx.vjp(f, [z], [weights])[1][0]).item()
    # addmm is affine in each argument, so that a difference is exact but for rounding.
    exact = mx.sum(weights * (f(z + step * v) - f(z - step * v)) / (2 * step)).item()
    print(f"{name}: difference {exact:.4f}, reverse {reverse:.4f}, forward {forward:.4f}")
    ratio = 1 / (beta if name == "c" else alpha)
    same &= abs(reverse - exact) < 1e-3 and abs(forward - ratio * exact) < 1e-2 and abs(exact) > 0.1
raise SystemExit(0 if same else "changed")
PY
