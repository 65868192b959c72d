"""What a diagnosis may say that the code does: each cause with its details, a line each.

``python -m tests.diagnosis.words`` writes them anew, after a change that is meant.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bpttcheck.cells.lstm import lstm
from bpttcheck.cells.rnn import rnn
from bpttcheck.diagnosis.mistakes.bank import passes
from bpttcheck.diagnosis.mistakes.embeddings import EMBEDDED
from bpttcheck.diagnosis.mistakes.operands import operands
from bpttcheck.diagnosis.mistakes.state_paths import paths
from bpttcheck.diagnosis.mistakes.sums import sums
from bpttcheck.diagnosis.mistakes.whole_result import plain
from bpttcheck.diagnosis.recognition.shape import shape_of

KEPT = Path(__file__).with_suffix(".txt")

HEADER = """\
# Who made one of these mistakes reads these words. Levels and counts are #; in brackets, how many
# there are. What is above is not said again. Written by: python -m tests.diagnosis.words
"""

NUMBERS = [
    (re.compile(r"\b(to|every|last|back|by|axis|,) -?\d[\d.]*(?! [−+=])"), r"\1 #"),
    (re.compile(r"(?<=order )\[.*\]"), "#"),
    (re.compile(r"(?<=∂o times )[^,]+"), "#"),
]

Told = Iterable[tuple[str, str]]


def parts() -> Iterator[tuple[str, Told]]:
    """Yield what is told, by what it is told of: all cells alike, and the gated ones beside it."""
    cell, gated = rnn(), shape_of(lstm())
    yield "Every gradient as a whole", ((p.cause, p.detail) for p in plain())
    yield "A pass of the vanilla RNN", ((p.cause, p.detail) for p in passes(cell))
    for role in (*shape_of(cell).roles, "V", "c", "x", *cell.initial, *EMBEDDED):
        yield f"The gradient of {role}", ((s.cause, s.detail) for s in sums(role, cell))
    yield "A pass of the LSTM, past the gates", ((p.cause, p.detail) for p in paths(gated))
    for name in ("f", "g", "h-", "c-"):
        yield f"In a factor of the LSTM, for {name}", (o[:2] for o in operands(gated, name))
    beside = operands(gated, "g", ["c-"])
    yield "In a factor of the LSTM, for g beside c-", (o[:2] for o in beside)


def text() -> str:
    """Return the file that is kept."""
    seen: set[str] = set()
    found = [HEADER]
    for title, told in parts():
        lines = Counter(
            f"{cause}: {_numberless(detail)}".removesuffix(": ") for cause, detail in told
        )
        found.append(title)
        found += (
            f"  {line} ({n})" if n > 1 else f"  {line}"
            for line, n in lines.items()
            if line not in seen
        )
        found.append("")
        seen |= set(lines)
    return "\n".join(found)


def _numberless(detail: str) -> str:
    for pattern, instead in NUMBERS:
        detail = pattern.sub(instead, detail)
    return detail


if __name__ == "__main__":
    KEPT.write_text(text(), encoding="utf-8")
