"""The gallery of mistakes: one line changed, the smallest case that shows it, and the diagnosis."""

from __future__ import annotations

from typing import Any

from bpttcheck.check.gallery import NETWORKS
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE
from site_tools.gallery import recorded
from site_tools.generated.prose import definitions, fenced, folded, plain, to_identity

_TOP = """# A gallery of mistakes

Find the slip that looks like yours, and the smallest case that would have shown it. Each exhibit is
one changed line of the backward pass of a vanilla RNN or a gated cell; the case, the cause and the
mend are what `bpttcheck check` said when it was run on it. How to run it on your own code:
[Check your own backward pass](../how-to/check-your-backward-pass.md). Some of them are
[a quiz](../tutorials/quiz.md).

A case is minimal: one step, sequence, input, state or output less, and this slip makes no
difference, unless the case has one of them already.
"""


def page() -> str:
    """Return the page."""
    exhibits = recorded()
    parts = [_TOP, "## All of them"]
    parts += [_table(network, exhibits) for network in NETWORKS]
    for network, (source, _) in NETWORKS.items():
        parts.append(f"## The {network}")
        parts.append(folded("The right backward pass, whole", [fenced("text", source)]))
        parts += [
            _exhibit(k, found) for k, found in exhibits.items() if found["network"] == network
        ]
    parts += ["## What was found, and what is not here", _mended(exhibits)]
    parts.append(_rest(set(CATALOGUE) - set(exhibits)))
    return "\n\n".join(parts) + "\n"


def _mended(exhibits: dict[str, Any]) -> str:
    """Say of how many an edit was found."""
    rest = [found for found in exhibits.values() if not _is_mended(found)]
    named = sum(_is_named(found) for found in rest)
    count, of = len(exhibits) - len(rest), len(exhibits)
    return (
        f"In a minute each, an edit that makes all gradients right was found for {count} of {of}; "
        f"of the other {len(rest)} the line was named for {named or 'none'}."
    )


def _is_mended(found: dict[str, Any]) -> bool:
    """Tell whether an edit makes all gradients right."""
    return bool(found["mend"]["changed"]) and not found["mend"]["partial"]


def _is_named(found: dict[str, Any]) -> bool:
    """Tell whether the line to look at, where there is no edit, is the one that was changed."""
    return bool(found["mend"]["look"] == found["wrong_line"])


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
        ("Mend", _mend(found)),
    ]
    change = fenced("diff", f"- {found['right_line']}\n+ {found['wrong_line']}")
    heading = f"### `{name}` {{ #{name} }}"
    does = plain(entry.does)
    return "\n\n".join([heading, f"{does[:1].upper()}{does[1:]}.", change, definitions(told)])


def _mend(found: dict[str, Any]) -> str:
    """Return which edit was found: the line as it was, or another that is right too."""
    mend = found["mend"]
    if not mend["changed"]:
        named = "this is the line that is named" if _is_named(found) else "the line is not named"
        return f"no edit found; {named}."
    if [after for _, after in mend["changed"]] == [found["right_line"]]:
        told = "the line as it was"
    else:
        told = ", and ".join(f"{_code(new)} for {_code(old)}" for old, new in mend["changed"])
    told += f" ({plain(mend['words'])})" if mend["words"] else ""
    told += ", which makes some of the gradients right" if mend["partial"] else ""
    if mend["others"]:
        also = ", or ".join(" and ".join(map(_code, lines)) for lines in mend["others"])
        told += f". As right: {also}"
    return f"{told}."


def _code(text: str) -> str:
    return f"`{text}`"


def _diagnosis(name: str, found: dict[str, Any]) -> str:
    if found["cause"] == name:
        return "named, and no other."
    if found["cause"] is None:
        return "none: at the points that were tried, several mistakes do the same."
    return f"`{found['cause']}`."
