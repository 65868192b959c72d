"""The property suite over the registry, and the proof that it can say no."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from bpttcheck import strategies
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS, compiled, functions, masked, rnn, stack, symmetries, truncation
from bpttcheck.runs.cells import CELLS
from bpttcheck.runs.systems import Floats
from bpttcheck.statements.judge import Outcome, in_floats
from bpttcheck.statements.mutate import mutants
from bpttcheck.statements.terms import Sequence, Term, Variable
from tests.day import NIGHT, share

IDS = [identity.id for identity in REGISTRY]

by_identity = pytest.mark.parametrize(
    "name",
    [pytest.param(i.id, marks=pytest.mark.xdist_group(i.model)) for i in REGISTRY],
)
"""A test for each identity; those about one model share its evaluated cases, in one process."""


@pytest.fixture(scope="module")
def examined(examiners):
    """Trials by identity: a model's random cases are evaluated once for all its identities."""
    models = {}

    def trial_of(name):
        model = REGISTRY[name].model
        if model not in models:
            models[model] = examine(examiners[model])
        return models[model][name]

    return trial_of


def examine(examiner):
    model = examiner.model
    trials = {
        i.id: examiner.trial(i.id, i.statement, i.domain) for i in REGISTRY if i.model == model.name
    }

    asked = [*trials.values()]

    @given(strategies.cases(model.name))
    def sampled(case):
        for trial in asked:
            trial.sample(case)

    def enclosed(case):
        for trial in trials.values():
            if trial.evidence.enclosed.points < 12:
                trial.enclose(case)

    sampled()
    asked[:] = [trial for trial in asked if not trial.evidence.sampled.cases]
    settings(max_examples=1000 if asked else 1)(sampled)()  # domains that chance has missed, alone
    for case in examiner.small:  # wrong versions meet them too, evaluated already
        enclosed(case)
    if NIGHT:
        settings(max_examples=160)(given(strategies.cases(model.name, **model.small))(enclosed))()
    for case in model.exact_cases():
        for trial in trials.values():
            trial.decide_exactly(case, "test")
    return trials


@by_identity
def test_identity_holds_on_random_cases(name, examined):
    trial = examined(name)
    assert trial.counterexample is None, trial.counterexample
    assert trial.undecided_cases == 0
    assert trial.evidence.sampled.cases > 0, "vacuous"


@by_identity
def test_identity_is_exact_or_enclosed(name, examined):
    trial = examined(name)
    assert trial.verdict == "holds"
    assert trial.evidence.enclosed.points > 0
    assert trial.evidence.enclosed.bits >= 40
    assert (trial.evidence.exact.cases == 0) == (name in NOT_RATIONAL)
    assert trial.evidence.exact.cases == 0 or trial.evidence.exact.bits >= 30


NOT_RATIONAL = {
    "activations.relu-prime",  # a branch, which a field does not have
    "activations.relu-zero-or-one",
    "activations.sigmoid-range",  # an order, likewise
    "activations.tanh-range",
    "softmax-nll.loss",  # ln of a quotient is a difference of ln's: the field's ln does not know
    "softmax-nll.loss-expansion",
    "rnn.total-nll",
    "activations.tanh-of-sigmoid",  # e^(2a) is (e^a)² to us, but another symbol to the field
    "activations.mean-slope",  # an order
    "rnn.relu-jacobian",  # a branch
    "symmetries.shift-loss",  # e^(o + s) is e^o e^s to us, but another symbol to the field
} | {  # norms and orders
    f"rnn.{name}"
    for name in (
        "jacobian-bound", "preactivation-bound", "transposed-bound", "gradient-bound",
        "slopes-bound", "W-gradient-bound", "linear-growth", "W-part-norm",
    )
} | {identity for identity in IDS if identity.startswith("clipping.")}  # fmt: skip


@by_identity
def test_every_wrong_version_is_rejected(name, examiners):
    identity = REGISTRY[name]
    assert identity.wrong, "an identity without a wrong version checks nothing"
    examiner = examiners[identity.model]
    for wrong in identity.wrong:
        version = identity.version(wrong)
        rejected = examiner.reject(version, identity.domain)
        assert rejected or examiner.reject(version, identity.domain, examiner.further), wrong
    slips = mutants(identity.statement)
    for slip, right in share(slips.items(), 8):  # verify tries every one
        same, version = right in identity.equivalent, identity.statement.with_right(right)
        rejected = examiner.reject(version, identity.domain)
        if not same and rejected is None:
            rejected = examiner.reject(version, identity.domain, examiner.further)
        assert (rejected is None) == same, slip
    assert set(identity.equivalent) <= set(slips.values()), "stale"


