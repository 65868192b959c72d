"""Patches apply to texts of every kind, and what has no source is said to have none."""

import linecache
import subprocess

import pytest

from bpttcheck.mend import codes_of, mend
from bpttcheck.mend.asked import Asked
from bpttcheck.mend.source import NoSource, SourceFile
from tests.mend.points import Point, mended, module
from tests.planted import replaced

PLAIN = """
import numpy as np

PARAMS = {"W": np.array([[0.3, -0.8], [0.5, 0.7]]), "b": np.array([0.1, -0.4])}
x = np.array([0.6, -1.1])

def value_and_grad(params):
    W, b = params["W"], params["b"]
    h = np.tanh(W @ x + b)
    loss = (W @ h).sum()
    dh = W.T @ np.ones(2)
    da = dh * (1 - h**2)
    dW = np.outer(da, x) + np.outer(np.ones(2), h)
    return loss, {"W": dW, "b": da}
"""

TEXTS = {
    "plain": (PLAIN, "dh * (1 - h**2)", "dh * (1 - h)"),
    "decorated": (
        PLAIN.replace(
            "def value_and_grad",
            "import functools\n\ndef same(f):\n    @functools.wraps(f)\n    def g(p):\n"
            "        return f(p)\n    return g\n\n@same\ndef value_and_grad",
        ),
        "dh * (1 - h**2)",
        "dh * (1 + h**2)",
    ),
    "nested": (
        PLAIN.replace(
            "    da = dh * (1 - h**2)\n",
            "    def slope(d):\n        return d * (1 - h**2)\n    da = slope(dh)\n",
        ),
        "d * (1 - h**2)",
        "d * (1 - h**3)",
    ),
    "lambda": (
        PLAIN.replace(
            "    da = dh * (1 - h**2)\n",
            "    slope = lambda d: d * (1 - h**2)\n    da = slope(dh)\n",
        ),
        "d * (1 - h**2)",
        "d * (1 - h)",
    ),
    "generator": (
        PLAIN.replace(
            "    da = dh * (1 - h**2)\n",
            "    def parts():\n        for i in range(2):\n            p = dh[i] * (1 - h[i]**2)\n"
            "            yield p\n    da = np.array(list(parts()))\n",
        ),
        "dh[i] * (1 - h[i]**2)",
        "dh[i] * (1 - h[i])",
    ),
    "async": (
        PLAIN.replace(
            "    da = dh * (1 - h**2)\n",
            "    async def slope(d):\n        return d * (1 - h**2)\n"
            "    try:\n        slope(dh).send(None)\n"
            "    except StopIteration as done:\n        da = done.value\n",
        ),
        "d * (1 - h**2)",
        "d * (1 - h)",
    ),
    "match": (
        PLAIN.replace(
            "    da = dh * (1 - h**2)\n",
            "    match 'tanh':\n        case 'tanh':\n            da = dh * (1 - h**2)\n",
        ),
        "dh * (1 - h**2)",
        "dh * (2 - h**2)",
    ),
    "walrus and f-string": (
        PLAIN.replace(
            "    da = dh * (1 - h**2)\n",
            '    name = f"{h.shape}"\n    if (n := len(name)) > 0:\n        da = dh * (1 - h**2)\n',
        ),
        "dh * (1 - h**2)",
        "-dh * (1 - h**2)",
    ),
    "a formatted key": (
        PLAIN.replace(
            "    dh = W.T @ np.ones(2)\n",
            '    for k in "W":\n        dh = params[f"{k}"].T @ np.ones(2)\n',
        ),
        "dh * (1 - h**2)",
        "dh * (1 - h)",
    ),
    "non-ASCII": (
        PLAIN.replace("dh ", "δh ")
        .replace("dh)", "δh)")
        .replace("import numpy", "# φ′ ∘ δ\nimport numpy"),
        "δh * (1 - h**2)",
        "δh * (1 - h)  # φ′",
    ),
    "tabs": (PLAIN.replace("    ", "\t"), "dh * (1 - h**2)", "dh * (1 - h)"),
    "line ends of Windows": (PLAIN.replace("\n", "\r\n"), "dh * (1 - h**2)", "dh * (1 - h)"),
    "a mark of the byte order": ("\ufeff" + PLAIN, "dh * (1 - h**2)", "dh * (1 - h)"),
    "no newline at the end": (PLAIN.rstrip(), '"b": da}', '"b": -da}'),
    "several lines": (
        PLAIN.replace("da = dh * (1 - h**2)", "da = (dh\n          * (1 - h**2))"),
        "* (1 - h**2)",
        "* (1 - h)",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_patch_applies(name, tmp_path):
    right, old, new = TEXTS[name]
    found = mended(tmp_path, right, replaced(right, old, new, name))
    assert found.edits, found.note
    wrong = (tmp_path / "mine.py").read_bytes()
    (tmp_path / "mend.patch").write_bytes(found.patch.encode(found.encoding))
    for command in (
        ["git", "apply", "mend.patch"],
        ["patch", "--binary", "-p1", "-i", "mend.patch"],
    ):
        (tmp_path / "mine.py").write_bytes(wrong)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
        after = (tmp_path / "mine.py").read_bytes()
        assert after.count(b"\r\n") == wrong.count(b"\r\n")
        mine, model = module(tmp_path, after, "mended"), module(tmp_path, right, "right")
        loss, truth = model.value_and_grad(model.PARAMS)
        ours, gradients = mine.value_and_grad(mine.PARAMS)
        assert ours == loss
        assert gradients["W"] == pytest.approx(truth["W"])
        assert gradients["b"] == pytest.approx(truth["b"])


def test_code_without_a_source_is_left_alone():
    space = {}
    exec(compile(PLAIN, "<nowhere>", "exec"), space)
    function = space["value_and_grad"]
    codes = codes_of(lambda: function(space["PARAMS"]))
    found = mend(
        Asked([c for c in codes if c.co_filename == "<nowhere>"], [], lambda *_: None, lambda: 1.0)
    )
    assert found.edits == ()
    assert found.note == "there is no source of <nowhere>"


def test_a_text_that_is_not_python_is_said_to_be_none():
    with pytest.raises(NoSource, match=r"^mine\.py is no Python source: .*line 1"):
        _ = SourceFile("mine.py", "def back(:\n").tree


def test_a_cell_of_a_notebook_has_its_source_in_the_session():
    name, text = "<ipython-input-1-abc>", PLAIN.replace("1 - h**2", "1 - h")
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    spaces = []
    for source in (text, PLAIN):
        spaces.append({})
        exec(compile(source, name if source is text else "right", "exec"), spaces[-1])
    mine, right = (
        type("Module", (), {k: staticmethod(v) if callable(v) else v for k, v in space.items()})
        for space in spaces
    )
    loss, truth = right.value_and_grad(right.PARAMS)
    points = [Point(mine, loss, truth)]
    codes = [c for c in codes_of(points[0].call) if c.co_filename == name]
    found = mend(Asked(codes, points, lambda *_: "right", lambda: 30.0))
    assert found.edits[0].after == "da = dh * (1 - h ** 2)"


def test_a_source_that_changed_since_it_was_imported_is_noticed(tmp_path):
    mine = module(tmp_path, PLAIN)
    (tmp_path / "mine.py").write_text(PLAIN.replace("1 - h**2", "1 - h"))
    codes = codes_of(lambda: mine.value_and_grad(mine.PARAMS))
    found = mend(
        Asked([c for c in codes if c.co_name == "value_and_grad"], [], lambda *_: None, lambda: 1.0)
    )
    assert "value_and_grad is not as its source has it" in found.note
