"""The language of statements: parsed, printed, mutated; and what it refuses."""

import numpy as np
import pytest

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.runs.systems import Floats
from bpttcheck.statements.identity import Registry
from bpttcheck.statements.latex import Printer
from bpttcheck.statements.mutate import mutants
from bpttcheck.statements.notation import Statement, parse, product, steps
from bpttcheck.statements.terms import IllTyped, Sequence, Term, Variable

PRINTED = [
    ("d(L, s[T]) == d(L, h[T]) * phi.prime(s[T])",
     r"\frac{\partial L}{\partial s_{T}} = \frac{\partial L}{\partial h_{T}}\, \phi'(s_{T})"),
    ("a - (b - c) == (a - b) - c", r"a - \left(b - c\right) = a - b - c"),
    ("a - (b + c) == a * (b + c)", r"a - \left(b + c\right) = a\, \left(b + c\right)"),
    ("-(a + b) == -a * b", r"-\left(a + b\right) = -a\, b"),
    ("a * -b == a / b", r"a\, \left(-b\right) = \frac{a}{b}"),
    ("a ** 2 == tanh(a) ** 2", r"a^{2} = \tanh^{2}(a)"),
    ("(a + b) ** 2 == exp(-a)", r"\left(a + b\right)^{2} = e^{-a}"),
    ("A @ B.T == log(a)", r"A\, B^{\top} = \ln(a)"),
    ("(A @ B).T == a", r"\left(A\, B\right)^{\top} = a"),
    ("sum(x[t] for t in steps(1, T)) == a", r"\sum_{t = 1}^{T} x_{t} = a"),
    ("sum(x[t] + a for t in steps(1, T)) == a",
     r"\sum_{t = 1}^{T} \left(x_{t} + a\right) = a"),
    ("sum(x[t] for t in steps(1, T)) * a == b",
     r"\left(\sum_{t = 1}^{T} x_{t}\right)\, a = b"),
    ("a * prod(x[j] for j in steps(1, t - 1)) == b",
     r"a\, \prod_{j = 1}^{t - 1} x_{j} = b"),
    ("a + sum(x[t] for t in steps(1, T)) == b", r"a + \sum_{t = 1}^{T} x_{t} = b"),
    ("-sum(x[t] for t in steps(1, T)) == b", r"-\sum_{t = 1}^{T} x_{t} = b"),
    ("0 <= D(tanh)(a) <= 1", r"0 \le \frac{d\, \tanh(a)}{d a} \le 1"),
    ("dw == batch(d(L, w))", r"\mathtt{dw} = \sum_{b=1}^{B} \frac{\partial L}{\partial w}"),
]  # fmt: skip


@pytest.mark.parametrize(("says", "latex"), PRINTED, ids=[says for says, _ in PRINTED])
def test_latex(says, latex):
    assert Printer(MODELS["scalar_rnn"].latex).statement(Statement(says)) == latex


def test_a_derivative_at_a_place_and_a_component():
    text = MODELS["activations"].printer.statement(Statement("D(tanh)(zero) == 1"))
    assert text == r"\left.\frac{d\, \tanh(a)}{d a}\right|_{a = 0} = 1"
    text = MODELS["softmax_nll"].printer.statement(Statement("y_hat == log(y_hat[1] / o[2])"))
    assert text == r"\hat{\mathbf{y}} = \ln\left(\frac{\hat{y}_{1}}{o_{2}}\right)"


def test_ranges_are_printed():
    statement = Statement("s[t] == a", (("t", "steps(1, T)"),))
    assert Printer({}).statement(statement).endswith(r", \quad t = 1, \ldots, T")


def test_what_has_an_index_or_a_power_is_put_in_braces_before_it_gets_another():
    printer = Printer({"r": r"r_h", "q": r"\mathbf{q}^0", "a": r"a_{i}"}, {"q": "q^0"}, {"q"})
    printed = [printer.print(parse(text)) for text in ("r[t]", "q.T", "q[t].T", "q[t][i]", "a**2")]
    assert printed == [
        r"{r_h}_{t}",
        r"{\mathbf{q}^0}^{\top}",
        r"{\mathbf{q}^0_{t}}^{\top}",
        r"{q^0}_{i}^{(t)}",
        r"a_{i}^{2}",
    ]


