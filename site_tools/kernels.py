"""Kernels that are forked from a process which has imported what every notebook imports.

To start Python, IPython and the package takes a second each time, and a build has a dozen
notebooks. Where a system cannot fork, kernels start as they always do.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import local_provisioner

_LOADED = ["__main__", "ipykernel.kernelapp", "bpttcheck.notebook", "bpttcheck.figures"]


def fork() -> None:
    """Fork the kernels that are started from now on.

    Not for a server, which outlives a change of the package: what is loaded stays as it was.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        # A fork looks for this module, and MkDocs takes back what a hook adds to the path.
        root = str(Path(__file__).resolve().parents[1])
        if root not in sys.path:
            sys.path.insert(0, root)
        # A manager calls no more of a process than Forked has.
        local_provisioner.launch_kernel = _launched  # type: ignore[assignment]


class Forked:
    """A forked kernel, as a kernel's manager knows a process."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self._process = process
        self.pid: int = process.pid

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        status: int | None = self._process.exitcode
        return status

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end, and return the exit status."""
        self._process.join(timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _launched(command: list[str], cwd: str | None = None, env: Any = None, **_: Any) -> Forked:
    """Fork a kernel in the place of ``python -m ipykernel_launcher ARGUMENTS``."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    begun, begins = context.Pipe(duplex=False)
    arguments = command[command.index("ipykernel_launcher") + 1 :]
    # A daemon ends with the build, should that be cut short.
    process = context.Process(
        target=_run, args=(arguments, cwd, dict(env or os.environ), begins), daemon=True
    )
    process.start()
    begins.close()  # else one that dies here would be waited for
    try:
        begun.recv()  # signals go to its group, which until now was ours
    except EOFError:
        process.join()
        raise RuntimeError(f"a forked kernel ended with status {process.exitcode}") from None
    return Forked(process)


def _run(arguments: list[str], cwd: str | None, env: dict[str, str], begins: Connection) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    if cwd:
        os.chdir(cwd)
    begins.send(True)
    from ipykernel.kernelapp import launch_new_instance

    # It ends when its parent does; the environment has been read when the module was imported.
    launch_new_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