def test_there_are_generated_wrong_versions_for_most_identities():
    assert sum(len(mutants(i.statement)) for i in REGISTRY) >= 250
    without = {i.id for i in REGISTRY if not mutants(i.statement)}
    # Nothing but a constant on the right; their hand-picked wrong versions have to do.
    assert without == {"activations.tanh-range", "activations.sigmoid-range",
                       "activations.tanh-peak", "activations.relu-zero-or-one",
                       "scalar-rnn.boundary", "rnn.loss-seed", "clipping.norm-limit",
                       "clipping.value-limit", "symmetries.shift-gradient"}  # fmt: skip


def noise(quantity, random):
    """Return a quantity of the same shape with other values."""

    def other(values):
        return values + random.uniform(0.5, 1.5, values.shape)

    if isinstance(quantity, Sequence):
        return Sequence(quantity.name, other(quantity.values), np.abs, quantity.first)
    return Variable(quantity.name, quantity.index, other(quantity.value), np.abs)


NO_ALGORITHM = ("forward", "mistaken")
"""Origins that are no algorithm under test; of what a mistaken one returns wrong versions speak."""

COMPUTED = [
    (identity.id, symbol.name)
    for identity in REGISTRY
    for symbol in MODELS[identity.model].symbols
    if symbol.origin not in NO_ALGORITHM
    and symbol.name in identity.statement.names(identity.statement.tree)
]


@pytest.mark.parametrize(("name", "output"), COMPUTED)
def test_noise_for_an_algorithms_output_fails_every_identity_that_names_it(name, output):
    """Replace what an algorithm returns by noise: an identity that then still holds is empty."""
    identity = REGISTRY[name]
    model = MODELS[identity.model]
    random = np.random.default_rng(0)
    judged = 0
    for case in (strategies_case(model.name, seed) for seed in range(4)):
        if case in identity.domain:
            with np.errstate(all="ignore"):
                symbols = model.evaluate(case, Floats())
            assert in_floats(identity.statement, symbols).outcome is Outcome.AGREES
            symbols[output] = noise(symbols[output], random)
            assert in_floats(identity.statement, symbols).outcome is Outcome.SUSPICIOUS
            judged += 1
    assert judged, "no case was in the domain"


def test_every_algorithms_output_is_named_by_an_identity():
    for model in MODELS.values():
        computed = {s.name for s in model.symbols if s.origin not in NO_ALGORITHM}
        assert computed <= {output for _, output in COMPUTED}, model.name


MASKED = ("theta", "S0", "x", "y")
MODELS_OF = {"compiled": compiled, "functions": functions}


def strategies_case(model, seed):
    random = np.random.default_rng(seed)
    if model == "scalar_rnn":
        from bpttcheck.runs.scalar_rnn_model import Case

        w, v = random.standard_normal(2)
        return Case(w, v, *(random.standard_normal(s) for s in ((5, 2), 2, (4, 2))))
    if model == "softmax_nll":
        from bpttcheck.runs.softmax_nll_model import Case

        return Case(random.standard_normal((2, 3)), np.eye(3)[:2], "class")
    if model in CELLS:
        module = CELLS[model]
        size = {"m": 2, "n": 3, "p": 4, "r": 2}
        axes = module.axes
        numbers = {k: random.standard_normal([size[s] for s in axes[k]]) for k in axes}
        states = {k: (2, size[symbol]) for k, symbol in module.states.items()}
        numbers |= {k: random.standard_normal(s) for k, s in (states | {"x": (4, 2, 2)}).items()}
        form = {"reset": ("before", "after")[seed % 2]} if model == "gru" else {}
        return module.Case(**numbers, y=np.eye(4)[[[0, 1]] * 3], **form)
    if model == "stack":
        size = {"T": 3, "B": 2, "n": 2, "D": 4, "m": 2, "p": 3}
        axes = stack.AXES | {f"{k}0": "Bn" for k in stack.PARTS} | {"x": "TBm"}
        numbers = {k: random.standard_normal([size[s] for s in axes[k]]) for k in axes}
        return stack.Case(**numbers, y=np.eye(3)[[[0, 1]] * 3], phi=("tanh", "sigmoid")[seed % 2])
    if model in ("rnn", "symmetries", "truncation"):
        Case = {"rnn": rnn, "symmetries": symmetries, "truncation": truncation}[model].Case
        shapes = ((3, 2), (3, 3), (4, 3), 3, 4, (4, 2, 2), (2, 3))
        cut = {"k1": 1, "k2": 2 + seed} if model == "truncation" else {}
        return Case(*(random.standard_normal(s) for s in shapes), np.eye(4)[[[0, 1]] * 3],
                    phi=("tanh", "linear")[seed % 2], **cut)  # fmt: skip
    if model in ("masked", "compiled", "functions"):
        shape = masked.of_cell(sorted(masked.CELLS)[seed], "squared_error", 4, 2, 2, 2, 3)
        shape = shape if model == "masked" else MODELS_OF[model].of(shape)
        drawn = {k: random.standard_normal(np.shape(getattr(shape, k))) for k in MASKED}
        return replace(shape, **drawn)
    if model == "clipping":
        from bpttcheck.runs.clipping_model import Case

        return Case(random.standard_normal((2, 3)), 1.0)
    from bpttcheck.runs.activation_model import Case

    return Case(random.standard_normal(3))


