"""A failing point in a file: asked again as it was drawn; and as a test to be pasted."""

import json

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.cases import Case
from bpttcheck.check import point_of, replay
from bpttcheck.check.search.problem import check_problem


def right(case):
    a = case.rng.normal(size=(case.n, case.T))
    return (lambda p: (float(np.sin(p["a"]).sum()), {"a": np.cos(p["a"])})), {"a": a}


def wrong(case):
    value_and_grad, params = right(case)

    def lie(p):
        loss, grads = value_and_grad(p)
        grads["a"][0] *= 1.5
        return loss, grads

    return lie, params


def at_random(case):
    """Wrong at some points, and never the same twice."""
    w = np.random.default_rng().normal(size=3).astype(np.float32)
    w[0] = 2.0

    def value_and_grad(p):
        return (p["w"].astype(float) ** 2).sum() / 2 + p["s"] ** 2 / 2, {
            "w": np.clip(p["w"], -1, 1).astype(float), "s": p["s"],
        }  # fmt: skip

    return value_and_grad, {"w": w, "s": float(w[1])}


@pytest.fixture
def saved(tmp_path):
    report = check_problem(wrong, max_examples=1)
    report.save_case(tmp_path / "case.json")
    return report, tmp_path / "case.json"


def test_the_same_point_is_asked_again(saved):
    report, path = saved
    again = replay(path, wrong)
    assert again.verdict == "wrong"
    assert again.case == report.case
    assert again.loss == report.loss
    assert [b.got for b in again.blocks] == [b.got for b in report.blocks]
    assert again.target == report.target == f"{__name__}:wrong"
    assert again["a"].index is not None
    assert path.stat().st_size < 2000


def test_what_was_mended_is_right(saved):
    _, path = saved
    assert replay(path, right).ok


def test_a_problem_that_is_not_the_same_twice_is_asked_at_the_saved_point(tmp_path):
    report = check_problem(at_random, max_examples=1)
    assert report.verdict == "wrong"
    path = tmp_path / "case.json"
    report.save_case(path)
    seen = []

    def watched(case):
        value_and_grad, params = at_random(case)

        def watching(p):
            seen.append({name: np.asarray(a) for name, a in p.items()})
            return value_and_grad(p)

        return watching, params

    again = replay(path, watched)
    assert again.verdict == "wrong"
    assert seen[0]["w"].dtype == np.float32
    assert isinstance(float(seen[0]["s"]), float)
    assert np.array_equal(seen[0]["w"], report.point["w"])
    assert again["w"].got == report["w"].got


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "longdouble"])
def test_arrays_are_kept_bit_for_bit(tmp_path, dtype):
    values = np.array([[0.1, -0.0, 5e-8], [1 / 3, 2.0, -1.0]]).astype(dtype)

    def problem():
        return (lambda p: (float((p["a"] ** 2).sum()), {"a": np.asarray(p["a"], float)})), {
            "a": values.copy()
        }

    report = check_problem(problem, verdict_only=True)
    assert report.verdict == "wrong", report
    report.save_case(tmp_path / "one.json")
    kept = {}

    def watched():
        value_and_grad, params = problem()
        params["a"] = params["a"] * 0

        def watching(p):
            kept.setdefault("a", p["a"].copy())
            return value_and_grad(p)

        return watching, params

    replay(tmp_path / "one.json", watched, verdict_only=True)
    assert kept["a"].dtype == dtype
    assert np.array_equal(kept["a"], values)
    assert np.array_equal(np.signbit(kept["a"]), np.signbit(values))


def test_nested_parameters_are_put_where_they_were(tmp_path):
    def problem(case):
        W = case.rng.normal(size=(2, case.n))

        def value_and_grad(p):
            (W,), b = p["cell"]["W"], p["b"]
            cell = {"W": [2 * np.cos(W)]}
            return float(np.sin(W).sum() + np.sin(b)), {"cell": cell, "b": np.cos(b)}

        return value_and_grad, {"cell": {"W": [W]}, "b": 0.0}

    report = check_problem(problem, max_examples=1, cases={"regimes": "no zeros"})
    assert report.verdict == "wrong"
    assert report.point["b"] != 0.0  # the regime reaches what is nested
    report.save_case(tmp_path / "case.json")

    def other(case):
        value_and_grad, params = problem(case)
        params["cell"]["W"] = [np.zeros_like(params["cell"]["W"][0])]
        return value_and_grad, params

    again = replay(tmp_path / "case.json", other)
    assert [b.got for b in again.blocks] == [b.got for b in report.blocks]


