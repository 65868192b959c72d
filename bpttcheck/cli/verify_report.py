"""What ``bpttcheck verify`` prints: tables, and whatever is not as expected."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bpttcheck.claims import CLAIMS
from bpttcheck.cli.counterexamples import counterexample_lines, failed
from bpttcheck.cli.screen import out, styled
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.verification import Result
from bpttcheck.verification.decision import IdentityDecision, StatementDecision

WORDS = {
    "holds": "hold",
    "holds-if": "hold under a condition",
    "refuted": "refuted",
    "ill-typed": "ill-typed",
    "undecided": "undecided",
}

FEW = 12
"""Up to so many identities are shown one by one without being asked."""


def as_json(
    result: Result, surprises: list[str], seconds: float, interrupted: bool
) -> dict[str, object]:
    """Return what a program reads; ``partial`` tells that not everything was decided."""
    partial = interrupted or not result.complete
    return {
        "ok": not surprises and not partial,
        "partial": partial,
        "missing": result.missing,
        "cases_left": result.left,
        "failures": [{"deciding": f.deciding, "reason": f.reason} for f in result.failures],
        "unexpected": surprises,
        "seconds": round(seconds, 2),
        "identities": [d.to_dict() for d in result.identities.values()],
        "claims": [d.to_dict() for d in result.claims.values()],
    }


def print_report(
    result: Result,
    table: dict[str, Any],
    surprises: list[str],
    seconds: float,
    options: argparse.Namespace,
) -> None:
    """Print what was decided."""
    console = out()
    if not result.identities:
        pass
    elif options.verbose or len(result.identities) <= FEW:
        console.print(_identity_table(result))
    else:
        console.print(_model_table(result))
    if result.claims:
        console.print(_claim_table(result))
    _print_failures(console, result, table, options)
    for line in surprises:
        console.print(f"[bold red]unexpected[/] {escape(line)}", soft_wrap=True)
    console.print(_closing(result, surprises, seconds), soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=column in ("identity", "claim", "model", "verdict"))
    return table


def _identity_table(result: Result) -> Table:
    table = _table("Identities", "identity", "verdict", "strongest evidence", "wrong versions")
    for decision in result.identities.values():
        evidence = (decision.evidence.lines() or ["none"])[0]
        table.add_row(decision.id, styled(decision.verdict), evidence, _rejected([decision]))
    return table


def _rejected(decisions: list[IdentityDecision]) -> str:
    total = sum(len(REGISTRY[d.id].wrong) + d.generated for d in decisions)
    equivalent = sum(len(REGISTRY[d.id].equivalent) for d in decisions)
    left = sum(len(d.survivors) for d in decisions)
    text = f"{total - equivalent - left} of {total - equivalent} rejected"
    untyped = sum(d.ill_typed for d in decisions)
    return f"{text}, {untyped} as ill-typed" if untyped else text


def _model_table(result: Result) -> Table:
    table = _table("Identities", "model", "hold", "evidence", "random cases", "wrong versions")
    for model in MODELS.values():
        mine = [d for d in result.identities.values() if REGISTRY[d.id].model == model.name]
        if mine:
            levels = Counter(d.evidence.level for d in mine)
            table.add_row(
                model.name,
                f"{sum(d.verdict == 'holds' for d in mine)} of {len(mine)}",
                ", ".join(f"{count} {level}" for level, count in levels.most_common()),
                f"{max(d.evidence.sampled.cases for d in mine):,}",
                _rejected(mine),
            )
    return table


def _claim_table(result: Result) -> Table:
    table = _table("\nClaims of the sources", "claim", "verdict", "because")
    for decision in result.claims.values():
        claim = CLAIMS[decision.id]
        because = ""
        if decision.verdict in ("refuted", "ill-typed"):
            found = decision.counterexample
            if found:
                because = f"{found.finding.reason or failed(found.finding)}; "
            because += f"right is {claim.corrected}"
        elif decision.verdict == "holds-if":
            because = f"if {claim.condition}"
        table.add_row(decision.id, styled(decision.verdict), escape(because))
    return table


def _print_failures(
    console: Console, result: Result, table: dict[str, Any], options: argparse.Namespace
) -> None:
    """Print whatever is not as expected: the statement, the case, both sides, how to repeat it."""
    failures: list[tuple[str, str, list[StatementDecision]]] = []
    for identity in result.identities.values():
        if not identity.ok:
            failures.append((identity.id, identity.verdict, [identity]))
    for claim in result.claims.values():
        readings = table["claims"].get(claim.id, {}).get("readings", {})
        for reading in claim.readings:
            if readings.get(reading.name) != reading.verdict:
                failures.append((claim.id, reading.verdict, reading.parts))
    seed = "" if options.seed is None else f" --seed {options.seed}"
    for name, verdict, parts in failures:
        console.print(f"\n[bold red]{name}[/] is {verdict}")
        lines = [f"  says  {part.says}" for part in parts]
        found = next((c for p in parts for c in (p.counterexample, p.first_undecided) if c), None)
        lines += counterexample_lines(name, found) if found else []
        lines.append(f"  again bpttcheck verify {name} --max-examples {options.max_examples}{seed}")
        console.print(escape("\n".join(lines)), soft_wrap=True)


def _closing(result: Result, surprises: list[str], seconds: float) -> str:
    if not (result.identities or result.claims):
        return f"\nNothing is decided: {len(result.missing)} are missing. {seconds:.1f} s"
    hold = sum(d.verdict == "holds" for d in result.identities.values())
    twice = sum(d.evidence.exact.kernel > 0 for d in result.identities.values())
    text = f"\n{hold} of {len(result.identities)} identities hold, {twice} by the kernel too"
    if result.claims:
        verdicts = Counter(d.verdict for d in result.claims.values())
        counts = ", ".join(f"{verdicts[v]} {word}" for v, word in WORDS.items() if verdicts[v])
        text += f"; of {len(result.claims)} claims, {counts}"
    ending = "all as expected" if not surprises else f"{len(surprises)} not as expected"
    if result.missing:
        ending += f"; not everything: {len(result.missing)} are not decided"
    if result.left:
        ending += f"; {result.left:,} random cases were not looked at"
    return f"{text}; {ending}. {seconds:.1f} s"
