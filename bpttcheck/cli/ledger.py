"""``bpttcheck claims``: the ledger, decided now, or by the build that shows it."""

from __future__ import annotations

import argparse
import json
from typing import Any

from rich.markup import escape
from rich.table import Table

from bpttcheck.claims import CLAIMS, Claim
from bpttcheck.cli.screen import out, progress, styled
from bpttcheck.verification.decided import decided
from bpttcheck.verification.decision import ClaimDecision
from bpttcheck.verification.workers import cores

EXAMPLES = 60
"""Random cases a model: the ledger is for reading, ``verify`` for deciding in depth."""


def row(claim: Claim, decision: ClaimDecision) -> dict[str, Any]:
    """Return a claim with its decision, for a program to read."""
    return decision.to_dict() | {
        "says": claim.says,
        "printed": claim.printed,
        "source": {"document": claim.source.document, "place": claim.source.place},
        "condition": claim.condition,
    }


def run_claims(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    with progress() as report:
        result = decided([], CLAIMS, EXAMPLES, jobs=cores(), progress=report)
    if options.json:
        rows = [row(CLAIMS[name], decision) for name, decision in result.claims.items()]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("claim", "verdict", "what the source says"):
        table.add_column(column, no_wrap=column != "what the source says")
    for name, decision in result.claims.items():
        table.add_row(name, styled(decision.verdict), escape(CLAIMS[name].says))
    out().print(table)
    return 0
