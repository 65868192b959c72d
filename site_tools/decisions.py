"""What the machine decides, once a build; a decision that is not the expected one stops it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from mkdocs.exceptions import PluginError

from bpttcheck import expected
from bpttcheck.claims import CLAIMS
from bpttcheck.identities import REGISTRY
from bpttcheck.verification import Result, verify
from bpttcheck.verification.workers import cores

EXAMPLES = 200
"""Random cases a model: as many as ``bpttcheck verify`` takes without being asked."""


@cache
def everything() -> Result:
    """Return the decisions on every identity and claim.

    They are made once a process: `mkdocs serve` must be restarted to see other ones.
    """
    return decide([identity.id for identity in REGISTRY], CLAIMS, EXAMPLES)


def decide(identities: Iterable[str], claims: Iterable[str], max_examples: int) -> Result:
    """Return the decisions on some identities and claims.

    Raises:
        PluginError: one of them is not as in the committed table.
    """
    result = verify(identities, claims, max_examples=max_examples, jobs=cores())
    surprises = expected.surprises(result, expected.load())
    if surprises:
        lines = "\n".join(f"  {line}" for line in surprises)
        raise PluginError(
            f"The ledger is not as bpttcheck/expected.toml says, so nothing is published:\n{lines}"
        )
    return result
