"""JAX: parameters that are pytrees, modules of Equinox and Flax, arrays of JAX by hand."""

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from tests.parameters.nested import Pair
from tests.parameters.nested import W as KERNEL

jax = pytest.importorskip("jax", reason="JAX is optional: pip install .[jax]")
jnp = jax.numpy

X = np.random.default_rng(0).normal(size=(4, 2))


@pytest.fixture(autouse=True)
def types_are_left_as_they_are():
    before = jnp.asarray(X.copy()).dtype  # JAX remembers what it made of an array itself
    yield
    assert jnp.asarray(X.copy()).dtype == before


def loss(W, b):
    return jnp.tanh(jnp.asarray(X, dtype=W.dtype) @ W + b).sum()


def placed(W, b):
    return [
        ({"cell": {"W": W}, "b": b}, lambda p: (p["cell"]["W"], p["b"]), ["cell.W", "b"]),
        ([W, (b,)], lambda p: (p[0], p[1][0]), ["params[0]", "params[1][0]"]),
        (Pair(W, b), lambda p: p, ["W", "b"]),
        ({"W": W, "b": b, "n": 3, "ids": jnp.arange(2)}, lambda p: (p["W"], p["b"]), ["W", "b"]),
    ]


B = np.array([0.5, -1.0, 2.0])


@pytest.mark.parametrize("which", range(4))
def test_from_jax(which):
    given, parts, names = placed(jnp.asarray(KERNEL), jnp.asarray(B))[which]
    report = check_gradients(*adaptors.from_jax(lambda p: loss(*parts(p)), given), locate=False)
    assert report.ok, report
    assert [b.name for b in report.blocks] == names
    assert report.precision == "float64"


@pytest.mark.parametrize("which", range(3))
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_value_and_grad_of_jax(which, dtype):
    """float32 arrays become float64 for the check; the configuration is left as it is."""
    wide = jax.config.jax_enable_x64
    given, parts, names = placed(jnp.asarray(KERNEL, dtype), jnp.asarray(B, dtype))[which]
    report = check_gradients(jax.value_and_grad(lambda p: loss(*parts(p))), given, locate=False)
    assert report.ok, report
    assert [b.name for b in report.blocks] == names
    assert report.precision == "float64"
    assert jax.config.jax_enable_x64 == wide

    def slipped(p):
        value, grads = jax.value_and_grad(lambda q: loss(*parts(q)))(p)
        return value, jax.tree_util.tree_map(lambda g: slip * g, grads)

    narrow = dtype == jnp.bfloat16  # whatever else is read is rounded to that too
    slip = 2.0 if narrow else 1.001
    found = check_gradients(slipped, given, locate=False)
    assert found.verdict in (("wrong", "undecided") if narrow else ("wrong",)), found


def embed(E, ids):
    return E[ids]


@pytest.mark.parametrize("how", ["set", "add"])
def test_tokens_among_the_parameters(how):
    custom = jax.custom_vjp(embed)

    def back(kept, d):
        shape, ids = kept
        return getattr(jnp.zeros(shape).at[ids], how)(d), None

    custom.defvjp(lambda E, ids: (E[ids], (E.shape, ids)), back)
    given = {"E": KERNEL, "ids": np.array([0, 1, 1])}
    report = check_gradients(
        *adaptors.from_jax(lambda p: jnp.tanh(custom(p["E"], p["ids"])).sum(), given), locate=False
    )
    assert report.verdict == ("right" if how == "add" else "wrong")
    assert "passed on, not checked: ids (int64)" in report.notes
    zero = np.zeros(3, dtype=jax.dtypes.float0)
    report = check_gradients(
        lambda p: (np.sin(p["E"]).sum(), {"E": np.cos(p["E"]), "ids": zero}), given
    )
    assert report.ok, report


def test_complex_arrays():
    z = jnp.asarray([1 + 2j, 0.5 - 1j])
    for adapted in (
        (jax.value_and_grad(lambda p: (abs(p["z"]) ** 2).sum()), {"z": z}),
        adaptors.from_jax(lambda p: p["z"] ** 2 * (1 + 2j), {"z": z}),
    ):
        report = check_gradients(*adapted, locate=False)
        assert report.ok, report
        assert "complex gradients are ∂L/∂Re − i ∂L/∂Im, as in JAX" in report.notes
    report = check_gradients(*adaptors.from_jax(lambda p: jnp.fft.fft(p["x"]), {"x": X}))
    assert report.ok, report  # complex outputs of real parameters


def test_modules_of_equinox():
    eqx = pytest.importorskip("equinox", reason="Equinox is optional")
    mlp = eqx.nn.MLP(2, 3, 4, 1, key=jax.random.key(0))
    names = ["layers[0].weight", "layers[0].bias", "layers[1].weight", "layers[1].bias"]
    by_itself = eqx.filter_value_and_grad(lambda m: jax.vmap(m)(jnp.asarray(X)).sum())
    adapted = adaptors.from_jax(lambda m: jax.vmap(m)(X), mlp)
    for pair in ((by_itself, mlp), adapted):
        report = check_gradients(*pair, locate=False)
        assert report.ok, report
        assert [b.name for b in report.blocks] == names
        assert report.notes[0].startswith("passed on, not checked: activation (custom_jvp)")


def test_modules_of_flax():
    nnx = pytest.importorskip("flax.nnx", reason="Flax is optional")

    class Net(nnx.Module):
        def __init__(self, rngs):
            self.linear = nnx.Linear(2, 3, rngs=rngs)
            self.drop = nnx.Dropout(0.5, rngs=rngs)
            self.norm = nnx.BatchNorm(3, rngs=rngs)

        def __call__(self, x):
            return jnp.sin(self.norm(self.drop(self.linear(x))))

    net = Net(nnx.Rngs(0))
    names = {"norm.bias", "norm.scale", "linear.bias", "linear.kernel"}
    by_itself = nnx.value_and_grad(lambda m: m(jnp.asarray(X)).sum())
    for pair in ((by_itself, net), adaptors.from_jax(lambda m: m(X), net)):
        report = check_gradients(*pair, locate=False)
        assert report.ok, report
        assert {b.name for b in report.blocks} == names
        note = next(note for note in report.notes if note.startswith("passed on"))
        assert "norm.mean (float32), norm.var (float32)" in note
        assert "drop.rngs.count (uint32)" in note


def test_parameters_of_linen():
    linen = pytest.importorskip("flax.linen", reason="Flax is optional")
    core = pytest.importorskip("flax.core")
    dense = linen.Dense(3)
    params = dense.init(jax.random.key(0), jnp.asarray(X, jnp.float32))
    for given in (params, core.freeze(params)):
        report = check_gradients(
            *adaptors.from_jax(lambda p: jnp.sin(dense.apply(p, X)), given), locate=False
        )
        assert report.ok, report
        assert {b.name for b in report.blocks} == {"params.kernel", "params.bias"}


def test_outputs_that_are_no_floats_and_objects():
    report = check_gradients(*adaptors.from_jax(
        lambda p: {"y": jnp.sin(p["x"]), "n": jnp.arange(3), "none": None}, {"x": X}
    ), locate=False)  # fmt: skip
    assert report.ok, report
    report = check_gradients(*adaptors.from_vjp(
        lambda p: (jnp.sin(p["x"]), p["x"]), lambda d, x: {"x": d * jnp.cos(x)},
        {"x": jnp.asarray(X)},
    ), locate=False)  # fmt: skip
    assert report.ok, report
    assert report.precision == "float64"
