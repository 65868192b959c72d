"""The user's code runs in a process of its own: whatever it does there, a report comes."""

import os
import sys
import time

import pytest

from tests.cli.hostile import line, report
from tests.day import share

POSIX = os.name == "posix"


ENDS = [  # what the user's code does, the exit status, and what is said of it
    ("right", 0, ""),
    ("wrong", 1, "gradient of a not the derivative of the loss"),
    ("exits", 3, r"called sys.exit(0)"),
    ("leaves", 3, "the process that ran your code left with exit status 0, as os._exit(0) does"),
    ("leaves_with_five", 3, "left with exit status 5, as os._exit(5) does"),
    ("recursion", 3, "raised RecursionError at hostile.py:"),
    ("out_of_memory", 3, "raised MemoryError at hostile.py:"),
    ("prints", 0, ""),
    ("prints_much", 0, ""),
    ("leaves_a_thread", 0, ""),
    ("closes", 0, ""),
    ("moves", 0, ""),
    ("reads", 3, "raised EOFError at hostile.py:"),
    ("exits_itself", 3, "left with exit status 0, as os._exit(0) does"),
    ("stops_itself", 3, "called sys.exit(3)"),
    ("raises_an_interrupt", 3, "your code raised KeyboardInterrupt, without Ctrl-C"),
    ("exits_with_a_message", 3, "called sys.exit('no')"),
    ("contains_itself", 3, "as in parameters that contain themselves"),
]
ENDS_ON_POSIX = [
    ("segfault", 3, f"died: segmentation fault (SIGSEGV) at hostile.py:{line('SIGSEGV')}"),
    ("null_pointer", 3, f"died: segmentation fault (SIGSEGV) at hostile.py:{line('string_at')}"),
    ("aborts", 3, f"died: aborted (SIGABRT) at hostile.py:{line('before()')}"),
    ("killed", 3, "was killed (SIGKILL), as systems do where memory runs out"),
    ("overflow", 3, "RecursionError" if sys.version_info >= (3, 12) else "(SIGSEGV)"),
    ("ignores_signals", 0, ""),
    ("closes_all", 3, "closed the file descriptor that its report comes through"),
    ("leaves_a_process", 0, ""),
    ("copies_itself", 0, ""),
]


@pytest.mark.parametrize(("name", "status", "said"), share(ENDS + ENDS_ON_POSIX * POSIX, 4))
def test_whatever_the_code_does_a_report_comes(hostile, capfd, name, status, said):
    started = time.monotonic()
    got, found = report(capfd, f"hostile.py:{name}", "--budget", "30")
    assert said in found["reason"], found["reason"]
    assert got == status
    assert found["exit"] == status
    assert time.monotonic() - started < 25


@pytest.mark.parametrize("name", ["hangs", "hangs_itself"])
def test_a_hang_falls_under_the_budget(hostile, capsys, name):
    status, found = report(capsys, f"hostile.py:{name}", "--budget", "1")
    assert status == 3
    assert found["kind"] == "time"
    assert "hostile.py:" in found["reason"]


def test_a_hang_at_import(hostile, capsys):
    (hostile / "slow.py").write_text("import time\ntime.sleep(600)\n")
    status, found = report(capsys, "slow.py", "--budget", "1")
    assert status == 3
    assert found["reason"] == "importing slow.py: no end within 1 s at slow.py:2"
    (hostile / "slow.py").write_text(
        "import time\nwhile True:\n try:\n  time.sleep(600)\n except BaseException:\n  pass\n"
    )
    status, found = report(capsys, "slow.py", "--budget", "1")
    assert status == 3
    assert found["reason"].startswith("no end within 1 s; it was at slow.py:")


IMPORTS = [
    ("1 / 0", "raised ZeroDivisionError at broken.py:2: division by zero"),
    ("import nothing_of_that_name", "raised ModuleNotFoundError at broken.py:2: No module named"),
    ("def f(:", "raised SyntaxError at broken.py:2: "),
    ("raise SystemExit(0)", "called sys.exit(0) at broken.py:2"),
    ("import os; os._exit(0)", "left with exit status 0, as os._exit(0) does"),
    ("raise BaseException('no')", "raised BaseException at broken.py:2: no"),
]


@pytest.mark.parametrize("target", ["broken.py", "broken:f"])
@pytest.mark.parametrize(("line", "said"), IMPORTS)
def test_an_import_that_raises_is_no_verdict(hostile, capsys, target, line, said):
    (hostile / "broken.py").write_text(f"# the first line\n{line}\n")
    status, found = report(capsys, target)
    assert status == 3
    assert said in found["reason"]
