"""How the process that ran the user's code ended, in words."""

from __future__ import annotations

import re
import signal

from bpttcheck.check.program.raised import innermost
from bpttcheck.cli.events import LOST

FRAME = re.compile(r'^  File "(?P<file>[^"]*)", line (?P<line>\d+) in ', re.MULTILINE)
"""A line of a trace that faulthandler writes, the innermost first."""

THREAD = re.compile(r"^(?:Current thread|Thread) .*$", re.MULTILINE)

ACCESS_VIOLATION, STACK_OVERFLOW = 0xC0000005, 0xC00000FD
"""Exit statuses of Windows."""


def place(trace: str) -> str:
    """Return the user's line in the trace of a crash or a hang, such as ``model.py:88``."""
    stacks = [
        [(m["file"], int(m["line"])) for m in FRAME.finditer(part)][::-1]
        for part in THREAD.split(trace)
    ]
    main = [stack for stack in stacks if any("child.py" in file for file, _ in stack)]
    return next((found for stack in main or stacks if (found := innermost(stack))), "")


def death(status: int | None, trace: str) -> tuple[str, str]:
    """Return the kind and the words for a process that ended before its report.

    Arguments:
        status: of its exit, negative for a signal; None if it lives, but cannot be heard.
        trace: what faulthandler wrote.
    """
    at = f" at {found}" if (found := place(trace)) else ""
    who = "the process that ran your code"
    if status is None or status == LOST:
        return "closed", (
            f"{who} closed the file descriptor that its report comes through, "
            "and did not open: it cannot be heard"
        )
    if status == -getattr(signal, "SIGKILL", 9):
        return "died", f"{who} was killed (SIGKILL), as systems do where memory runs out"
    if status < 0:
        return "died", f"{who} died: {_signal(-status)}{at}"
    if status in (ACCESS_VIOLATION, STACK_OVERFLOW):
        what = "access violation" if status == ACCESS_VIOLATION else "stack overflow"
        return "died", f"{who} died: {what}{at}"
    return "died", f"{who} left with exit status {status}, as os._exit({status}) does"


def _signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    said = signal.strsignal(number)
    return f"{said.lower()} ({name})" if said else name


def hang(budget: float, trace: str, case: str) -> str:
    """Return the words for a process that was still busy when its time was over."""
    found = place(trace)
    doing = f"; it was at {found}" if found else ""
    return f"no end within {budget:g} s{doing}{f', in the case {case}' if case else ''}"
