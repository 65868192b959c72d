"""Whatever is not in the kernel may lie: nothing false is called exact because of it."""

import ast
from dataclasses import replace
from functools import cache, partial

import pytest

from bpttcheck.arithmetic import rows
from bpttcheck.arithmetic.dual import Dual
from bpttcheck.arithmetic.finite_field import Element
from bpttcheck.identities import REGISTRY
from bpttcheck.kernel.equation import Kernel
from bpttcheck.runs import MODELS
from bpttcheck.runs.systems import Field
from bpttcheck.statements import trial
from bpttcheck.statements.judge import Outcome, in_field
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.terms import Sequence, Term, Variable
from bpttcheck.verification import examine
from bpttcheck.verification.examine import Examiner
from bpttcheck.verification.second import COPY, SecondOpinion, definitions

REACH = {"scalar_rnn": 25, "rnn": 84, "lstm": 66, "gru": 54, "mgu": 36, "coupled_lstm": 50}
"""Of how many identities of a model the kernel has an opinion, at least."""


@cache
def second(model):
    mine = [identity for identity in REGISTRY if identity.model == model]
    return SecondOpinion(mine, MODELS[model].evaluate, MODELS[model].exact_cases(), "None.0")


def reached(model):
    """Return the identities that the kernel agrees with; it is against none."""
    mine = [i for i in REGISTRY if i.model == model and i.statement.is_equation]
    found = [(i, *second(model).on(i.statement, i.domain)) for i in mine]
    assert [i.id for i, _, against in found if against is not None] == []
    return [i for i, agreed, _ in found if agreed]


@pytest.mark.parametrize("model", REACH)
def test_the_kernel_agrees_with_what_holds_and_with_no_mistake(model):
    identities = reached(model)
    assert len(identities) >= REACH[model]
    for identity in identities:
        for name in identity.wrong:
            agreed, against = second(model).on(identity.version(name), identity.domain)
            assert against is not None or not agreed, f"{identity.id}: {name}"


@pytest.mark.parametrize("model", REACH)
def test_an_algorithm_that_is_off_in_one_entry(model):
    """BPTT, RTRL and others: 1 more in an entry, and every identity that names it fails."""
    outside = {s.name for s in MODELS[model].symbols if s.origin != "forward"}
    opinion, seen = second(model), set()
    for identity in reached(model):
        tree = identity.statement.tree
        for name in outside & {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}:
            points = (kernels for case, *kernels in opinion.points if case in identity.domain)
            kernel = next(points)[COPY in identity.statement.says]
            liar = Kernel(kernel.network, "None.0", partial(off_by_one, kernel.given, name))
            with opinion.system.active():
                assert not liar.agrees(identity.statement.says, identity.statement.forall)
            seen.add(name)
    assert seen == outside


def test_what_the_kernel_is_not_told():
    """Two equations for one quantity, none for another, an unknown loss: there is no network."""
    mine = [identity for identity in REGISTRY if identity.model == "mgu"]
    case = MODELS["mgu"].exact_cases()[0]
    assert definitions(case, mine).rules.keys() == {"a_f", "a_g", "f", "g", "h", "s", "L", "y_hat"}
    state = REGISTRY["mgu.state"]
    assert definitions(case, [*mine, replace(state, id="mgu.state-x")]) is None
    assert definitions(case, [i for i in mine if i is not state]) is None
    assert definitions(case, []) is None
    assert definitions(replace(case, loss="huber"), mine) is None
    assert definitions(MODELS["activations"].exact_cases()[0], []) is None


def off_by_one(honest, liar, name, step, sequence):
    found = honest(name, step, sequence)
    if name != liar:
        return found
    return found + 1 if isinstance(found, int) else [[found[0][0] + 1, *found[0][1:]], *found[1:]]


@pytest.mark.parametrize("model", REACH)
def test_a_forward_pass_that_is_off_in_one_quantity(model):
    """It contradicts a defining equation, or a derivative of the network as it is."""
    cases = [case for case in MODELS[model].exact_cases() if case.sizes["T"] == 3]
    unseen = set.intersection(*(unnoticed(model, case) for case in cases))
    # Of a loss, and by a copy, there are derivatives only; an arbitrary loss reads no target.
    assert {name for name in unseen if not name.endswith(COPY)} <= {"L", "y"}


