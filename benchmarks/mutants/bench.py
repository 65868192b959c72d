"""A copy of the repository, in which a file may be wrong, and processes that are asked about it.

Each question is a fork of this process, which has imported the heavy libraries and nothing of the
package: the copy's is imported anew, as it stands, by the fork and by the programs it starts.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmarks.mutants.chosen import environment

HEAVY = (
    *("numpy", "numpy.testing", "flint", "hypothesis", "hypothesis.strategies", "pytest"),
    *("scipy.linalg.cython_blas", "numba", "jsonschema", "torch", "jax", "jax.numpy"),
)


Question: TypeAlias = Callable[[Path], int]


@dataclass(frozen=True)
class Answer:
    """What came of a question.

    Attributes:
        status: the exit status; None where the process was ended, or ended itself.
        said: what it left to be read.
        seconds: of processor time, its own and that of the programs it waited for.
    """

    status: int | None
    said: dict[str, object]
    seconds: float


class Bench:
    """A copy of what git knows of a repository.

    Arguments:
        root: the repository.
        folder: where the copy is made, and where its caches lie.
        day: the day of the tests, see ``tests/day.py``.
        heavy: what is imported once, for all.
    """

    def __init__(self, root: Path, folder: Path, day: str, heavy: Sequence[str] = HEAVY) -> None:
        self.copy = folder / "copy"
        self.day = day
        self._folder, self._count = folder, 0
        listed = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"],
            cwd=root, capture_output=True, check=True, text=True,
        ).stdout  # fmt: skip
        for name in filter(None, listed.split("\0")):
            if (root / name).is_file():
                (self.copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self.copy / name)
        for name in heavy:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)

    @contextlib.contextmanager
    def holding(self, path: str, text: str) -> Iterator[None]:
        """Let a file of the copy have another text for a while.

        Its time is another for every text: compiled code is kept by a file's time and size.
        """
        file = self.copy / path
        right, times = file.read_bytes(), file.stat()
        self._count += 1
        try:
            file.write_text(text, encoding="utf-8")
            os.utime(file, (times.st_atime, times.st_mtime + 1000 + self._count))
            yield
        finally:
            file.write_bytes(right)
            os.utime(file, (times.st_atime, times.st_mtime))

    def ask(self, question: Question, seconds: float, *, fresh: bool = False) -> Answer:
        """Return what a process of its own finds.

        Arguments:
            question: called there with a file that it may write JSON to; returns the exit status.
            seconds: of processor time; it may wait ten times as long for its turn.
            fresh: whether Numba compiles anew, as it has to where what it compiles has changed.
        """
        left = self._folder / "answer.json"
        left.unlink(missing_ok=True)
        numba = self._folder / ("numba-fresh" if fresh else "numba")
        if fresh:
            shutil.rmtree(numba, ignore_errors=True)
        sys.stdout.flush()
        sys.stderr.flush()
        process = os.fork()
        if not process:
            self._child(question, left, seconds, numba)
        ended, status, used = False, 0, None
        try:
            ended, status, used = _waited(process, 10 * seconds + 60)
        finally:  # whatever happens here, and whatever it started and left behind
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            if not ended:
                _, status, used = os.wait4(process, 0)
        said = json.loads(left.read_text(encoding="utf-8")) if left.exists() else {}
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) and ended else None
        return Answer(code, said, round(used.ru_utime + used.ru_stime, 2))

    def _child(self, question: Question, left: Path, seconds: float, numba: Path) -> None:
        code = 70
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 5))
            os.chdir(self.copy)
            os.environ.update(environment(self.day, self.copy))
            os.environ["NUMBA_CACHE_DIR"] = str(numba)
            os.environ["XDG_CACHE_HOME"] = str(self._folder / "cache")
            with contextlib.suppress(ImportError):
                import numba as compiler

                compiler.config.CACHE_DIR = str(numba)
            here = str(Path(__file__).resolve().parents[2])
            sys.path[:] = [str(self.copy), *(p for p in sys.path if p not in ("", here))]
            for name in [n for n in sys.modules if n.partition(".")[0] == "benchmarks"]:
                del sys.modules[name]
            output = os.open(self._folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            code = question(left)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)


def _waited(process: int, seconds: float) -> tuple[bool, int, resource.struct_rusage | None]:
    """Return whether a process ended in time, its status and what it used."""
    until = time.monotonic() + seconds
    pause = 0.01
    while time.monotonic() < until:
        found, status, used = os.wait4(process, os.WNOHANG)
        if found:
            return True, status, used
        time.sleep(pause)
        pause = min(0.1, 1.3 * pause)
    return False, 0, None
