"""A report as HTML: in a notebook, and as a page of its own that asks nothing of anybody else.

It is made from what :meth:`Report.to_dict` returns. Whatever comes from the code under check, a
name, a message, a line of source, is escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bpttcheck.check.verdict.heat_map import has_map, heat_map
from bpttcheck.check.verdict.text import side_by_side
from bpttcheck.mend.found import SHOWN

STYLE = """
.bpttcheck { --ink: #1f2328; --paper: #fff; --line: #d0d7de; --right: #1a7f37; --wrong: #b3261e;
  --undecided: #7d5700; color: var(--ink); background: var(--paper); max-width: 60rem;
  font: 16px/1.5 system-ui, sans-serif; padding: 0.1rem 1rem; overflow-wrap: anywhere; }
.bpttcheck .is-right { color: var(--right); } .bpttcheck .is-wrong { color: var(--wrong); }
.bpttcheck .is-undecided { color: var(--undecided); }
.bpttcheck h2 { font-size: 1.4rem; margin: 1rem 0 0.3rem; border: 0; }
.bpttcheck h3 { font-size: 1rem; margin: 1.2rem 0 0.3rem; }
.bpttcheck pre, .bpttcheck code { font: 0.85rem/1.5 ui-monospace, monospace; }
.bpttcheck pre { border: 1px solid var(--line); padding: 0.6rem; margin: 0.3rem 0; }
.bpttcheck pre, .bpttcheck .table { overflow-x: auto; }
.bpttcheck table { border-collapse: collapse; font-size: 0.9rem; }
.bpttcheck th, .bpttcheck td { text-align: left; padding: 0.25rem 0.9rem 0.25rem 0;
  border-bottom: 1px solid var(--line); white-space: nowrap; }