def test_another_loss_is_remarked_on(saved):
    _, path = saved

    def changed(case):
        value_and_grad, params = right(case)
        return (lambda p: (value_and_grad(p)[0] + 1, value_and_grad(p)[1])), params

    notes = replay(path, changed).notes
    assert any(note.startswith("the loss was ") for note in notes)


def spoiled(path, **fields):
    content = json.loads(path.read_text()) | fields
    path.write_text(json.dumps(content))
    return path


BAD = [
    ({"version": 2}, "expected version 1 of a saved case, got 2"),
    ({"format": "other"}, "expected a saved case, with the format 'bpttcheck case'"),
    ({"params": {"b": {"dtype": "float64", "shape": [1], "base64": "AAAAAAAAAAA="}}},
     "saved with the parameters b, got a"),
    ({"params": {"a": {"dtype": "float64", "shape": [1], "base64": "AAAAAAAAAAA="}}},
     "saved with a of shape (1,) and dtype float64, got shape (1, 1)"),
    ({"params": {"a": {"dtype": "float64", "shape": [1], "base64": "%"}}},
     "no saved case as it was written"),
    ({"params": {"a": {"dtype": "float64", "shape": [9], "base64": "AAAAAAAAAAA="}}},
     "no saved case as it was written"),
    ({"params": {"a": 3}}, "no saved case as it was written"),
    ({"params": {"a": {"dtype": "float64", "shape": [1]}}}, "expected the field 'base64'"),
    ({"case": {"T": 0}}, "no saved case as it was written: T: expected a whole number"),
    ({"case": None}, "saved of another kind of problem; this one needs a case"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "message"), BAD)
def test_bad_files(saved, fields, message):
    path = spoiled(saved[1], **fields)
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        replay(path, wrong)
    assert str(raised.value).startswith(f"{path}: ")
    assert message in str(raised.value)


def test_no_such_file_and_no_json(tmp_path):
    with pytest.raises(FileNotFoundError):
        replay(tmp_path / "none.json", wrong)
    for text in (b"what", b"\xff\xfe", b"[1]"):
        (tmp_path / "text.json").write_bytes(text)
        with pytest.raises(ValueError, match="expected "):
            replay(tmp_path / "text.json", wrong)


def test_a_case_is_needed_or_not(saved):
    with pytest.raises(ValueError, match="this one takes no case"):
        replay(saved[1], lambda: wrong(Case()))


def test_what_is_not_wrong_has_no_point():
    report = check_problem(right, max_examples=1)
    with pytest.raises(
        ValueError,
        match="expected a wrong one of check_problem",
    ):
        report.save_case("nowhere.json")
    value_and_grad, params = wrong(Case())
    with pytest.raises(ValueError, match="got one that is wrong and has none"):
        check_gradients(value_and_grad, params, locate=False).as_test()


def test_as_a_test(saved, tmp_path, monkeypatch):
    report, _ = saved
    text = report.as_test()
    assert f"from {__name__} import wrong\n" in text
    assert len(text.splitlines()) < 12
    space = {}
    exec(text, space)
    (name,) = [name for name in space if name.startswith("test_")]
    with pytest.raises(AssertionError, match=r"^wrong: gradient of a not the derivative"):
        space[name]()
    space["wrong"] = right
    space[name]()


def test_as_a_test_of_a_function_without_a_name():
    report = check_problem(lambda: wrong(Case(n=2)))
    text = report.as_test()
    assert "# from your_file import problem\n" in text
    space = {"problem": lambda: right(Case(n=2))}
    exec(text, space)
    space["test_gradients"]()


def test_the_point_of_a_case():
    case = Case(T=2, n=3, regime="saturated", seed=3)
    value_and_grad, params = point_of(right, case)
    assert np.array_equal(params["a"], case.applied(right(case)[1])["a"])
    assert check_gradients(value_and_grad, params).verdict in ("right", "undecided")

    def raises(case):
        raise IndexError("no")

    with pytest.raises(RuntimeError, match=r"raised IndexError at test_replay\.py:\d+: no"):
        point_of(raises, case)
