"""The process that runs the user's code: it imports TARGET, checks it, and sends what it finds.

It writes nothing but events, and those to a pipe of its own: what the user's code prints, at
whatever level, cannot be taken for a result.
"""

from __future__ import annotations

import dataclasses
import faulthandler
import inspect
import io
import json
import math
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bpttcheck.arguments.wording import in_a_line
from bpttcheck.check.program import raised
from bpttcheck.cli.events import Sender

PATIENCE = 0.1
"""Seconds between two reports of progress in one phase, and between two counts of calls."""

USAGE = re.compile(r"[A-Za-z_][\w.]*(\[[^\]]*\])*(, [a-z_]+)*: ")
"""How our messages on what was given begin: with its name."""


ROOT = str(Path(__file__).parents[1]) + os.sep


class _Asked:
    """A problem that says which case it is asked for before it runs."""

    def __init__(self, problem: Callable[..., Any], send: Sender) -> None:
        self._problem = problem
        self._send = send

    def __getattr__(self, name: str) -> Any:
        return getattr(self._problem, name)

    @property
    def __signature__(self) -> Any:
        return inspect.signature(self._problem)

    def __call__(self, *arguments: Any) -> Any:
        self._send("case", case=", ".join(map(str, arguments)))
        return self._problem(*arguments)


def main() -> None:
    """Do what the request in the first argument asks for."""
    request = json.loads(sys.argv[1])
    started = time.monotonic()
    send = Sender(_pipe(request["pipe"]))
    _check(request, started, send)
    if any(not t.daemon for t in threading.enumerate() if t is not threading.main_thread()):
        sys.stdout.flush()
        os._exit(0)  # the user's threads are not waited for


def _pipe(number: int) -> int:
    """Return the file descriptor of the pipe, which no process that this one starts inherits."""
    if sys.platform == "win32":
        import msvcrt

        number = msvcrt.open_osfhandle(number, os.O_WRONLY)
    os.set_inheritable(number, False)
    return number


def _check(request: Mapping[str, Any], started: float, send: Sender) -> None:
    try:
        import bpttcheck.check.search.problem  # noqa: F401 : before the user's folder is on the path
        from bpttcheck.check.program.target import TargetError
    except Exception as error:
        _ours(error, send)
        return
    _settle(request, send)
    send("started")
    try:
        _run(request, started, send)
    except TargetError as wrong:
        send("error", kind="usage", message=str(wrong))
    except KeyboardInterrupt as stopped:
        report = getattr(stopped, "report", None)
        if report is None:
            send("interrupted")
        else:
            _report(report, send, event="interrupted")
    except MemoryError as error:
        send("stopped", kind="memory", reason=f"memory ran out{_at(error)}")
    except (TypeError, ValueError) as error:
        file = in_a_line(request["replay"]) if request["replay"] else "\0"
        named = USAGE.match(str(error)) or str(error).startswith(file)
        if named and _from_us(error):
            send("error", kind="usage", message=str(error))
        else:
            _unexpected(error, send)
    except BaseException as error:  # a limit of ours that nobody kept is one too
        _unexpected(error, send)


def _from_us(error: BaseException) -> bool:
    """Tell whether an error was raised by a line of this package."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename.startswith(ROOT)


def _at(error: BaseException) -> str:
    place = raised.where(error)
    return f" at {place}" if place else ""


def _unexpected(error: BaseException, send: Sender) -> None:
    """Send an error that nothing kept: the user's, if it comes from a line of theirs that we ran.

    Arrays and mappings of theirs run their code wherever they are touched.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [i for i, frame in enumerate(frames) if frame.filename.startswith(ROOT)]
    if isinstance(error, RecursionError):
        place = f" at {found}" if (found := raised.where(error)) else ""
        reason = f"recursion without end{place}, as in parameters that contain themselves"
        send("stopped", kind="raised", reason=reason)
        return
    called = [(f.filename, f.lineno or 0) for f in frames[ours[-1] + 1 if ours else 0 :]]
    if raised.innermost(called):
        send("stopped", kind="raised", reason=f"raised {raised.said(error)}")
    else:
        _ours(error, send)


