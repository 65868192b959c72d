"""What the machine decides, once a build; a decision that is not the expected one stops it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from mkdocs.exceptions import PluginError

from bpttcheck import expected
from bpttcheck.claims import CLAIMS
from bpttcheck.identities import REGISTRY
from bpttcheck.verification import Result, verify
from bpttcheck.verification.sources import fingerprint
from bpttcheck.verification.stored import VARIABLE, Decisions
from bpttcheck.verification.workers import cores
from site_tools import cached

EXAMPLES = 60
"""Random cases a model. The command takes more: a page that is read again and again while it is
written cannot wait for them, and says how many it was."""


@cache
def start() -> Future[Result]:
    """Start to decide everything, in other processes; the build goes on with what needs none of it.

    It is done once a process: `mkdocs serve` must be restarted to see other decisions.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="decisions")
    decided = pool.submit(_everything)
    pool.shutdown(wait=False)
    return decided


def everything() -> Result:
    """Return the decisions on every identity and claim.

    A build keeps them in a file, which the notebooks of the same build read, and the next build
    too unless it is asked to start afresh.

    Raises:
        PluginError: one of them is not as in the committed table.
    """
    return start().result()


def _everything() -> Result:
    path = cached.folder() / f"decisions-{fingerprint()}.pickle"
    kept = Decisions(path, believed=not cached.afresh())
    names = [identity.id for identity in REGISTRY]
    result = verify(names, CLAIMS, max_examples=EXAMPLES, jobs=cores(), kept=kept)
    cached.remove_others("decisions-*.pickle", path)
    os.environ[VARIABLE] = str(path)
    return as_expected(result)


def decide(identities: Iterable[str], claims: Iterable[str], max_examples: int) -> Result:
    """Return the decisions on some identities and claims.

    Raises:
        PluginError: one of them is not as in the committed table.
    """
    return as_expected(verify(identities, claims, max_examples=max_examples, jobs=cores()))


def as_expected(result: Result) -> Result:
    """Return the decisions.

    Raises:
        PluginError: one of them is not as in the committed table.
    """
    surprises = expected.surprises(result, expected.load())
    if surprises:
        lines = "\n".join(f"  {line}" for line in surprises)
        raise PluginError(
            f"The ledger is not as bpttcheck/expected.toml says, so nothing is published:\n{lines}"
        )
    return result
