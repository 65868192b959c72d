"""The tally at the top of *Public code* is that of the lists below it."""

import re
from collections import Counter
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs/explanation/public-code.md").read_text(encoding="utf-8")


def section(title):
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def kind(verdict):
    """Return the column that a verdict is counted in."""
    if verdict.startswith("wrong"):
        return "wrong"
    on_condition = verdict.startswith("right") and verdict != "right"
    return "right on a condition" if on_condition else verdict


def test_the_tally_is_that_of_the_lists():
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.partition("\n## ")[0].splitlines()
        if line.startswith("|")
    ]
    told = {
        re.sub(r"^\[(.*?)\].*", r"\1", first): {
            k: int(n) for k, n in zip(head[1:], of, strict=True) if n
        }
        for first, *of in rows
    }
    listed = {
        "Fourteen repositories": "What was seen",
        "Libraries": "Libraries that write their own",
    }
    for name, title in listed.items():
        verdicts = re.findall(r"^- \*\*(.*?)\*\*", section(title), re.MULTILINE)
        assert told[name] == Counter(map(kind, verdicts))
    lines = [line for line in section("Found with the mend").splitlines() if line[:1] == "|"]
    assert told["Twelve more"] == {"wrong": len(lines) - 2}  # without the head
