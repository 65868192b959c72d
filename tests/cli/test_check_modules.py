"""Modules of the user's, in the process of the check: their names, what they print and write."""

import os
import subprocess
import sys

from tests.cli.hostile import report
from tests.day import in_turn


def test_a_module_of_a_package_alone(hostile, capsys):
    (hostile / "package").mkdir()
    (hostile / "package" / "__init__.py").write_text("")
    (hostile / "package" / "model.py").write_text("from .other import right as problem\n")
    (hostile / "package" / "other.py").write_text("from hostile import right\n")
    status, found = report(capsys, "package/model.py")
    assert status == 3
    assert found["reason"].endswith("; a module of a package is named like package.module:object")
    assert report(capsys, "package.model")[0] == 0


@in_turn(2, 1)
def test_names_with_blanks_and_letters(hostile, capsys):
    folder = hostile / "my models"
    folder.mkdir()
    (folder / "größe 1.py").write_text("from hostile import wrong as problem\n", "utf-8")
    status, found = report(capsys, "my models/größe 1.py")
    assert (status, found["target"]) == (1, "my models/größe 1.py")
    assert report(capsys, str(folder / "größe 1.py:problem"))[0] == 1


def program(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "bpttcheck", "check", *arguments],
        capture_output=True, text=True, check=False, encoding="utf-8", **options,
    )  # fmt: skip


def test_what_the_code_prints_is_kept_off_or_goes_to_stderr(hostile):
    done = program("hostile.py:prints")
    assert done.stdout.startswith("right: ")
    assert "printed" not in done.stdout.replace("value_and_grad prints", "")
    waiting = "checking, "  # how a slow machine's progress begins
    assert [row for row in done.stderr.splitlines() if not row.startswith(waiting)] == []
    done = program("hostile.py:prints", "--show-output")
    assert done.returncode == 0
    assert done.stdout.startswith("right: ")
    said = {"importing", "to the descriptor", "to the other", "printed", "printed below"}
    assert said | {"printed by C"} <= {*done.stderr.splitlines()}
    assert "\nprinted" not in done.stdout


@in_turn(2)
def test_nothing_is_written_to_the_users_folder(hostile):
    (hostile / "neighbour.py").write_text("x = 1")
    (hostile / "other.py").write_text("import neighbour\nfrom hostile import *\n")
    before = sorted(hostile.iterdir())
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    assert program("other:wrong", env=environment).returncode == 1
    assert program("other.py:dies_after_a_verdict", env=environment).returncode == 1
    assert sorted(hostile.iterdir()) == before


def test_the_waiting_process_needs_no_numbers_and_not_the_target():
    code = (
        "import sys; from bpttcheck.cli import main; main(['check', 'hostile.py:right']);"
        "import bpttcheck.cli.check; print([m for m in ('numpy', 'hostile', 'rich') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_user_module_does_not_stand_in_for_one_of_ours(hostile):
    for name in ("json", "queue", "signal", "rich"):
        (hostile / f"{name}.py").write_text("raise ValueError('mine')")
    (hostile / "plain.py").write_text(
        "from math import sin, cos\ndef problem():\n"
        "    return lambda p: (sin(p['a']), {'a': cos(p['a'])}), {'a': 0.5}\n"
    )
    code = "import sys; from bpttcheck.cli import main; sys.exit(main(['check', 'plain.py']))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
