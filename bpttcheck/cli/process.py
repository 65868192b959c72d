"""The other process, as the one that waits sees it: started, listened to, ended."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from bpttcheck.cli import events

PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1])['path']; "
    "from bpttcheck.cli.child import main; main()"
)

DRAIN = 0.5
"""Seconds in which the last words of a dead process arrive, if another holds its pipe open."""


class Process:
    """Runs the user's code in a session of its own, whose every process ends with it."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        reading, writing = os.pipe()
        try:
            self._process = _started(request, writing)
        finally:
            os.close(writing)
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closed = False
        self._died: float | None = None
        self._strange: list[bytes] = []
        threading.Thread(target=self._read, args=(reading,), daemon=True).start()

    def _read(self, reading: int) -> None:
        with open(reading, "rb") as pipe:
            for line in pipe:
                self._lines.put(line)
        self._lines.put(None)

    def event(self, seconds: float) -> dict[str, Any] | None:
        """Return the next event, or None where none comes within some seconds."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        if line is None:
            self._closed = True
            return None
        found = events.read(line)
        if found is None:
            self._strange.append(line)
        return found

    @property
    def trace(self) -> str:
        """What came that was no event: where a crash or a hang was."""
        return b"".join(self._strange).decode("utf-8", "replace")

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it lives."""
        return self._process.poll()

    @property
    def ended(self) -> bool:
        """Whether nothing more can come: it is dead and has been heard, or cannot be heard."""
        if self._died is None and (self._closed or self.status is not None):
            self._died = time.monotonic()
        if self._died is None:
            return False
        heard = self._closed and self.status is not None
        return heard or time.monotonic() > self._died + DRAIN

    def interrupt(self) -> None:
        """Do what Ctrl-C does."""
        if sys.platform == "win32":
            self._process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            self._process.send_signal(signal.SIGINT)

    def end(self, seconds: float = 0.0) -> None:
        """Wait until it has left, and end it and all that it started."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._kill(getattr(signal, "SIGTERM", None))
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
        finally:
            self._kill(getattr(signal, "SIGKILL", None))
            self._process.wait()

    def _kill(self, how: signal.Signals | None) -> None:
        """Send a signal to the whole session; where there are none, end the process alone."""
        if sys.platform == "win32" or how is None:
            self._process.kill()
            return
        # macOS denies permission where every process of the session has left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, how)


def _started(request: Mapping[str, Any], writing: int) -> subprocess.Popen[bytes]:
    flags: list[str] = getattr(subprocess, "_args_from_interpreter_flags", list)()
    # The current folder comes last until ours is imported: a numpy.py in it is not ours.
    here = os.getcwd()
    path = [entry or here for entry in sys.path]
    path.sort(key=lambda entry: entry == here)
    how: dict[str, Any] = {}
    if sys.platform == "win32":
        import msvcrt

        pipe = msvcrt.get_osfhandle(writing)
        os.set_handle_inheritable(pipe, True)
        how["startupinfo"] = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [pipe]})
        how["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        pipe = writing
        how |= {"pass_fds": (writing,), "start_new_session": True}
    asked = json.dumps({**request, "pipe": pipe, "path": path})
    # No module of the current folder is taken for one of ours or of Python's: -P.
    command = [sys.executable, *flags, "-P", "-c", PROGRAM, asked]
    null = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=null, stdout=null, **how)
