"""Code that is not what its text compiles to, since its importer makes it from another text."""

import ast
import importlib.util
import sys
from importlib.machinery import SourceFileLoader

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.mend import program, source

PARAMS = {"w": np.array([0.3, -0.8, 0.5])}


def value_and_grad(params):
    """Return a loss, and what is not its gradient."""
    w = params["w"]
    assert w.shape == (3,)  # which pytest rewrites, in this file
    h = np.tanh(w)
    loss = (h * h).sum()
    da = 2 * h * (1 - h)
    return loss, {"w": da}


MEND = [("da = 2 * h * (1 - h)", "da = 2 * h * (1 - h ** 2)")]


class _Traced(SourceFileLoader):
    """Imports a file with a statement more in every function, as checkers of types do."""

    def source_to_code(self, data, path, *, _optimize=-1):
        tree = ast.parse(data)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                node.body.insert(0, ast.parse("traced = True").body[0])
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)


@pytest.fixture
def traced(tmp_path, monkeypatch):
    text = source.read(__file__).text
    path = tmp_path / "traced.py"
    path.write_text(text[text.index("import numpy") : text.index("MEND")])
    spec = importlib.util.spec_from_file_location(
        "traced", path, loader=_Traced("traced", str(path))
    )
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "traced", module)
    spec.loader.exec_module(module)
    return module


def mended(function):
    report = check_gradients(function, PARAMS)
    assert report.verdict == "wrong"
    return [(edit.before.strip(), edit.after.strip()) for edit in report.mend.edits]


def test_a_function_whose_assertions_pytest_has_rewritten():
    codes = program.as_imported(source.read(__file__))
    key = ("value_and_grad", value_and_grad.__code__.co_firstlineno)
    assert source.same(codes[key], value_and_grad.__code__)
    assert mended(value_and_grad) == MEND


def test_a_function_of_an_importer_that_rewrites(traced):
    assert "traced" in traced.value_and_grad.__code__.co_varnames
    assert mended(traced.value_and_grad) == MEND


def test_what_cannot_be_made_again_is_left_alone(traced, monkeypatch):
    monkeypatch.setattr(_Traced, "source_to_code", lambda *_: 1 / 0)
    assert program.as_imported(source.read(traced.__file__)) == {}
    assert mended(traced.value_and_grad) == []
