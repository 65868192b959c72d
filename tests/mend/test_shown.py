"""The mends that a how-to page shows are what comes out."""

import importlib.util
import re
from pathlib import Path

import pytest

import bpttcheck
from bpttcheck.check import check_problem
from tests.day import share

HOWTO = Path(bpttcheck.__file__).parents[1] / "docs" / "how-to"

BLOCK = re.compile(r"^```text\n(mend: (\w+)\.py, .*?)^```$", re.MULTILINE | re.DOTALL)

PROGRAMS = ("layer", "torch_cell")

pytestmark = pytest.mark.skipif(not HOWTO.exists(), reason="the documentation is not installed")


@pytest.mark.parametrize("name", share(PROGRAMS, 2))
def test_a_mend_is_what_the_page_shows(name):
    if name.startswith("torch"):
        pytest.importorskip("torch")
    page = (HOWTO / "check-your-backward-pass.md").read_text(encoding="utf-8")
    (shown,) = [text for text, file in BLOCK.findall(page) if file == name]
    spec = importlib.util.spec_from_file_location(f"howto_{name}", HOWTO / f"{name}.py")
    mine = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mine)
    report = check_problem(mine.problem, max_examples=4)
    assert "\n".join(report.mend.lines()).startswith(shown.rstrip("\n"))
