"""Passages of hand-written pages that hold numbers, and so are written by the build."""

from __future__ import annotations

from bpttcheck.claims import CLAIMS
from bpttcheck.distributions import DISTRIBUTIONS
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements import judge
from bpttcheck.verification import Result, examine, trusted_base
from site_tools import decisions
from site_tools.generated.claims import count
from site_tools.generated.counterexamples import one_line
from site_tools.generated.prose import badge, formula, to_claim, to_identity


def numbers(result: Result) -> str:
    """Return the result of the build in numbers."""
    wrong = sum(len(d.rejected) for d in result.identities.values())
    generated = sum(d.generated - len(REGISTRY[d.id].equivalent)
                    for d in result.identities.values())  # fmt: skip
    exact = sum(d.evidence.level == "exact" for d in result.identities.values())
    hold = sum(d.verdict == "holds" for d in result.identities.values())
    kinds = f"{exact} are decided exactly in a finite field, the other {hold - exact} are enclosed"
    mistakes = f"{wrong} of those are mistakes that people make, the others are generated"
    rows = [
        f"{hold} identities hold: {kinds} in ball arithmetic.",
        f"{wrong + generated:,} wrong versions of them are all rejected; {mistakes}.",
        count(result),
    ]
    return "\n".join(f"- {row}" for row in rows)


def refuted(name: str, result: Result) -> str:
    """Return a refuted claim: as printed, and the case that refutes it."""
    claim, found = CLAIMS[name], result.claims[name].counterexample
    assert found is not None, name
    link = to_claim(name, "../reference/claims.md")
    return f"{formula(claim.printed)}\n\n{link}: {one_line(found)}."


def levels(name: str, result: Result) -> str:
    """Return every badge of one identity, each on a line of its own."""
    lines = result.identities[name].evidence.lines()
    link = to_identity(name, "../reference/identities/")
    shown = "\n".join(f"- {badge(line.split(' ')[0], line)}" for line in lines)
    return f"These are the badges of {link}:\n\n{shown}"


def settings() -> str:
    """Return the numbers that the decisions of this build rest on."""
    screen, resolution = judge.SCREEN.hex().partition("p")[2], judge.RESOLUTION_BITS
    cases = [len(model.exact_cases()) for model in MODELS.values()]
    rows = [
        ("random cases a model, in float64", str(decisions.EXAMPLES)),
        ("distributions of values among them", ", ".join(DISTRIBUTIONS)),
        ("difference of the terms that sends a case to the balls",
         f"2<sup>{screen.replace('-', '−')}</sup>"),
        ("radius, relative to the terms, that the balls must reach", f"2<sup>−{resolution}</sup>"),
        ("cases enclosed in balls", str(examine.ENCLOSED)),
        ("cases decided in the finite field", f"{min(cases)} to {max(cases)}, by model"),
    ]  # fmt: skip
    table = ["| Setting | Value |", "|:--|:--|"]
    return "\n".join([*table, *(f"| {what} | {value} |" for what, value in rows)])


def kernel(result: Result) -> str:
    """Return what the kernel consists of, and of how many identities it has an opinion."""
    exact = [d for d in result.identities.values() if d.evidence.level == "exact"]
    reached = sum(d.evidence.exact.kernel > 0 for d in exact)
    files = (*trusted_base.KERNEL, *trusted_base.HANDED_OVER)
    return f"It agrees with {reached} of the {len(exact)} that are exact.\n\n{_trusted(files)}"


def judge_and_numbers() -> str:
    """Return what has to be right for verdicts beyond the kernel."""
    return _trusted((*trusted_base.JUDGE, *trusted_base.DICTIONARY))


def _trusted(files: tuple[trusted_base.Trusted, ...]) -> str:
    table = ["| File | Lines | What it does | If it were wrong |", "|:--|--:|:--|:--|"]
    rows = [f"| `{f.path}` | {f.lines} | {f.does} | {f.otherwise} |" for f in files]
    return "\n".join([*table, *rows])
