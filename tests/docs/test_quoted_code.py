"""The code that the how-to pages quote or run does what they say."""

import re
import sys
from functools import partial
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from hypothesis import Phase, given, settings

from bpttcheck import assert_gradients, strategies
from bpttcheck.check.search.problem import check_problem

HOWTO = Path(__file__).parents[2] / "docs" / "how-to"


@pytest.fixture
def mine(monkeypatch):
    monkeypatch.syspath_prepend(str(HOWTO))
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    import mine

    return mine


def shapes():
    rng = np.random.default_rng(0)
    sizes = {"x": (2, 3), "h": (2, 4), "U": (3, 4), "W": (4, 4)}
    return {k: rng.normal(size=s) for k, s in sizes.items()}


def test_the_slip_of_the_page_needs_two_steps_and_two_states(mine):
    report = check_problem(mine.problem, max_examples=5)
    assert report.verdict == "wrong"
    assert (report.case.T, report.case.B, report.case.n) == (2, 1, 2)


def test_in_pytest(mine):
    page = (HOWTO / "check-your-backward-pass.md").read_text("utf-8")
    quoted = re.search(r"```python\n(@given.*?)```", page, re.DOTALL)[1]
    unshrunk = partial(settings, phases=[Phase.generate])  # to shrink takes hundreds of checks
    names = {"assert_gradients": assert_gradients, "strategies": strategies, "given": given}
    names |= {"settings": unshrunk, "problem": mine.problem}
    exec(dedent(quoted), names)
    with pytest.raises(AssertionError, match=r"^wrong: gradient"):
        names["test_gradients"]()


def test_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")
    from tests.docs import howto_torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        arrays = {k: torch.tensor(a) for k, a in shapes().items()}
        assert howto_torch.check_function(**arrays).ok
        assert howto_torch.check_layer(torch.randn(5, 2, 3), torch.randn(2, 4)).ok
        page = (HOWTO / "conformance.md").read_text("utf-8")
        report = howto_torch.check_gru(torch.randn(5, 2, 3))
        assert (report.verdict, f"\n> {report.reason}\n" in page) == ("right", True)
        assert howto_torch.check_layers(torch.randn(4, 2, 3)).ok
        assert howto_torch.check_lengths(torch.randn(4, 2, 3), torch.tensor([2, 4])).ok


def test_jax():
    pytest.importorskip("jax", reason="JAX is optional: pip install .[jax]")
    from tests.docs import howto_jax

    assert howto_jax.check_cell(**shapes()).ok
