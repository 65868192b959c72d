"""The ledger: what each source says, and what came of it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from bpttcheck.claims import CLAIMS, SOURCES, Claim
from bpttcheck.identities import REGISTRY
from bpttcheck.verification import Result
from bpttcheck.verification.decision import ClaimDecision, ReadingDecision
from site_tools.generated import citation
from site_tools.generated.counterexamples import one_line, repeat, sides
from site_tools.generated.prose import (
    badge,
    definitions,
    folded,
    formula,
    plain,
    to_claim,
    to_identity,
    typeset,
    verdict,
)

TOTAL = 64
"""Claims that the four sources make; those not yet decided have no row."""

_TOP = """# Claims

Look up a statement of one of the sources, see what it was taken to mean and whether that is true,
and take the corrected equation from here where it is not. Every verdict on this page was decided
when the page was built; [how](../explanation/evidence.md) is a page of its own, and so are
[the four sources](sources.md). For programs, the same ledger with all readings and counterexamples:
[claims.json](claims.json).

{count}

"""


def page(result: Result) -> str:
    """Return the page."""
    parts = [_TOP.format(count=count(result)), _summary(result)]
    for prefix, document in SOURCES.items():
        mine = [c for c in CLAIMS.values() if c.id.startswith(f"{prefix}.")]
        if mine:
            parts.append(f"## Source `{prefix}` {{#{prefix}}}\n\n{plain(_sentence(document))}")
            parts += [_entry(claim, result.claims[claim.id]) for claim in mine]
    return "\n\n".join(parts) + "\n"


def count(result: Result) -> str:
    """Return how many claims are decided, and how."""
    words = {"holds": "hold", "holds-if": "hold under a condition", "refuted": "are refuted",
             "ill-typed": "are ill-typed"}  # fmt: skip
    verdicts = Counter(decision.verdict for decision in result.claims.values())
    tally = [f"{verdicts[v]} {_singular(word, verdicts[v])}" for v, word in words.items()
             if verdicts[v]]  # fmt: skip
    decided = len(result.claims)
    all_of = "All" if decided == TOTAL else f"{decided} of the"
    return (
        f"{all_of} {TOTAL} claims of the four sources are decided: "
        f"{', '.join(tally[:-1])} and {tally[-1]}."
    )


def _singular(words: str, number: int) -> str:
    return words if number != 1 else words.replace("hold", "holds").replace("are", "is")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _summary(result: Result) -> str:
    rows = ["| Claim | Verdict | What decides |", "|:--|:--|:--|"]
    for decision in result.claims.values():
        mark = verdict(decision.verdict)
        says = plain(CLAIMS[decision.id].says)
        rows.append(f"| {to_claim(decision.id, '')}<br>{says} | {mark} | {_because(decision)} |")
    table = "\n".join(rows)
    place = "/// html | div.ledger-place\n///"  # for the filter, which comes with the scripts
    return f"{place}\n\n/// html | div.ledger\n\n{table}\n\n///"


def _because(decision: ClaimDecision) -> str:
    claim = CLAIMS[decision.id]
    if claim.condition:
        return plain(claim.condition)
    if decision.counterexample:
        return sides(decision.counterexample)
    levels = dict.fromkeys(p.evidence.level for r in decision.readings for p in r.parts)
    return " ".join(badge(level, level) for level in levels)


def _entry(claim: Claim, decision: ClaimDecision) -> str:
    label = f'data-toc-label="{claim.id}"'  # the table of contents repeats no verdicts
    corrected = ""
    if claim.corrected:
        right = REGISTRY[claim.corrected]
        corrected = f"{typeset(right)}\n\n{to_identity(right.id)}: {plain(right.title)}"
    rows = [
        ("Printed", formula(claim.printed)),
        ("Where", plain(_sentence(claim.source.place))),
        ("Condition", plain(claim.condition)),
        *(_reading(claim, i, decided) for i, decided in enumerate(decision.readings)),
        ("In general" if decision.verdict == "holds-if" else "Corrected", corrected),
    ]
    return "\n\n".join([
        f"### `{claim.id}` {verdict(decision.verdict)} {{#{claim.id} {label}}}",
        plain(claim.says),
        definitions(rows),
        citation.cite(claim.id, "an entry of the ledger of claims"),
    ])  # fmt: skip


def _reading(claim: Claim, index: int, decided: ReadingDecision) -> tuple[str, str]:
    """Return one reading: its verdict, the statements it consists of, and what refutes it."""
    reading = claim.readings[index]
    parts = [f"{plain(reading.name)}: {verdict(decided.verdict)}"]
    for (identity, statement), part in zip(reading.statements(), decided.parts, strict=True):
        if reading.is_as_registered:
            level = part.evidence.level
            parts.append(f"- {to_identity(identity.id)} {badge(level, level)}")
        else:
            parts.append(typeset(identity, statement))
    if decided.counterexample:
        parts.append(f"Counterexample: {one_line(decided.counterexample)}.")
        parts.append(folded("Repeat it", [repeat(claim.id, decided.counterexample)]))
    return "Read", _joined(parts)


def _joined(parts: list[str]) -> str:
    """Return paragraphs; the items of a list follow one another without a gap."""
    text = parts[0]
    for before, part in pairwise(parts):
        tight = before.startswith("- ") and part.startswith("- ")
        text += ("\n" if tight else "\n\n") + part
    return text
