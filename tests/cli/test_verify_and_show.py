"""The command line: what it prints, where, and how it exits."""

import json
import os
import re
import subprocess
import sys

import pytest

from bpttcheck import __version__
from bpttcheck.claims import CLAIMS
from bpttcheck.cli import ledger, main, screen
from bpttcheck.cli import verify as verify_command
from bpttcheck.identities import REGISTRY
from bpttcheck.statements.notation import Statement
from tests.day import in_turn

VERDICTS = {"holds", "holds-if", "refuted", "ill-typed"}


def test_verify_one(capsys):
    assert main(["verify", "scalar.r*", "--max-examples", "30", "--seed", "7"]) == 0
    out, err = capsys.readouterr()
    assert "ill-typed" in out
    assert "s_0 is not defined: s starts at 1" in out
    assert "all as expected" in out
    assert "scalar_rnn: 85 of 85 cases" in err
    assert len(err.splitlines()) == 4


@in_turn(2)
def test_verify_many_as_a_summary(capsys, monkeypatch):
    decided = verify_command.verify(*verify_command.selected("scalar*"), max_examples=25)
    monkeypatch.setattr(verify_command, "verify", lambda *_, **__: decided)
    assert main(["verify", "scalar*", "--max-examples", "25"]) == 0
    out = capsys.readouterr().out
    assert "25 of 25" in out
    assert "scalar_rnn" in out
    assert "scalar-rnn.bptt-w" not in out
    assert main(["verify", "scalar*", "--verbose"]) == 0
    assert "scalar-rnn.bptt-w" in capsys.readouterr().out


@in_turn(2, 1)
def test_json_is_alone_on_stdout(capsys):
    assert main(["verify", "*range", "--max-examples", "20", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert found["unexpected"] == []
    assert [c["id"] for c in found["claims"]] == ["scalar.range"]
    assert {i["id"] for i in found["identities"]} >= {"activations.tanh-range"}


@pytest.mark.xdist_group("ledger")
def test_the_ledger(capsys, monkeypatch, everything):
    monkeypatch.setattr(ledger, "decided", lambda *_, **__: everything)
    assert main(["claims", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == list(CLAIMS)
    for row in rows:
        assert row["verdict"] in VERDICTS
        assert {"id", "verdict", "readings", "identities", "evidence"} <= set(row)
        assert row["evidence"]
        assert all(name in REGISTRY for name in row["identities"])
    assert main(["claims"]) == 0
    assert "scalar.hidden-gradient" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["scalar.hidden-gradient", "notes.sigmoid-derivative",
                                  "scalar-rnn.recursion", "softmax-nll.gradient"])  # fmt: skip
@in_turn(2, 1)
def test_show(name, capsys):
    assert main(["show", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(name)
    assert "source" in out
    if name in REGISTRY:
        assert REGISTRY[name].statement.says in out
        assert all(wrong in out for wrong in REGISTRY[name].wrong)
    else:
        assert CLAIMS[name].printed in out


USAGE = [
    (["verify", "zzz*"], "GLOB: expected a pattern that matches an ID, such as 'scalar.*'"),
    (["verify", "zzz*"], f"none of {len(REGISTRY)} identities and {len(CLAIMS)} claims"),
    (["verify", "--max-examples", "0"], "expected a whole number ≥ 1, got '0'"),
    (["verify", "--max-examples", "many"], "expected a whole number ≥ 1, got 'many'"),
    (["verify", "--seed", "-1"], "expected a whole number ≥ 0, got '-1'"),
    (["verify", "--seed", "x"], "expected a whole number ≥ 0, got 'x'"),
    (["show", "scalar.hiden"], "got 'scalar.hiden'; near it: "),
    (["show", "qqqq"], "bpttcheck claims lists the claims"),
    (["show"], "the following arguments are required: ID"),
    ([], "the following arguments are required: COMMAND"),
    (["prove"], "invalid choice: 'prove'"),
    (["verify", "--fast"], "unrecognized arguments: --fast"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), USAGE)
def test_usage_is_one_line_and_exit_2(arguments, message, capsys):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1


def falsify(monkeypatch, name, version):
    import dataclasses

    good = REGISTRY[name]
    bad = dataclasses.replace(good, statement=good.version(version), wrong={})
    monkeypatch.setitem(REGISTRY._by_id, name, bad)
    return bad


def test_a_failure_shows_everything_that_is_needed(monkeypatch, capsys):
    name = "scalar-rnn.terminal-state"
    bad = falsify(monkeypatch, name, "θ′ forgotten")
    assert main(["verify", name, "--max-examples", "30", "--seed", "5"]) == 1
    out = capsys.readouterr().out
    assert bad.statement.says in out
    assert "case  scalar_rnn.Case(w=" in out
    assert "≠" in out
    assert f"replay('{name}', scalar_rnn.Case(" in out
    assert f"bpttcheck verify {name} --max-examples 30 --seed 5" in out
    assert f"unexpected {name}: expected holds (exact, kernel), decided refuted" in out
    assert "1 not as expected" in out


@in_turn(2, 1)
def test_an_ill_typed_failure_says_why(monkeypatch, capsys):
    import dataclasses

    name = "softmax-nll.gradient"
    bad = dataclasses.replace(REGISTRY[name], statement=Statement("d(L, o) == y_hat.T"), wrong={})
    monkeypatch.setitem(REGISTRY._by_id, name, bad)
    assert main(["show", name]) == 0
    assert "the sides have shapes" in capsys.readouterr().out
    assert main(["verify", name, "--max-examples", "5"]) == 1
    assert "why   the sides have shapes" in capsys.readouterr().out


def test_a_terminal_gets_a_live_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with screen.progress() as report:
        report("scalar_rnn", 1, 2)
        report("scalar_rnn", 2, 2)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert screen.out().width > 0


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "bpttcheck", *arguments],
        capture_output=True, text=True, env={**os.environ, **environment}, check=False,
    )  # fmt: skip


def test_python_m_is_the_same_program():
    done = run("--version")
    assert done.stdout.strip() == f"bpttcheck {__version__}"
    assert run("verify", "nothing*").returncode == 2


@in_turn(2, 1)
def test_no_color_is_honoured():
    done = run("verify", "activations.tanh-peak", "--max-examples", "5", NO_COLOR="1",
               FORCE_COLOR="1")  # fmt: skip
    assert done.returncode == 0
    assert not re.search(r"\x1b\[[0-9;]*[39][0-7]m", done.stdout)
    colourful = run("verify", "activations.tanh-peak", "--max-examples", "5", FORCE_COLOR="1")
    assert re.search(r"\x1b\[[0-9;]*[39][0-7]m", colourful.stdout)


@in_turn(2)
def test_a_reader_that_leaves_early_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m bpttcheck verify 'act*' --json --max-examples 5 | head -c 10",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@in_turn(2)
def test_without_stderr_no_progress_reaches_stdout():
    done = subprocess.run(
        f"{sys.executable} -m bpttcheck verify activations.tanh-peak --json --max-examples 5 2>&-",
        shell=True, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0
    assert json.loads(done.stdout)["ok"]


def test_selection():
    identities, claims = verify_command.selected("scalar*")
    assert all(name.startswith("scalar-rnn.") for name in identities)
    assert all(name.startswith("scalar.") for name in claims)


def test_an_interrupt_is_no_traceback(monkeypatch, capsys):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(verify_command, "run_verify", interrupted)
    assert main(["verify"]) == 130
    assert capsys.readouterr().err == "bpttcheck: interrupted\n"
