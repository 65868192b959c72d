"""The reference pages of the identities, one a model."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from bpttcheck.claims import CLAIMS, SOURCES
from bpttcheck.runs import MODELS
from bpttcheck.statements.identity import Domain, Identity, Source
from bpttcheck.statements.trial import Counterexample
from bpttcheck.verification import Result
from bpttcheck.verification.decision import IdentityDecision
from site_tools.generated import citation
from site_tools.generated.counterexamples import arguments, sides
from site_tools.generated.groups import Group, groups
from site_tools.generated.identity_openings import opening
from site_tools.generated.network_steps import network
from site_tools.generated.places import Place, places, stem
from site_tools.generated.prose import (
    badges,
    definitions,
    folded,
    plain,
    python,
    to_claim,
    typeset,
    verdict,
)

_TOP = """# {title}

{opening}

{network}

An *identity* is an equation, or an inequality, that holds whatever the numbers are. Under each of the
{hold} here stand the Python that it was printed from, [how it was decided](../../explanation/evidence.md),
its symbols ([all of them](../notation.md#{model})), and wrong versions of it: {wrong} that people write,
and {generated} with one slip, such as a lost sign, factor or index. Each is rejected by some case.
"""  # noqa: E501


def pages(result: Result) -> dict[str, str]:
    """Return a page for every model, or several."""
    return {f"reference/identities/{place.file}": _page(place, result) for place in places()}


def _page(place: Place, result: Result) -> str:
    mine = place.identities
    decisions = [result.identities[i.id] for i in mine]
    top = _TOP.format(
        title=place.title,
        opening=opening(place.file),
        network=network(place.model),
        model=stem(place.model),
        hold=len(mine),
        wrong=sum(len(i.wrong) for i in mine),
        generated=sum(
            d.generated - len(i.equivalent) for i, d in zip(mine, decisions, strict=True)
        ),
    )
    entry = {i.id: (i, d) for i, d in zip(mine, decisions, strict=True)}
    grouped = groups(mine)
    body = [part for group in grouped for part in _group(group, entry)]
    body = body or [_entry(*both) for both in entry.values()]
    return "\n\n".join([top, *_beside(place), _jumps(grouped), *body, *_elsewhere(place)]) + "\n"


def _group(group: Group, entry: Mapping[str, tuple[Identity, IdentityDecision]]) -> Iterator[str]:
    yield f"## {group.title} {{#{group.key}}}"
    for identity in group.identities:
        yield _entry(*entry[identity.id], level=3)


def _jumps(grouped: Iterable[Group]) -> str:
    """Return a link to each group, and to all that is in it."""
    ways = definitions(
        (
            f"[{group.title}](#{group.key})",
            " · ".join(f"[{_short(i)}](#{i.id})" for i in group.identities),
        )
        for group in grouped
    )
    return f"/// html | div.jumps\n{ways}\n///" if ways else ""


def _short(identity: Identity) -> str:
    """Return an ID without the model, which is that of the page."""
    return identity.id.partition(".")[2]


def _beside(place: Place) -> list[str]:
    """Return where the model's other identities are, if there are any."""
    others = [p for p in places() if p.model == place.model and p != place]
    links = ", ".join(f"[{p.title.partition(': ')[2]}]({p.file})" for p in others)
    return [f"The same network, on other pages: {links}."] if others else []


def _elsewhere(place: Place) -> list[str]:
    """Return, on the first of several pages, a way on for those who come with an older address."""
    others = [p for p in places() if p.model == place.model and p != place]
    if not others or place.file != f"{stem(place.model)}.md":
        return []
    links = [f"- [`{i.id}`]({p.file}#{i.id}){{ #{i.id} }}" for p in others for i in p.identities]
    return ["## On the other pages", "\n".join(links)]


def _entry(identity: Identity, decision: IdentityDecision, level: int = 2) -> str:
    claims = [c.id for c in CLAIMS.values() if identity.id in c.identities]
    facts = [
        ("Domain", _domain(identity.domain)),
        ("Source", _source(identity.source)),
        ("Claims", ", ".join(to_claim(name, "../claims.md") for name in claims)),
    ]
    label = f"data-toc-label='{_short(identity)}'"  # of sixty in a margin, it tells them apart
    return "\n\n".join([
        f"{'#' * level} `{identity.id}` {{#{identity.id} {label}}}",
        f"{plain(identity.title)} {verdict(decision.verdict)}",
        typeset(identity),
        python(identity.statement),
        f'/// html | div.evidence\n{badges(decision.evidence)}\n///',
        definitions(facts),
        folded("Symbols", [_symbols(identity)]),
        folded(*_wrong(identity, decision)),
        citation.cite(identity.id, "an identity"),
    ])  # fmt: skip


def _domain(domain: Domain) -> str:
    text = plain(domain.assuming) or "every case of the model"
    sizes = ", ".join(f"*{symbol}* ≤ {size}" for symbol, size in domain.largest.items())
    return f"{text}; evaluated for {sizes}" if sizes else text


def _source(source: Source) -> str:
    if source.document in SOURCES:
        return f"[{source.document}](../claims.md#{source.document}): {plain(source.place)}"
    return plain(str(source))


def _symbols(identity: Identity) -> str:
    model = MODELS[identity.model]
    used = _names(identity)
    rows = ["| Symbol | Python | Meaning |", "|:--|:--|:--|"]
    rows += [f"| ${s.latex}$ | `{s.name}` | {plain(s.meaning)} |" for s in model.symbols
             if s.name in used]  # fmt: skip
    return "\n".join(rows)


def _names(identity: Identity) -> set[str]:
    """Return the names in the statement, and in the ranges of its indices."""
    statement = identity.statement
    trees = [statement.tree, *(q.first for q in statement.quantifiers),
             *(q.last for q in statement.quantifiers)]  # fmt: skip
    return {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}


def _wrong(identity: Identity, decision: IdentityDecision) -> tuple[str, list[str]]:
    """Return the title and the contents of the wrong versions."""
    body = [_rejected(identity, name, found) for name, found in decision.rejected.items()]
    title = f"{len(body)} hand-picked wrong version{'s' * (len(body) != 1)}, rejected"
    generated = decision.generated - len(identity.equivalent)
    if generated:
        title += f"; {generated} generated, rejected"
        body.append(
            f"Another {generated} came from one slip each: a sign, a dropped factor, term or "
            "transpose, an index or a range off by one. All are rejected in the same way."
        )
    return title, body


def _rejected(identity: Identity, name: str, found: Counterexample) -> str:
    """Return a wrong version as Python: typeset, they would weigh more than all the rest."""
    says = identity.version(name).says
    return f"- {plain(name)}: ``{says}``\n\n    {sides(found)} for `{arguments(found)}`"
