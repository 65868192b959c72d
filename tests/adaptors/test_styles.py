"""Adaptors for NumPy code: right code and a liar, and nothing of the user's changed."""

import copy
import types

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from bpttcheck.check.search.problem import check_problem
from tests.adaptors import adapted_styles as styles
from tests.adaptors import styles_of_code as code
from tests.adaptors.adapted_styles import ALL, H0, WEIGHTS, X
from tests.adaptors.styles_of_code import Layer, Net, drawn
from tests.day import in_turn, share

DIAGNOSED = share(styles.STYLES, 8)
"""Those whose liar's cause is looked for as well, which costs ten times the verdict."""


@pytest.mark.parametrize("style", styles.STYLES)
def test_right_code_and_a_liar(style):
    before = copy.deepcopy(ALL)
    report = check_gradients(*style(1.0))
    assert report.ok, report
    names = {block.name for block in report.blocks}
    assert {"U", "W", "b"} <= names
    assert not [note for note in report.notes if "argument" in note]
    liar = check_gradients(*style(1 + 1e-6), locate=style in DIAGNOSED)
    assert liar.verdict == "wrong"
    assert {b.name for b in liar.blocks if b.verdict == "wrong"} == {"W"}
    for name, array in before.items():
        assert np.array_equal(ALL[name], array), name


@pytest.mark.parametrize(
    "style", [styles.vjp, styles.pullback, styles.two_outputs, styles.cell, styles.layer]
)
def test_input_and_initial_state_are_checked(style):
    assert {"x", "h0"} <= set(style(1.0).params)


def test_a_wrong_input_gradient_is_found():
    def backward(dh, cache):
        dx, dh0, *rest = code.backward(dh, cache)
        return dx[::-1], 2 * dh0, *rest

    adapted = adaptors.from_vjp(lambda p: code.forward(**p), backward, ALL)
    report = check_gradients(*adapted, locate=False)
    assert {b.name for b in report.blocks if b.verdict == "wrong"} == {"x", "h0"}


def test_the_complex_step_goes_through_objects():
    """Parameters are replaced wherever the object refers to them, by numbers of another type."""
    net = Layer(**WEIGHTS)
    net.backward = types.MethodType(_assigning, net)
    report = check_gradients(
        *adaptors.from_layer(net, {"x": X, "h0": H0}, params="params", gradients="grads")
    )
    assert report.ok
    assert all(block.agreement is not None for block in report.blocks)


@pytest.mark.parametrize(
    "style",
    [
        styles.plain,
        styles.vjp,
        styles.two_outputs,
        styles.cell,
        styles.attributes,
        styles.module_globals,
    ],
)
def test_generic_code_is_decided_without_rounding_through_an_adaptor(style):
    report = check_gradients(*style(1.0))
    assert {b.oracle for b in report.blocks} == {"balls through the code itself"}
    assert any("exactly in GF(2⁶¹ − 1)" in note for note in report.notes)
    again = check_gradients(*style(1.0))
    assert again.to_dict() == report.to_dict()
    liar = check_gradients(*style(1 + 1e-12), locate=False)  # below what differences see
    assert {b.name for b in liar.blocks if b.verdict == "wrong"} == {"W"}


def test_float32_objects_are_promoted():
    narrow = {k: a.astype(np.float32) for k, a in ALL.items()}
    inputs = {"x": narrow.pop("x"), "h0": narrow.pop("h0")}
    net = Layer(**narrow)
    net.backward = types.MethodType(_assigning, net)
    report = check_gradients(
        *adaptors.from_layer(net, inputs, params="params", gradients="grads")
    )  # fmt: skip
    assert report.ok, report
    assert report.precision == "float64"
    assert [b.name for b in report.blocks[:3]] == ["params[0]", "params[1]", "params[2]"]


def _assigning(self, dh):
    dx, dh0, *self.grads = code.backward(dh, self.cache)
    return dx, dh0


def test_an_object_is_copied_and_keeps_its_state_between_calls():
    class Forgetful(Net):
        def train(self, x, h0):
            dW = getattr(self, "dW", 0.0)
            loss = super().train(x, h0)
            self.dW = self.dW + dW
            return loss

    net = Forgetful(**WEIGHTS)
    adapted = adaptors.from_object(
        net, lambda net: net.train(X, H0), params=["U", "W", "b"], gradients="d{}"
    )
    report = check_gradients(*adapted)
    assert (report.verdict, report.kind) == ("wrong", "second call")
    assert not hasattr(net, "dW")


@pytest.mark.parametrize("style", [styles.module_globals, styles.update_of_globals])
def test_globals_are_put_back_even_when_the_function_raises(style):
    module = styles.program()
    own = {k: vars(module)[k] for k in WEIGHTS}
    if style is styles.module_globals:
        adapted = adaptors.from_globals(module, module.run, params=["U", "W", "b"])
    else:
        adapted = adaptors.from_update(
            module, lambda given: given.step(1.0), params=["U", "W", "b"], learning_rate=1.0
        )
    assert check_gradients(*adapted).ok
    module.slip = "two"
    with pytest.raises(TypeError):
        adapted.value_and_grad({k: 2 * a for k, a in adapted.params.items()})
    for name, array in own.items():
        assert vars(module)[name] is array
        assert np.array_equal(array, WEIGHTS[name])


@in_turn(2, 1)
def test_a_search_over_shapes():
    def problem(case):
        arrays = drawn(case.T, case.B, case.m, case.n, case.seed)
        return adaptors.from_vjp(
            lambda p: code.forward(**p),
            lambda dh, cache: code.backward(dh, cache, 1.0 if case.T < 3 else 1.5), arrays,
        )  # fmt: skip

    report = check_problem(problem, max_examples=3)
    assert report.verdict == "wrong"
    assert report.case.T == 3
    assert "right at T = 2, all else equal" in report.search["lines"]


def test_an_update_is_read_off_exactly_at_a_large_rate():
    """A tiny loss: beside parameters of size 1 the change would have a few digits left."""

    class Sine:
        def __init__(self):
            self.W = np.array([0.3, -2.0])

    def adapted(rate):
        def run(own):
            before = own.W.copy()
            own.W = before - rate * 1e-12 * np.cos(before)
            return 1e-12 * np.sin(before).sum()

        return adaptors.from_update(Sine(), run, params=["W"], learning_rate=rate)

    assert check_gradients(*adapted(2.0**60)).ok
    assert check_gradients(*adapted(1.0)).kind == "raised"


def test_cotangents_are_those_of_the_seed():
    values = [
        adaptors.from_vjp(lambda p: code.forward(**p), code.backward, ALL, seed=seed)
        for seed in (0, 0, 1)
    ]
    first, same, other = (a.value_and_grad(a.params)[0] for a in values)
    assert first == same != other
