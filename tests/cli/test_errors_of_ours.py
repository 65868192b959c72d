"""Errors of bpttcheck are told from those of the user's code: exit status 4, one line."""

from bpttcheck.cli import check as check_command
from bpttcheck.cli import main
from bpttcheck.cli import verify as verify_command
from tests.cli.model import found

PLEASE = "this is an error of bpttcheck, not of your code; please report it"


def breaks(folder, error):
    (folder / "breaks.py").write_text(
        "import bpttcheck.check.search.problem as search\nfrom model import problem\n"
        "from bpttcheck.check.program.clock import OutOfTime\n"
        f"def broken(*_, **__):\n    raise {error}\n"
        "search.check_problem = broken\n"
        "broken.__code__ = broken.__code__.replace(co_filename=search.__file__)\n"
    )


def test_a_limit_of_ours_that_is_not_kept_is_an_error_of_ours(folder, capsys):
    breaks(folder, "OutOfTime")
    assert main(["check", "breaks.py"]) == 4
    assert capsys.readouterr().err.startswith("bpttcheck: OutOfTime: ")


def test_an_error_of_ours_in_the_other_process(folder, capsys):
    breaks(folder, "KeyError('lost')")
    assert main(["check", "breaks.py"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("bpttcheck: KeyError: 'lost' (problem.py:")
    assert PLEASE in err
    assert len(err.splitlines()) == 1
    assert main(["check", "breaks.py", "--debug"]) == 4
    assert "Traceback" in capsys.readouterr().err
    status, report = found(capsys, "breaks.py")
    assert (status, report["error"]["kind"], report["verdict"]) == (4, "internal", None)


def test_an_error_of_ours_in_this_process(folder, monkeypatch, capsys):
    def broken(*_):
        raise ZeroDivisionError("here")

    for command, place in (("check", check_command), ("verify", verify_command)):
        monkeypatch.setattr(place, f"run_{command}", broken)
        arguments = ["model.py"] * (command == "check")
        assert main([command, *arguments]) == 4
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("bpttcheck: ZeroDivisionError: here (test_errors_of_ours.py:")
        assert PLEASE in err
        assert len(err.splitlines()) == 1
        assert main([command, *arguments, "--debug"]) == 4
        assert "Traceback" in capsys.readouterr().err


def test_a_process_that_does_not_start(folder, monkeypatch, capsys):
    monkeypatch.setattr("bpttcheck.cli.process.PROGRAM", "import sys; sys.exit(5)")
    assert main(["check", "model.py"]) == 4
    err = capsys.readouterr().err
    assert "the process for your code did not start: exit status 5: this is an error of" in err
