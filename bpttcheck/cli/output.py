"""Where results go: stdout, whatever has become of it."""

from __future__ import annotations

import contextlib
import os
import sys

COLOURS = {"right": "\x1b[32m", "wrong": "\x1b[1;31m", "undecided": "\x1b[33m"}
PLAIN = "\x1b[0m"


class CannotWrite(Exception):
    """Stdout takes no more: the message says why. ``gone``: its reader has left, as head does."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"cannot write to stdout: {error.strerror or error}")
        self.gone = isinstance(error, BrokenPipeError)


def say(text: str) -> None:
    """Print a line or several on stdout, now.

    Raises:
        CannotWrite: the disk is full, the reader has left, and the like.
    """
    try:
        print(text.encode("utf-8", "backslashreplace").decode("utf-8"), flush=True)
    except OSError as error:
        hush()
        raise CannotWrite(error) from error


def complain(text: str) -> None:
    """Print a line on stderr, if there is one: never on stdout, where only results are."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr, flush=True)


def hush() -> None:
    """Let what Python still has to write to stdout go nowhere, so that it does not complain."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        stdout = sys.stdout.fileno()  # first: where there is none, nothing is opened
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stdout)
        os.close(nowhere)


def coloured(verdict: str, text: str) -> str:
    """Return a text that begins with a verdict, the verdict in its colour on a terminal."""
    if not _colours() or not text.startswith(verdict) or verdict not in COLOURS:
        return text
    return f"{COLOURS[verdict]}{verdict}{PLAIN}{text[len(verdict) :]}"


def _colours() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return terminal and os.environ.get("TERM") not in ("dumb", "unknown")


def ensure_streams() -> None:
    """Open what is closed of the standard streams, so that no pipe of ours takes its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
