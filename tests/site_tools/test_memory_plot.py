"""The figures of *Speed* are those of its table."""

import re

import pytest

from site_tools.generated.plots import memory_plot


def test_the_table_is_read():
    steps, values = memory_plot.table(memory_plot.PAGE.read_text(encoding="utf-8"))
    assert steps[-1] == 10**6
    assert list(values) == list(memory_plot.LINES)
    megabytes, seconds = values["torch"][-1]
    assert f"| {megabytes:,g} ({seconds:g}) |" in memory_plot.PAGE.read_text(encoding="utf-8")
    assert all(len(column) == len(steps) for column in values.values())


def test_the_lines_are_the_tables():
    memory, _ = memory_plot.plots()
    # What takes more memory ends higher up.
    ends = re.findall(r'<path d="M[^"]*L[\d.]+ ([\d.]+)"', "".join(memory.parts))
    ours, checkpoints, torch, jax = map(float, ends[-4:])
    assert torch < jax < ours < checkpoints


def test_a_page_without_the_table():
    with pytest.raises(ValueError, match=r"speed\.md: expected a table that begins with '\| T"):
        memory_plot.table("# Speed")