.bpttcheck .maps { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
.bpttcheck figure { margin: 0; max-width: 100%; } .bpttcheck svg { max-width: 100%; height: auto; }
.bpttcheck svg text { font: 10px system-ui, sans-serif; fill: currentColor; }
.bpttcheck svg .right { fill: var(--line); } .bpttcheck svg .wrong { fill: var(--wrong); }
.bpttcheck svg .unknown { fill: none; stroke: var(--line); }
@media (prefers-color-scheme: dark) { .bpttcheck { --ink: #e6edf3; --paper: #0d1117;
  --line: #3d444d; --right: #57c76a; --wrong: #ff8a80; --undecided: #e3b341; } }
"""
"""Beside its classes nothing of the page around it changes."""

ORDER = {"wrong": 0, "undecided": 1, "right": 2}
"""What a reader looks for first; of one verdict gradients stay in their order."""

MAPS = 32
"""Gradients whose entries are drawn: a page of thousands of maps is one that no browser opens."""


def page(reports: Sequence[Mapping[str, Any]], version: str) -> str:
    """Return the reports of one or more targets as a page.

    Arguments:
        reports: as ``bpttcheck check --json`` prints them.
        version: of bpttcheck.
    """
    names = ", ".join(str(report["target"]) for report in reports)
    body = "".join(_section(report, report["target"]) for report in reports)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(names)}, checked by bpttcheck {_text(version)}</title>"
        f"<style>{STYLE}html {{ color-scheme: light dark; }} body {{ margin: 0; }}</style></head>"
        f'<body class="bpttcheck"><main>{body}</main></body></html>\n'
    )


def fragment(report: Mapping[str, Any]) -> str:
    """Return a report as a part of a page, such as a notebook.

    Arguments:
        report: what :meth:`Report.to_dict` returns.
    """
    return f'<style>{STYLE}</style><div class="bpttcheck">{_section(report, "")}</div>'


def _section(report: Mapping[str, Any], target: str) -> str:
    return f"<section>{''.join(_parts(report, target))}</section>"


def _parts(report: Mapping[str, Any], target: str) -> Iterator[str]:
    verdict = report["verdict"] or "error"
    colour = verdict if report["verdict"] else "wrong"
    head = f"{_text(target)}: " if target else ""
    yield f'<h2>{head}<span class="is-{_text(colour)}">{_text(verdict)}</span></h2>'
    yield f"<p>{_text(report['reason'] or (report.get('error') or {}).get('message', ''))}</p>"
    if report["mend"]:
        yield from _mend(report["mend"])
    if report["cause"]:
        yield f"<h3>The mistake</h3>{''.join(_cause(report['cause']))}"
    if report["case"]:
        sizes = ", ".join(f"{k} = {v}" for k, v in report["case"].items())
        yield f"<h3>The case</h3><p>{_text(sizes)}</p>"
    lines = (report["search"] or {}).get("lines", [])
    yield "".join(f"<p>{_text(line)}</p>" for line in lines)
    drawable = [block for block in report["blocks"] if has_map(block)]
    maps = [(block["name"], heat_map(block)) for block in drawable[:MAPS]]
    if maps:
        yield "<h3>Which entries are wrong, and by how much</h3><div class='maps'>"
        for name, drawn in maps:
            yield f"<figure><figcaption><code>{_text(name)}</code></figcaption>{drawn}</figure>"
        some = f" Drawn are {MAPS} of {len(drawable):,}." if len(drawable) > MAPS else ""
        yield f"</div><p>Grey is right; the stronger the red, the larger the error.{some}</p>"
    if report["blocks"]:
        table = _table(report["blocks"])
        yield f"<h3>Every gradient</h3><div class='table' tabindex='0'>{table}</div>"
        yield from _reasons(report["blocks"])
    if report["notes"]:
        notes = "".join(f"<li>{_text(note)}</li>" for note in report["notes"])
        yield f"<h3>Notes</h3><ul>{notes}</ul>"


def _mend(mend: Mapping[str, Any]) -> Iterator[str]:
    for edit in mend["edits"]:
        yield from _edit(edit, _title(mend))
    if mend["edits"]:
        yield f"<p>{_text(mend['words'])}: {_text(mend['makes'])}</p>"
    elif mend["suspects"]:
        lines = [f"{s['file']}:{s['line']}: {s['why']}" for s in mend["suspects"]]
        items = "".join(f"<li>{_text(line)}</li>" for line in lines)
        yield f"<h3>Lines to look at</h3><ol>{items}</ol>"
    for other in mend["alternatives"][:SHOWN]:
        for k, edit in enumerate(other):
            yield from _edit(edit, "and" if k else "Or")
    if mend["note"]:
        yield f"<p>No mend: {_text(mend['note'])}</p>"


def _edit(edit: Mapping[str, Any], title: str) -> Iterator[str]:
    place = f"{edit['file']}, line {edit['line']}, in {edit['function']}"
    yield f"<h3>{title}: {_text(place)}</h3>"
    lines = [f"- {line}" for line in edit["before"].splitlines()]
    lines += [f"+ {line}" for line in edit["after"].splitlines()]
    yield f"<pre tabindex='0'>{_text(chr(10).join(lines))}</pre>"


def _title(mend: Mapping[str, Any]) -> str:
    if mend["changes_loss"]:
        return "An edit of the forward pass"
    return "The mend of some" if mend["partial"] else "The mend"


def _cause(cause: Mapping[str, Any]) -> Iterator[str]:
    for explanation in cause["explanations"]:
        for mistake in explanation:
            detail = f" ({mistake['detail']})" if mistake["detail"] else ""
            yield f"<p>{_text(', '.join(mistake['parameters']))}: {_text(mistake['does'] + detail)}"
            if mistake["right"]:
                identity = f" [{mistake['identity']}]" if mistake["identity"] else ""
                yield f"<br>right: {_text(mistake['right'] + identity)}"
            yield "</p>"
    yield f"<p>Recognised as {_text(cause['network'])}.</p>"


def _table(blocks: Sequence[Mapping[str, Any]]) -> str:
    heads = ("gradient", "shape", "verdict", "worst entry", "given", "right", "found if ≥")
    rows = ["".join(f"<th scope='col'>{head}</th>" for head in heads)]
    for b in sorted(blocks, key=lambda block: ORDER.get(block["verdict"], 0)):
        at = "" if b["index"] is None else str(tuple(b["index"]))
        known = b["index"] is not None and b["got"] is not None and b["expected"] is not None
        given, right = side_by_side(b["got"], b["expected"], b["bound"]) if known else ("", "")
        least = b["found_if_at_least"]
        found = "" if least is None or not math.isfinite(least) else f"{least:.1e}"
        verdict = f"<span class='is-{_text(b['verdict'])}'>{_text(b['verdict'])}</span>"
        cells = [_text(str(tuple(b["shape"]))), verdict, at, given, right, found]
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f"<th scope='row'><code>{_text(b['name'])}</code></th>{row}")
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _reasons(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Return a line for each reason, with the gradients that it is told of."""
    told: dict[str, list[str]] = {}
    for b in blocks:
        if b["reason"] and b["verdict"] != "right":
            told.setdefault(b["reason"], []).append(b["name"])
    for reason, names in told.items():
        yield f"<p>{_text(', '.join(names))}: {_text(reason)}</p>"


def _text(value: str) -> str:
    return html.escape(str(value))