def _ours(error: BaseException, send: Sender) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    send(
        "error",
        kind="internal",
        message=f"{type(error).__name__}: {raised.message(error)}{place}",
        traceback="".join(traceback.format_exception(error)),
    )


def _settle(request: Mapping[str, Any], send: Sender) -> None:
    """Turn this process over to the user's code: no output of it, no files of ours."""
    from bpttcheck.check.program import side_effects

    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "win32":  # the only one that reaches a process group of its own
        signal.signal(signal.SIGBREAK, signal.default_int_handler)
    sys.dont_write_bytecode = True
    sys.argv = [request["target"].rpartition(":")[0] or request["target"]]
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    side_effects.process = os.getpid()
    side_effects.before_each = _Calls(send)
    side_effects.shown = request["show_output"]
    if request["show_output"]:
        os.dup2(2, 1)
    else:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.close(nowhere)
    faulthandler.enable(send.pipe, all_threads=False)
    # It says where the code hangs, and ends a process that nobody waits for any more.
    faulthandler.dump_traceback_later(request["dies_after"], exit=True, file=send.pipe)


def _run(request: Mapping[str, Any], started: float, send: Sender) -> None:
    from bpttcheck.check.program.clock import OutOfTime, time_limit
    from bpttcheck.check.program.target import ImportRaised, load

    budget: float = request["budget"]

    def left() -> float:
        return max(budget - (time.monotonic() - started), 1e-3)

    try:
        with time_limit(left()):
            problem = load(request["target"])
    except ImportRaised as error:
        send("stopped", kind="raised", reason=str(error))
        return
    except OutOfTime as late:
        reason = f"importing {request['target']}: no end within {budget:g} s{_at(late)}"
        send("stopped", kind="time", reason=reason)
        return
    options = {
        **request["options"],
        "budget": min(budget, math.ceil(left())),  # what an import takes is not told to parts
        "progress": _Progress(send),
        "on_verdict": lambda report: _report(report, send, "verdict"),
        "on_report": lambda report: _report(report, send, "so far"),
    }
    report = _checked(_Asked(problem, send), options, request["replay"])
    report = dataclasses.replace(report, target=request["target"])
    if request["save_case"]:
        send("saved", text=_saved(report, request["save_case"]))
    _report(report, send)


def _checked(problem: _Asked, options: dict[str, Any], replayed: str | None) -> Any:
    """Return the report of a search, or of a kept case."""
    from bpttcheck import check  # it loads what of it is asked for
    from bpttcheck.ranges import cases_from_text

    if replayed is not None:
        return check.replay(replayed, problem, **options)
    if isinstance(options.get("cases"), str):
        options["cases"] = cases_from_text(options["cases"])
    return check.check_problem(problem, **options)


def _saved(report: Any, path: str) -> str:
    """Return what became of the case that is to be kept."""
    try:
        report.save_case(path)
    except (OSError, ValueError) as error:
        return f"no case was saved: {raised.message(error)}"
    return f"case saved; again: bpttcheck check {report.target} --replay {path}"


class _Calls:
    """Counts calls of the user's code, and sends the count now and then."""

    def __init__(self, send: Sender) -> None:
        self._send = send
        self._count = 0
        self._last = 0.0

    def __call__(self) -> None:
        self._count += 1
        now = time.monotonic()
        if now > self._last + PATIENCE:
            self._last = now
            self._send("calls", count=self._count)


class _Progress:
    """Sends progress, but not more of it than anybody can read."""

    def __init__(self, send: Sender) -> None:
        self._send = send
        self._last: tuple[str, float] = ("", 0.0)

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        phase, then = self._last
        if what != phase or done == total or now > then + PATIENCE:
            self._last = what, now
            self._send("progress", what=what, done=done, total=total)


def _report(report: Any, send: Sender, event: str = "report") -> None:
    send(event, text=str(report), report=report.to_dict())
