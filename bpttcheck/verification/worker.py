"""A process that does what it is sent, until nobody sends any more."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from typing import Any, BinaryIO


def main() -> None:
    """Answer calls that come through stdin."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed is no answer
    calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(calls,), daemon=True).start()
    while True:
        fn, args, kwargs = calls.get()
        # From here on, it is this call that an end is put down to.
        _send(answers, pickle.dumps("begun"))
        try:
            answer = pickle.dumps((True, fn(*args, **kwargs)))
        except Exception as error:
            answer = pickle.dumps((False, error))
        _send(answers, answer)


def _read(calls: queue.SimpleQueue[Any]) -> None:
    """Pass calls on; leave at once, whatever is being done, when there is nobody who waits."""
    while True:
        try:
            calls.put(pickle.load(sys.stdin.buffer))
        except EOFError:
            os._exit(0)
        except Exception:  # what is sent is not to be had here
            traceback.print_exc()
            os._exit(1)


def _send(answers: BinaryIO, answer: bytes) -> None:
    try:
        answers.write(answer)
        answers.flush()
    except OSError:  # nobody waits for it any more
        os._exit(0)
