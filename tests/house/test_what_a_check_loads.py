"""What the process of ``bpttcheck check`` loads: nothing that right code does without."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "mine.py"

TELL = """
import atexit, json, sys
from pathlib import Path

atexit.register(lambda: Path(__file__).with_suffix(".json").write_text(json.dumps([*sys.modules])))
"""

RIGHT = ("message = da @ W\n", "message = da @ W.T\n")


def loaded(folder, status, old="", new=""):
    """Return the modules in the process that checked the how-to's file, with a piece replaced."""
    text = HOW_TO.read_text(encoding="utf-8")
    assert old in text
    file = folder / "mine.py"
    file.write_text(TELL + text.replace(old, new), encoding="utf-8")
    command = [sys.executable, "-m", "bpttcheck", "check", f"{file}:problem", "--json"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=folder)
    assert done.returncode == status
    return json.loads(file.with_suffix(".json").read_text())


def rooms(modules):
    return {name.split(".")[1] for name in modules if name.startswith("bpttcheck.")}


def ours(modules):
    return [name for name in modules if name.partition(".")[0] == "bpttcheck"]


IDENTITIES = {"identities", "claims", "statements", "verification", "runs", "witnesses", "bptt"}


def test_right_code_loads_what_asks_it(tmp_path):
    modules = loaded(tmp_path, 0, *RIGHT)
    assert rooms(modules) == {
        *("arguments", "arithmetic", "cases", "check", "cli", "ranges", "shapes")
    }
    assert len(ours(modules)) <= 67
    assert not {"hypothesis", "rich", "torch", "jax"} & set(modules)


def test_wrong_code_loads_the_diagnosis_and_no_identity(tmp_path):
    modules = loaded(tmp_path, 1)
    assert "diagnosis" in rooms(modules)
    assert not rooms(modules) & IDENTITIES
    assert len(ours(modules)) <= 202
    late = {"changed", "partly", "insertions", "superposition", "forward_pass", "normalisations"}
    assert not late & {name.rpartition(".")[2] for name in modules}


@pytest.mark.parametrize("name", ["check_gradients", "check.check_problem"])
def test_asking_for_a_check_loads_no_diagnosis_and_no_adaptor(name):
    code = f"import sys, bpttcheck, bpttcheck.check; bpttcheck.{name}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not rooms(done.stdout.split()) & (IDENTITIES | {"diagnosis", "adaptors"})
