"""A budget that bounds every call of a check, whatever the step that makes it."""

import gc
import signal
import time
import weakref
from functools import partial

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.program.clock import (
    Clock,
    OutOfTime,
    Spent,
    available,
    current,
    many_limits,
    time_limit,
    within,
)

A = {"a": np.array([0.5, -1.0])}


def good(params):
    return np.sin(params["a"]).sum(), {"a": np.cos(params["a"])}


def test_a_clock_counts_down():
    seconds = [0.0]
    clock = Clock(10.0, now=lambda: seconds[0])
    assert (clock.left, clock.over) == (10.0, False)
    clock.strike()
    seconds[0] = 11.0
    assert (clock.left, clock.over) == (0.0, True)
    with pytest.raises(Spent):
        clock.strike()
    assert Clock().left == float("inf")


def test_a_budget_ends_between_two_calls():
    calls = [0]

    def counted(params):
        calls[0] += 1
        return good(params)

    with pytest.raises(Spent), within(Clock(5.0, now=lambda: float(calls[0]))):
        check_gradients(counted, A)
    assert calls[0] == 5
    assert current().left == float("inf")
    assert check_gradients(counted, A).ok


@pytest.mark.skipif(not available(), reason="no alarm on this platform or thread")
def test_a_budget_ends_within_a_call():
    def slow(params):
        time.sleep(30)
        return good(params)

    start = time.monotonic()
    with pytest.raises(Spent), within(Clock(0.05)):
        check_gradients(slow, A)
    assert time.monotonic() - start < 10
    assert check_gradients(slow, A, seconds=0.05).kind == "time"  # a limit on a call is no budget


@pytest.mark.skipif(not available(), reason="the platform has no alarm")
def test_an_alarm_waits_for_a_callback_of_the_garbage_collector(monkeypatch):
    """What is raised there is swallowed, and printed as if it were an error."""
    swallowed, ends = [], []

    def slow(phase, _info):
        if phase == "stop":
            end = time.monotonic() + 0.05
            while time.monotonic() < end:
                pass
            ends.append(end)

    def forever():
        gc.collect()
        while True:
            pass

    monkeypatch.setattr("sys.unraisablehook", swallowed.append)
    gc.callbacks.append(slow)
    try:
        with pytest.raises(OutOfTime), time_limit(0.01):
            forever()
    finally:
        gc.callbacks.remove(slow)
    assert ends
    assert swallowed == []


class Slow:
    """Something whose end takes longer than a limit."""

    def __init__(self):
        self.ends = []

    def append(self, _key=None):
        self.ends.append(time.monotonic() + 0.05)
        while time.monotonic() < self.ends[-1]:
            pass


class Leaving:
    """An object that runs something when it goes."""

    def __init__(self, last):
        self.last = last

    def __del__(self):
        self.last()


class Plain:
    """An object that others may refer to weakly."""


@pytest.mark.skipif(not available(), reason="the platform has no alarm")
@pytest.mark.parametrize("how", ["__del__", "weakly"])
def test_an_alarm_waits_for_what_an_object_leaves_behind(how, monkeypatch):
    slow, swallowed = Slow(), []
    monkeypatch.setattr("sys.unraisablehook", swallowed.append)
    gone = [Leaving(slow.append) if how == "__del__" else Plain()]
    weakly = {"__name__": "weakref", "slow": slow}  # as those of the standard library are
    exec("def remove(_reference): slow.append()", weakly)
    kept = weakref.ref(gone[0], weakly["remove"] if how == "weakly" else None)

    def go_on():
        gone.clear()
        _loop()

    with pytest.raises(OutOfTime), time_limit(0.01):
        go_on()
    assert kept() is None
    assert len(slow.ends) == 1
    assert swallowed == []


def _loop(_before=None):
    while True:
        pass


def _ended(seconds, within=lambda: None):
    start = time.monotonic()
    with pytest.raises(OutOfTime), time_limit(seconds):
        _loop(within())
    return time.monotonic() - start


@pytest.mark.skipif(not available(), reason="the platform has no alarm")
def test_many_limits_share_an_alarm():
    before = signal.getsignal(signal.SIGALRM)
    with many_limits():
        assert available()
        assert _ended(0.03) < 5.0
        with time_limit(0.03), pytest.raises(OutOfTime), time_limit(60.0):
            _loop()  # the limit around it is one, too
        with time_limit(60.0):
            time.sleep(0.03)
        assert _ended(0.1, within=partial(_ended, 0.01)) < 5.0  # one within it is over, it goes on
        signal.signal(signal.SIGALRM, signal.SIG_IGN)  # as somebody's code may do
        assert _ended(0.03) < 5.0
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert _ended(0.01) < 5.0


@pytest.mark.skipif(not available(), reason="the platform has no alarm")
def test_code_that_takes_the_alarm_away_is_limited_all_the_same():
    calls = []

    def value_and_grad(params):
        calls.append(1)
        if len(calls) == 1:
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)
        if len(calls) == 3:
            _loop()
        return good(params)

    before = signal.getsignal(signal.SIGALRM)
    assert check_gradients(value_and_grad, A, seconds=0.05).kind == "time"
    assert len(calls) == 3
    assert signal.getsignal(signal.SIGALRM) is before
