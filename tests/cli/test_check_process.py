"""The user's code runs in a process of its own: whatever it does there, a report comes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpttcheck.cli import main

POSIX = os.name == "posix"

HOSTILE = """
import contextlib, ctypes, os, signal, sys, threading, time
import numpy as np

print("importing")
os.write(1, b"to the descriptor\\n")
os.write(2, b"to the other\\n")

def sine(before=lambda: None, factor=1.0):
    def value_and_grad(params):
        before()
        return np.sin(params["a"]).sum(), {"a": factor * np.cos(params["a"])}
    return lambda: (value_and_grad, {"a": np.array([0.3, 0.7])})

def crash():
    os.kill(os.getpid(), signal.SIGSEGV)

def null():
    ctypes.string_at(0)

def deep(n=0):
    return deep(n + 1)

def deep_in_c(n=0):
    return list(map(deep_in_c, [n]))

def deeper():
    sys.setrecursionlimit(10**9)
    deep_in_c()

def much():
    for _ in range(300):
        print("x" * 100_000)

def hundreds():
    sys.stdout.write("printed\\n")
    os.write(1, b"printed below\\n")
    ctypes.CDLL(None).puts(b"printed by C")

def memory():
    raise MemoryError

def thread():
    threading.Thread(target=time.sleep, args=(600,)).start()

def handlers():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)

def closed():
    for close in (sys.stdout.close, sys.stderr.close, sys.__stdout__.close, sys.__stderr__.close):
        close()
    for number in (1, 2):
        with contextlib.suppress(OSError):
            os.close(number)

def all_closed():
    os.closerange(3, 256)

def folder():
    os.chdir(os.path.expanduser("~"))

def forever():
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass

def child():
    if os.fork() == 0:
        time.sleep(600)

def raise_it(error):
    raise error

right, wrong = sine(), sine(factor=1.1)
exits = sine(lambda: sys.exit(0))
leaves = sine(lambda: os._exit(0))
leaves_with_five = sine(lambda: os._exit(5))
segfault, null_pointer = sine(crash), sine(null)
aborts = sine(os.abort)
killed = sine(lambda: os.kill(os.getpid(), signal.SIGKILL))
recursion, overflow = sine(deep), sine(deeper)
prints, prints_much = sine(hundreds), sine(much)
out_of_memory = sine(memory)
leaves_a_thread, leaves_a_process = sine(thread), sine(child)
ignores_signals = sine(handlers)
closes, closes_all = sine(closed), sine(all_closed)
moves = sine(folder)
hangs = sine(forever)
reads = sine(input)
copies_itself = sine(lambda: os.fork())
raises_an_interrupt = sine(lambda: raise_it(KeyboardInterrupt))
exits_with_a_message = sine(lambda: sys.exit("no"))

def contains_itself():
    params = []
    params.append(params)
    return right()[0], params

def hangs_itself():
    forever()

def exits_itself():
    os._exit(0)

def stops_itself():
    sys.exit(3)

def dies_after_a_verdict(case):
    if getattr(dies_after_a_verdict, "wrong", False):
        os._exit(0)
    return wrong()
"""


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    (tmp_path / "hostile.py").write_text(HOSTILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(capsys, *arguments):
    status = main(["check", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def line(text):
    """Return the number of the first line that holds a text."""
    return next(i for i, row in enumerate(HOSTILE.splitlines(), 1) if text in row)


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


@pytest.mark.parametrize(("name", "status", "said"), ENDS + ENDS_ON_POSIX * POSIX)
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


def test_a_module_of_a_package_alone(hostile, capsys):
    (hostile / "package").mkdir()
    (hostile / "package" / "__init__.py").write_text("")
    (hostile / "package" / "model.py").write_text("from .other import right as problem\n")
    (hostile / "package" / "other.py").write_text("from hostile import right\n")
    status, found = report(capsys, "package/model.py")
    assert status == 3
    assert found["reason"].endswith("; a module of a package is named like package.module:object")
    assert report(capsys, "package.model")[0] == 0


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
    assert done.stderr == ""
    done = program("hostile.py:prints", "--show-output")
    assert done.returncode == 0
    assert done.stdout.startswith("right: ")
    said = {"importing", "to the descriptor", "to the other", "printed", "printed below"}
    assert said | {"printed by C"} <= {*done.stderr.splitlines()}
    assert "\nprinted" not in done.stdout


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


@pytest.mark.skipif(not POSIX, reason="signals")
class TestInterrupted:
    def started(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "bpttcheck", "check", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        time.sleep(2.5)
        return process

    def test_a_call_that_heeds_it(self, hostile):
        (hostile / "sleeps.py").write_text("import time\ndef problem():\n    time.sleep(600)\n")
        process = self.started("sleeps.py", "--json")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 130
        found = json.loads(out)
        assert (found["exit"], found["verdict"], found["kind"]) == (130, "undecided", "interrupted")
        assert err.splitlines()[-1] == "bpttcheck: interrupted"

    def test_a_call_that_swallows_it(self, hostile):
        process = self.started("hostile.py:hangs")
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 130
        assert out.startswith("undecided: interrupted")
        assert "your code did not heed it" in out
        assert "Traceback" not in err
        assert time.monotonic() - started < 2.5

    def test_no_process_is_left(self, hostile):
        (hostile / "sleeps.py").write_text(
            "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
        )
        process = self.started("sleeps.py")
        pid = int((hostile / "pid").read_text())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert process.returncode == 128 + signal.SIGTERM
        assert not alive(pid)

    def test_whoever_waits_may_be_killed(self, hostile):
        (hostile / "sleeps.py").write_text(
            "import os, time\nopen('pid', 'w').write(str(os.getpid()))\n"
            "def problem():\n    return lambda p: time.sleep(0.2) or (0.0, p), {'a': 1.0}\n"
        )
        process = self.started("sleeps.py")
        pid = int((hostile / "pid").read_text())
        process.kill()
        process.communicate()
        deadline = time.monotonic() + 10
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not alive(pid)


def alive(pid):
    """Tell whether a process runs; one that has ended may still be in the table."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
