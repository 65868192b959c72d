"""A quiz from the gallery: a backward pass with one line changed, and the reader clicks the line.

Without scripts it is a list of lines with a folded answer.
"""

from __future__ import annotations

import html
import re
from itertools import groupby
from textwrap import dedent
from typing import Any

from bpttcheck.check.gallery import NETWORKS
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE
from site_tools.gallery import recorded
from site_tools.generated.mistakes import case_in_words
from site_tools.generated.prose import fenced, folded, plain

QUESTIONS = (
    "state-shifted",
    "recurrent-transpose",
    "slope-of-another-step",
    "batch-sum-missing",
    "output-gradient-repeated",
    "slope-missing-in-message",
    "stale-cache",
    "squash-missing",
    "forget-gate-missing",
    "cell-shifted",
    "gates-swapped",
    "update-swapped",
    "reset-forgotten",
    "coupling-sign",
)
"""Exhibits of the gallery, from easy to hard within a network."""

_TOP = """---
hide:
  - toc
---
# Which line is wrong?

Find the slip before a check does. Each of these backward passes was right until one line of it was
changed; the forward pass, which is right, stands above them. Click the line that you think it is;
the answer says what gives it away, and the smallest case that shows it.

*T* is the number of steps, and arrays have a row for each sequence of the batch. `h[t]` is the
state *before* step `t`, and `h[t + 1]` the one that it makes; so is `c` in an LSTM. The loss is
half the squared error of all outputs.

/// html | div.quiz-progress
///
"""


def page() -> str:
    """Return the page."""
    exhibits = recorded()
    parts = [_TOP]
    numbered = enumerate(QUESTIONS, 1)
    for network, asked in groupby(numbered, lambda pair: exhibits[pair[1]]["network"]):
        source, _ = NETWORKS[network]
        parts.append(f"## {network[:1].upper()}{network[1:]}")
        if 'd["' in source:
            parts.append("`q` holds the weights and the initial states, `d` their gradients.")
        parts.append(fenced("python", forward(source)))
        parts += [_question(k, name, exhibits[name]) for k, name in asked]
    return "\n\n".join(parts) + "\n"


def forward(source: str) -> str:
    """Return the forward pass of a program, and the gradient that its backward pass begins with."""
    all_lines = source.split("\n")
    loop = next(k for k, line in enumerate(all_lines) if line.strip() == "for t in range(T):")
    last = next(k for k, line in enumerate(all_lines) if re.fullmatch(r" *d[os] = [os] - y", line))
    shown = [line for line in all_lines[loop - 1 : last + 1] if "loss" not in line]
    return dedent("\n".join(shown))


def lines(name: str) -> tuple[list[str], int]:
    """Return the loop of an exhibit's backward pass, and which of its lines was changed.

    Raises:
        ValueError: not exactly one line of the loop was changed.
    """
    source, old, new = next(
        (source, old, new)
        for source, mistakes in NETWORKS.values()
        for cause, old, new in mistakes
        if cause == name
    )
    right, wrong = _loop(source), _loop(source.replace(old, new, 1))
    changed = [k for k, pair in enumerate(zip(right, wrong, strict=True)) if pair[0] != pair[1]]
    if len(changed) != 1:
        raise ValueError(f"{name}: expected one changed line of the loop, got {len(changed)}")
    return wrong, changed[0]


def _loop(source: str) -> list[str]:
    """Return the lines of the loop that goes back."""
    all_lines = source.split("\n")
    first = next(k for k, line in enumerate(all_lines) if "for t in range(T - 1, -1, -1)" in line)
    depth = len(all_lines[first]) - len(all_lines[first].lstrip())
    last = next(
        k
        for k in range(first + 1, len(all_lines))
        if all_lines[k].strip() and len(all_lines[k]) - len(all_lines[k].lstrip()) <= depth
    )
    return dedent("\n".join(all_lines[first:last])).rstrip().split("\n")


def _question(number: int, name: str, found: dict[str, Any]) -> str:
    wrong, at = lines(name)
    entry = CATALOGUE[name]
    rows = "".join(f"<li><code>{html.escape(line)}</code></li>" for line in wrong)
    gradients = ", ".join(f"`{block}`" for block in found["wrong"])
    change = f"- {wrong[at].strip()}\n+ {found['right_line']}"
    more = f"[More of it](../reference/mistakes.md#{name})"
    answer = [
        f"Line {at + 1}: {plain(entry.does)}.",
        fenced("diff", change),
        f"Smallest case that shows it: {case_in_words(found)}; wrong there: {gradients}. {more}.",
    ]
    return "\n\n".join(
        [
            f"### Question {number} {{ #question-{number} }}",
            f'<ol class="quiz" data-answer="{at}" data-name="{name}">{rows}</ol>',
            folded("Answer", answer),
        ]
    )
