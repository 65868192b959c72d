"""In the same process: whatever somebody's function does, nothing outside it is left changed."""

import contextlib
import decimal
import io
import os
import signal
import sys
import threading
import warnings

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check import check_problem
from bpttcheck.check.program import side_effects
from bpttcheck.check.program.process_state import undisturbed
from bpttcheck.check.program.side_effects import contained

pytestmark = pytest.mark.usefixtures("causes")


def sine(before):
    def value_and_grad(params):
        before()
        return np.sin(params["a"]).sum(), {"a": np.cos(params["a"])}

    return value_and_grad


POINT = {"a": np.array([0.3, 0.7])}


def state():
    return {
        "stdout": sys.stdout,
        "stderr": sys.stderr,
        "filters": list(warnings.filters),
        "show": warnings.showwarning,
        "folder": os.getcwd(),
        "errors": np.geterr(),
        "precision": decimal.getcontext().prec,
        "recursion": sys.getrecursionlimit(),
        "handlers": [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)],
        "random": np.random.get_state()[1].tolist(),
    }


def changes():
    print("printed")
    warnings.simplefilter("error")
    warnings.showwarning = None
    os.chdir("/")
    np.seterr(all="raise")
    decimal.getcontext().prec = 3
    sys.setrecursionlimit(5000)
    np.random.random()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    sys.stdout = sys.stderr = None


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_everything_is_put_back(folder):
    before = state()
    report = check_gradients(sine(changes), POINT)
    assert state() == before
    assert report.ok, report
    assert "value_and_grad changes the working folder" in report.notes
    assert any(note.startswith("value_and_grad prints") for note in report.notes)


def test_a_problem_is_called_as_carefully(folder, capsys):
    before = state()

    def problem():
        changes()
        return sine(changes), POINT

    report = check_problem(problem)
    assert state() == before
    assert report.ok, report
    assert capsys.readouterr() == ("", "")


def test_nothing_of_ours_follows_what_somebody_has_numpy_raise():
    """A loss of 1e307 is a number; the spread of its slopes is none."""

    def value_and_grad(p):
        h = np.tanh(p["w"])
        return 1e307 * (h**2).sum(), {"w": 1e307 * 2 * h * (1 + h**2)}

    with np.errstate(all="raise"):
        report = check_gradients(value_and_grad, {"w": np.array([0.3, -0.8])}, mend=False)
        assert np.geterr()["over"] == "raise"
    assert report.verdict == "wrong", report


def test_with_four_threads_at_once(folder, capsys):
    before = state()
    start = threading.Barrier(4, timeout=30)
    met = threading.Barrier(4, timeout=30)
    reports = {}

    def check(i):
        def once():
            changes()
            if not waited[i]:  # all four are within a call at the same time
                waited[i] = True
                met.wait()

        start.wait()
        reports[i] = check_gradients(sine(once), POINT)

    waited = [False] * 4
    threads = [threading.Thread(target=check, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(reports) == 4
    for report in reports.values():
        assert report.ok, report
        assert any(note.startswith("calls were not limited in time: ") for note in report.notes)
    assert state() == before
    assert side_effects._SHARED.running == 0
    assert capsys.readouterr() == ("", "")


def test_filters_of_each_thread(folder, monkeypatch):
    monkeypatch.setattr(side_effects, "OWN_WARNINGS", True)
    before = state()
    with contained():
        warnings.warn("kept off", stacklevel=1)
        with pytest.raises(np.exceptions.ComplexWarning):
            np.array([1j]).astype(float)
        warnings.simplefilter("error")
    assert state() == before


def test_another_thread_prints_where_it_would(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    with contained() as seen:
        print("mine")
        thread = threading.Thread(target=print, args=("another's",))
        thread.start()
        thread.join()
    assert out.getvalue() == "another's\n"
    assert seen.printed
    assert sys.stdout is out


def test_streams_that_are_closed_or_missing(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", None)
    with contained() as seen:
        print("x" * 10**6)
        sys.stdout.buffer.write(b"bytes")
        sys.stdout.close()
        with pytest.raises(ValueError, match="closed"):
            print("more")
    assert seen.printed
    assert not out.closed
    assert sys.stdout is out
    assert sys.stderr is None
    with contained() as seen:
        pass
    assert not seen.printed


def test_calls_within_calls(capsys):
    with contained() as outer:
        with contained() as inner:
            print("inner")
        assert inner.printed
        assert not outer.printed
        print("outer")
    assert outer.printed
    print("after")
    assert capsys.readouterr().out == "after\n"


@pytest.mark.skipif(not hasattr(signal, "raise_signal"), reason="signals")
def test_an_interrupt_that_is_swallowed_is_raised_after_the_call():
    def swallows():
        with contextlib.suppress(BaseException):
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    calls = []

    def call():
        calls.append(1)
        swallows()

    with pytest.raises(KeyboardInterrupt):
        check_gradients(sine(call), POINT)
    assert len(calls) == 1
    assert signal.getsignal(signal.SIGINT) is before
    with undisturbed(), contained():  # the next one knows nothing of it
        pass


def test_the_folder_may_be_gone(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert check_gradients(sine(lambda: None), POINT).ok


def test_filters_of_a_call_last_though_another_one_ends_beside_it():
    """In one process several threads call: what one of them sets is not undone by the others."""
    begun, filtered, ended = threading.Event(), threading.Event(), threading.Event()

    def other():
        with contained():
            begun.set()
            filtered.wait(10)
        ended.set()

    thread = threading.Thread(target=other)
    thread.start()
    with contained():
        assert begun.wait(10)
        warnings.simplefilter("error")
        filtered.set()
        assert ended.wait(10)
        with pytest.raises(UserWarning, match="mine"):
            warnings.warn("mine", stacklevel=1)
    thread.join()
