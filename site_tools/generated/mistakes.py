"""The gallery of mistakes: one line changed, the smallest case that shows it, and the diagnosis."""

from __future__ import annotations

from typing import Any

from bpttcheck.check.gallery import NETWORKS
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE
from site_tools.gallery import recorded
from site_tools.generated.prose import definitions, fenced, folded, plain, to_identity

_TOP = """# A gallery of mistakes

Find the slip that looks like yours, and the smallest case that would have shown it. Each exhibit is
one changed line of the backward pass of a vanilla RNN or a gated cell; the case and the cause are
what `bpttcheck check` said when it was run on it. How to run it on your own code:
[Check your own backward pass](../how-to/check-your-backward-pass.md). Some of them are
[a quiz](../tutorials/quiz.md).

A case is minimal: one step, sequence, input, state or output less, and this slip makes no
difference, unless the case has one of them already.
"""


def page() -> str:
    """Return the page."""
    exhibits = recorded()
    parts = [_TOP, _rest(set(CATALOGUE) - set(exhibits)), "## All of them"]
    parts += [_table(network, exhibits) for network in NETWORKS]
    for network, (source, _) in NETWORKS.items():
        parts.append(f"## The {network}")
        parts.append(folded("The right backward pass, whole", [fenced("text", source)]))
        parts += [
            _exhibit(k, found) for k, found in exhibits.items() if found["network"] == network
        ]
    return "\n\n".join(parts) + "\n"


def _rest(names: set[str]) -> str:
    """Say which diagnoses have no exhibit."""
    listed = ", ".join(f"`{name}`" for name in CATALOGUE if name in names)
    return (
        "Not shown are those that need sizes that happen to be equal, gates in one array or a loop"
        f" of another form, and those that others cannot be told from: {listed}."
    )


def _table(network: str, exhibits: dict[str, Any]) -> str:
    lines = [f"| {network}: slip | smallest case | wrong gradients |", "|:--|:--|:--|"]
    for name, found in exhibits.items():
        if found["network"] != network:
            continue
        gradients = ", ".join(f"`{block}`" for block in found["wrong"])
        lines.append(
            f"| [{plain(CATALOGUE[name].does)}](#{name}) | {case_in_words(found)} | {gradients} |"
        )
    return "\n".join(lines)


def case_in_words(found: dict[str, Any]) -> str:
    """Return the sizes of an exhibit's smallest case that are larger than one, and its regime."""
    case = found["case"]
    larger = [f"{size} = {case[size]}" for size in "TBmnp" if case[size] > 1]
    regime = {"given": "", "no zeros": "biases not zero", "saturated": "saturated"}[case["regime"]]
    return ", ".join([*larger, *([regime] if regime else [])]) or "all sizes 1"


def _exhibit(name: str, found: dict[str, Any]) -> str:
    entry = CATALOGUE[name]
    needs = " ".join(f"{line[:1].upper()}{line[1:]}." for line in found["needs"])
    right, identity = found["right"] if found["cause"] == name else (entry.right, entry.identity)
    link = f" ({to_identity(identity)})" if identity else ""
    told = [
        ("Smallest case", f"{case_in_words(found)}. {needs}".strip()),
        ("Right", plain(right) + link),
        ("Diagnosis", _diagnosis(name, found)),
    ]
    change = fenced("diff", f"- {found['right_line']}\n+ {found['wrong_line']}")
    heading = f"### `{name}` {{ #{name} }}"
    does = plain(entry.does)
    return "\n\n".join([heading, f"{does[:1].upper()}{does[1:]}.", change, definitions(told)])


def _diagnosis(name: str, found: dict[str, Any]) -> str:
    if found["cause"] == name:
        return "named, and no other."
    if found["cause"] is None:
        return "none: at the points that were tried, several mistakes do the same."
    return f"`{found['cause']}`."