def unnoticed(model, case):
    """Return the symbols of which any values would do."""
    system, found = Field("None.0"), set()
    with system.active():
        symbols = MODELS[model].evaluate(case, system)
        for name in {s.name for s in MODELS[model].symbols} & set(symbols):
            if isinstance(symbols[name], (Sequence, Variable)):
                off = symbols | {name: shifted(symbols[name])}
                naming = (
                    i.statement
                    for i in REGISTRY
                    if i.model == model and i.statement.is_equation and case in i.domain
                    if name in {n.id for n in ast.walk(i.statement.tree) if isinstance(n, ast.Name)}
                )
                if not any(in_field(s, off) is Outcome.SUSPICIOUS for s in naming):
                    found.add(name)
    return found


def shifted(symbol):
    """Return a quantity with one more in every entry."""
    if isinstance(symbol, Sequence):
        return Sequence(symbol.name, symbol.values + 1, symbol.modulus, symbol.first)
    return Variable(symbol.name, symbol.index, symbol.value + 1, symbol.modulus)


def lie_of_the_dictionary(monkeypatch):
    """What is called the cell is the state: a wrong forward pass, or a wrong name for it."""
    model = MODELS["lstm"]

    def evaluate(case, system):
        symbols = model.evaluate(case, system)
        return symbols | {"c": symbols["h"]}

    monkeypatch.setitem(MODELS, "lstm", replace(model, evaluate=evaluate))
    return "c[t] == h[t]"


def lie_of_the_derivatives(monkeypatch):
    """All derivatives are zero."""
    honest = rows.tangents
    monkeypatch.setattr(rows, "tangents", lambda *given: 0 * honest(*given))
    return "d(L, h[t]) == 2 * d(L, h[t])"


def lie_of_the_dual_numbers(monkeypatch):
    """The exponential is constant."""
    monkeypatch.setattr(Dual, "exp", lambda z: Dual(z.value.exp(), None))
    return "d(L, a_i[t]) == 0 * d(L, i[t])"


def lie_of_the_field(monkeypatch):
    """All residues are equal."""
    monkeypatch.setattr(Element, "__eq__", lambda _a, _b: True)
    return "d(L, h[t]) == d(L, c[t])"


def lie_of_the_judge(monkeypatch):
    """Whatever it is asked agrees."""
    monkeypatch.setattr(trial, "in_field", lambda *_: Outcome.AGREES)
    return "d(L, h[t]) == d(L, c[t])"


def lie_of_the_terms(monkeypatch):
    """A sum is its first term."""
    monkeypatch.setattr(Term, "_plus", lambda a, _b, _sign: a)
    return "d(L, h[t]) == d(L, h[t]) + d(L, c[t])"


LIES = (
    lie_of_the_dictionary,
    lie_of_the_derivatives,
    lie_of_the_dual_numbers,
    lie_of_the_field,
    lie_of_the_judge,
    lie_of_the_terms,
)


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_that_fools_the_judge_does_not_fool_the_kernel(lie, monkeypatch):
    says = lie(monkeypatch)
    examiner = Examiner(MODELS["lstm"], 0, None)
    believed = examiner.trial("a lie", Statement(says, (("t", "steps(1, T)"),)))
    for case in examiner.model.exact_cases():
        believed.decide_exactly(case, "None")
    assert believed.verdict == "holds"
    assert believed.evidence.level == "exact"
    believed.weigh(*examiner.second.on(believed.statement, believed.domain))
    assert believed.verdict == "undecided"
    assert believed.evidence.level == "none"
    assert believed.first_undecided.finding.reason == "the kernel does not agree"


def test_a_strategy_that_draws_nothing_but_zeros(monkeypatch):
    """What is drawn is no part of exact evidence; and wrong versions are no longer rejected."""

    def zeros(_model, count, _seed, visit):
        for _ in range(count):
            visit(blank)

    def one(_model, count, _stream, **_options):
        return [blank] * count

    model = MODELS["mgu"]
    blank = model.exact_cases()[1]
    monkeypatch.setattr(examine, "sample", zeros)
    monkeypatch.setattr(examine, "distinct", one)
    monkeypatch.setattr(examine, "SPARSE", 0)  # cases that no strategy draws
    examiner = Examiner(model, 2, None)
    identity = REGISTRY["mgu.bptt-W_f"]
    right, wrong = (examiner.trial("", s) for s in (identity.statement, identity.version(VERSION)))
    examiner.run([right, wrong], lambda *_: None)
    assert right.evidence.level == "exact"
    assert wrong.evidence.level != "exact"
    assert VERSION in examiner.decide_identity(identity, right).survivors


VERSION = "another variable's"