@pytest.mark.parametrize("name", IDS)
def test_the_sides_share_no_algorithm(name):
    """If both sides came from the same backward pass, their agreement would say nothing."""
    identity = REGISTRY[name]
    model = MODELS[identity.model]
    sides = [identity.statement.names(side) for side in identity.statement.sides]
    for origin in ("bptt", "truncated", "rescaled", "rtrl", "paths", "unrolled", "reference"):
        computed = model.computed_by(origin)
        assert sum(bool(names & computed) for names in sides) <= 1


@pytest.mark.parametrize("name", IDS)
def test_an_identity_is_complete(name):
    identity = REGISTRY[name]
    assert identity.title.endswith(".")
    assert identity.source.document
    assert identity.source.place
    symbols = {s.name for s in MODELS[identity.model].symbols}
    words = {"sum", "steps", "prod", "batch", "d", "D", "exp", "log", "tanh", "sigmoid", "relu",
             "sinh", "cosh", "diag", "square", "compose", "down", "norm", "rho", "inner", "active",
             "immediate", "direct"}  # fmt: skip
    assert identity.statement.names(identity.statement.tree) <= symbols | words


@given(st.sampled_from(sorted(strategies.BY_MODEL)), st.data())
def test_strategies_draw_what_they_promise(model, data):
    case = data.draw(strategies.cases(model))
    assert all(size >= 1 for size in case.sizes.values())
    for array in vars(case).values():
        if isinstance(array, np.ndarray):
            assert np.isfinite(array).all()
    if model == "softmax_nll" and case.targets != "any":
        assert (case.y.sum(axis=1) == 1).all()


REGIMES = {
    "T = 1": lambda case: case.sizes["T"] == 1,
    "T ≥ 8": lambda case: case.sizes["T"] >= 8,
    "B = 1": lambda case: case.sizes["B"] == 1,
    "B ≥ 2": lambda case: case.sizes["B"] >= 2,
    "zeros": lambda case: (case.x == 0).any() and (case.x != 0).any(),
    "saturated": lambda case: (np.abs(case.x) > 20).any(),
    "tiny": lambda case: (np.abs(case.x) < 1e-100).any(),
    "initial state": lambda case: (case.h0 != 0).all(),
} | {name: lambda case, name=name: case.phi == name for name in strategies.NAMED}


@pytest.mark.parametrize("regime", REGIMES)
def test_strategies_visit_the_regimes_that_hide_mistakes(regime):
    """A search finds each: what a hundred examples happen to hold depends on the seed."""
    often = settings(max_examples=2000, database=None, phases=[Phase.generate])
    assert find(strategies.scalar_rnn(), REGIMES[regime], settings=often)


def test_an_unknown_model_is_refused():
    with pytest.raises(ValueError, match="model: expected one of activations, softmax_nll"):
        strategies.cases("transformer")


def test_a_term_of_noise_is_still_a_term():
    assert isinstance(
        noise(Variable("w", None, np.ones(2), np.abs), np.random.default_rng(1)), Term
    )
