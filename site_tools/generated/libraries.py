"""Real libraries' cells: what was run, and which gate is where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bpttcheck.conformance import LAYOUTS, Layout
from site_tools.generated.prose import plain

_KEPT = Path(__file__).parents[2] / "libraries"

_TOP = """# Real libraries' cells

Look up [where a library keeps a gate](#which-gate-is-where), and whether its cell was run against
the reference, in which version and when. `python -m libraries NAME` makes a virtual environment
from pinned versions and runs a library's cells again; by night all of them run.
[How to compare a cell of your own](../how-to/conformance.md) is a page of its own.
"""

_RAN = """## What was run

Outputs and gradients of each cell were compared with the reference's, at weights from a thousandth
of what libraries begin with to ten times that, and at many seeds. Where a library has no gradients,
outputs alone are compared; several layers and directions are compared as one thing.

- **float32, float64**: *all 44* where all points were right, most of them with few steps (25 with
  T = 1, 15 with 4, 3 with 30, 1 with 200). Elsewhere *right / all points*, by T: what is not right
  is *undecided*, unless another word stands there; *inaccurate* is right but for a tanh or σ that
  is good in absolute terms alone.
- **Lies**: *caught / told*. Each cell was also compared with what it is not, and had to be called
  wrong: two gates exchanged, a bias left out, z kept for replaced, the lengths of sequences
  exchanged, one gradient × 1.001, and each gradient off by ten times the smallest error that the
  report says would be found.
- *lengths* in a name: three sequences in a batch that are not all of T steps.

Three rows say wrong, and rightly: thinc's gradients, and those of Paddle's second direction from a
state that is not zero, both described in [Public code](../explanation/public-code.md); and
OpenVINO, which ignores `input_forget`.
"""

_WHERE = """## Which gate is where

Each array, and the weights of the reference that it holds: `U` acts on the input, `W` on the state,
`b` is a bias; i f g o are the LSTM's gates, g its candidate; z r g the GRU's, whose z keeps. A `;`
sets blocks below each other, a `,` side by side, `.T` transposes, and `-` is a negative: `-U_z` is
a z that replaces. A weight that occurs twice is the sum.
[The language](../how-to/conformance.md#a-cell-of-your-own) has the rest.
"""


_MASKS = """## Masks and lengths

Three sequences in one batch, one of them shorter and one of length zero, from an initial state that
is not zero. Each row was run; what stands there is what came out. A check that is told the
[lengths](../how-to/conformance.md#sequences-of-other-lengths) compares gradients too.
"""


def recorded(name: str = "results") -> list[dict[str, Any]]:
    """Return the rows that were kept."""
    text = (_KEPT / f"{name}.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def page() -> str:
    """Return the page."""
    rows = recorded()
    missing = sorted(set(LAYOUTS) - {row["layout"] for row in rows})
    read = ", ".join(f"`{name}`" for name in missing)
    note = f"Read, not run: {read}." if missing else "Every layout was run."
    dates = sorted({row["date"] for row in rows})
    if len(dates) == 1:
        note += f" All rows are of {dates[0]}."
    masks = [_MASKS, _masks(recorded("masks"))]
    table = _table(rows, dated=len(dates) > 1)
    return "\n\n".join([_TOP, _RAN, table, note, *masks, _WHERE, *_layouts()]) + "\n"


def _table(rows: Sequence[Mapping[str, Any]], dated: bool) -> str:
    lines = ["| Cell | float32 | float64 | Lies | Versions |", "|:--|:--|:--|:--|:--|"]
    for row in rows:
        versions = [f"{k} {v}" for k, v in row["versions"].items()]
        ran = [
            text.replace(" ", "\u00a0") for text in (*versions, *([row["date"]] if dated else []))
        ]
        told = [sum(each) for each in zip(*row["lies"].values(), strict=True)]
        caught = f"{told[0]}\u00a0/\u00a0{told[1]}" if told else ""
        cells = [
            f"<code>{row['layout'].replace('.', '.<wbr>')}</code>",
            _counts(row["verdicts"], "float32"),
            _counts(row["verdicts"], "float64"),
            caught,
            "<br>".join(map(plain, ran)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _masks(rows: Iterable[Mapping[str, Any]]) -> str:
    words = list(next(iter(rows))["found"])
    lines = [f"| Way | {' | '.join(words)} |", "|:--" * (len(words) + 1) + "|"]
    lines += [f"| {row['way']} | {' | '.join(row['found'].values())} |" for row in rows]
    return "\n".join(lines)


def _counts(verdicts: Mapping[str, Mapping[str, int]], dtype: str) -> str:
    """Return how many points were right, at each T if some were not, and what else any was."""
    own = {where: counts for where, counts in verdicts.items() if where.startswith(f"{dtype},")}
    if own and all(set(counts) == {"right"} for counts in own.values()):
        return f"all\u00a0{sum(counts['right'] for counts in own.values())}"
    found = []
    for where, counts in verdicts.items():
        kind, _, T = where.partition(", T = ")
        if kind == dtype:
            others = [f"{n} {k}" for k, n in counts.items() if k not in ("right", "undecided")]
            right = f"{counts.get('right', 0)} / {sum(counts.values())}"
            found.append(
                f"T = {T}: {right}".replace(" ", "\u00a0") + "".join(f", {n}" for n in others)
            )
    return "<br>".join(found)


def _layouts() -> list[str]:
    """Return a table for each library."""
    by_library: dict[str, dict[str, Layout]] = {}
    for name, layout in LAYOUTS.items():
        by_library.setdefault(name.split(".")[0], {})[name] = layout
    return [part for library, own in by_library.items() for part in _library(library, own)]


def _library(library: str, layouts: Mapping[str, Layout]) -> list[str]:
    lines = ["| Layer | Array | Holds |", "|:--|:--|:--|"]
    for name, layout in layouts.items():
        first = f"`{name}`<br>{_about(layout)}"
        for array, text in layout.arrays.items():
            lines.append(f"| {first} | `{array}` | `{text}` |")
            first = ""
    return [f"### {library}", "\n".join(lines)]


def _about(layout: Layout) -> str:
    parts = [str(layout.cell), layout.phi if layout.phi != "tanh" else "", layout.note]
    return plain(", ".join(part for part in parts if part))