@pytest.mark.parametrize("name", [i.id for i in REGISTRY])
def test_every_identity_prints_and_balances(name):
    identity = REGISTRY[name]
    text = MODELS[identity.model].printer.statement(identity.statement)
    assert text.count("{") == text.count("}")
    assert text.count(r"\left(") == text.count(r"\right)")


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        ("a ==", "expected an expression"),
        ("a", "expected one relation"),
        ("a == b <= c", "expected one relation"),
        ("a == [b]", "List is not in the notation"),
        ("a == (lambda: 0)()", "Lambda is not in the notation"),
        ("a == b if c else d", "IfExp is not in the notation"),
    ],
)
def test_what_is_not_in_the_notation(says, complaint):
    with pytest.raises(ValueError, match=complaint):
        Statement(says).sides  # noqa: B018


def test_nothing_but_the_symbols_is_in_reach():
    with pytest.raises(IllTyped, match="open is not defined"):
        next(Statement("open(a) == a").instances({"a": 1}))


def test_ranges_must_be_steps():
    with pytest.raises(ValueError, match="expected steps"):
        Statement("a == b", (("t", "range(3)"),)).quantifiers  # noqa: B018


@pytest.mark.parametrize("says", ["D(tanh) == a", "a == {b}", "a == +b"])
def test_what_cannot_be_printed(says):
    with pytest.raises(ValueError, match="statement"):
        Printer({}).statement(Statement(says))


def test_steps_and_products():
    assert list(steps(2, 4)) == [2, 3, 4]
    assert list(steps(1, 0)) == []
    assert product(iter([])) == 1
    assert product(iter([2.0, 3.0])) == 6


def test_instances_and_few_of_them():
    statement = Statement("t == k", (("t", "steps(1, T)"), ("k", "steps(0, t)")))
    assert [at for at, _ in statement.instances({"T": 2})] == [
        {"t": 1, "k": 0}, {"t": 1, "k": 1}, {"t": 2, "k": 0}, {"t": 2, "k": 1}, {"t": 2, "k": 2},
    ]  # fmt: skip
    long = Statement("t == t", (("t", "steps(1, T)"),))
    turns = [[at["t"] for at in long.few({"T": 60}, 12, turn)] for turn in range(5)]
    assert all(few[0] == 1 and few[-1] == 60 and len(few) <= 14 for few in turns)
    assert {t for few in turns for t in few} == set(range(1, 61))
    assert len(long.few({"T": 12}, 12, 3)) == 12


def test_mutants_are_single_slips():
    slips = set(mutants(Statement("a == b[t - 1] * f.prime(c) - M.T @ d")).values())
    assert slips >= {
        "b[t - 1] * f.prime(c) + M.T @ d",
        "b[t - 1] * f.prime(c)",
        "b[t] * f.prime(c) - M.T @ d",
        "b[t - 2] * f.prime(c) - M.T @ d",
        "b[t - 1] - M.T @ d",
        "f.prime(c) - M.T @ d",
        "b[t - 1] * f(c) - M.T @ d",
        "b[t - 1] * f.prime(c) - M @ d",
        "b[t - 1] * f.prime(c) - d",
    }
    pairs = set(mutants(Statement("a == V[i, 1] @ compose(w[j] for j in down(t, k + 1))")).values())
    assert pairs >= {
        "V[i + 1, 1] @ compose((w[j] for j in down(t, k + 1)))",
        "V[i, 0] @ compose((w[j] for j in down(t, k + 1)))",
        "V[i, 1] @ compose((w[j] for j in down(t - 1, k + 1)))",
        "V[i, 1] @ compose((w[j] for j in down(t, k + 2)))",
        "V[i, 1] @ compose((w[j] for j in steps(k + 1, t)))",
    }
    sums = set(mutants(Statement("a == -sum(x[1] for k in steps(t + 1, T - 1))")).values())
    assert "-sum((x[1] for k in steps(t + 2, T - 1)))" in sums
    assert "-sum((x[1] for k in steps(t + 1, T - 2)))" in sums
    assert "-sum((x[2] for k in steps(t + 1, T - 1)))" in sums
    assert "sum((x[1] for k in steps(t + 1, T - 1)))" in sums


def term(*shape):
    return Term(np.ones((2, *shape)), np.abs)


ILL_TYPED = [
    lambda: term(3, 1) + term(1, 3),
    lambda: term(3, 1) + term(),
    lambda: term(3, 1) * term(3, 1),
    lambda: term(3, 4) @ term(3, 1),
    lambda: term() @ term(3, 1),
    lambda: term().T,
    lambda: term() / term(3, 1),
    lambda: 1 / term(3, 1),
    lambda: term(3, 3) ** 2,
    lambda: Variable("o", None, np.ones((2, 3, 1)), np.abs)[4],
    lambda: Variable("o", None, np.ones((2, 3, 1)), np.abs)[0],
    lambda: Variable("w", None, np.ones(2), np.abs)[1],
    lambda: Sequence("s", np.ones((4, 2)), np.abs)[0],
    lambda: Sequence("s", np.ones((4, 2)), np.abs)[5],
    lambda: Sequence("h", np.ones((4, 2)), np.abs, first=0)[4],
]


@pytest.mark.parametrize("wrong", ILL_TYPED)
def test_ill_typed(wrong):
    with pytest.raises(IllTyped):
        wrong()


def test_terms_compute_and_remember_their_size():
    a, b = term(3, 1), -2 * term(3, 1)
    assert (a + b).value.ravel().tolist() == [-1] * 6
    assert (a + b).size.ravel().tolist() == [3] * 6
    assert (1 - term()).size.tolist() == [2, 2]
    assert (a.T @ b).value.tolist() == [[[-6]], [[-6]]]
    assert (a @ b.T).core == (3, 3)
    assert (a / (4 * term())).value.ravel().tolist() == [0.25] * 6
    assert ((2 * term()) ** 3).value.tolist() == [8, 8]
    assert Sequence("h", np.ones((4, 2)), np.abs, first=0)[3].index == 3


@pytest.mark.parametrize(
    "says",
    [
        "d(L + L, s[1]) == 0",
        "d(L, 1 * w) == 0",
        "log(sum(x[t] for t in steps(2, 1))) == 0",
    ],
)
def test_derivatives_and_functions_need_quantities(says):
    from bpttcheck.runs.scalar_rnn_model import Case, evaluate

    symbols = evaluate(Case(1, 1, [[1], [1]], [1], [[1]]), Floats())
    with pytest.raises(IllTyped):
        list(Statement(says).instances(symbols))


def test_softmax_derivatives_are_those_of_the_model():
    from bpttcheck.runs.softmax_nll_model import Case, evaluate

    symbols = evaluate(Case([[1, 2, 3]], [[0, 1, 0]]), Floats())
    jacobian = symbols["d"](symbols["y_hat"], symbols["o"])
    assert jacobian.core == (3, 3)
    row = symbols["d"](symbols["y_hat"][2], symbols["o"])
    assert row.core == (3, 1)
    assert (row.value[0, :, 0] == jacobian.value[0, 1]).all()
    assert symbols["d"](symbols["y_hat"][2], symbols["o"][3]).value == jacobian.value[0, 1, 2]
    with pytest.raises(IllTyped):
        symbols["d"](symbols["L"], symbols["y"])


def test_a_registry_has_an_id_once():
    registry = Registry()
    identity = REGISTRY["softmax-nll.gradient"]
    registry.add(identity)
    assert len(registry) == 1
    with pytest.raises(AssertionError):
        registry.add(identity)
