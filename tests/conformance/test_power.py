"""What PyTorch's cells are not is called wrong: lies, and slips as small as the report says."""

import pytest

from libraries import lies
from libraries.forms import form_of
from libraries.trial import adapted
from tests.day import share

torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")

CELLS = {
    "torch.nn.RNN": {"a bias left out"},
    "torch.nn.LSTM": {"a bias left out", "two gates exchanged"},
    "torch.nn.GRU": {"a bias left out", "two gates exchanged", "z kept for replaced"},
    "torch.nn.LSTM, lengths": {"a bias left out", "two gates exchanged", "lengths exchanged"},
}


ASKED = [(name, dtype) for dtype in ("float32", "float64") for name in CELLS]


@pytest.mark.parametrize(("name", "dtype"), share(ASKED, 2))
def test_every_lie_is_caught(name, dtype):
    """Among them each gradient off by ten times the smallest error that would be found."""
    from libraries.torch import run as library

    found = lies.caught(form_of(library, name), library.CELLS[name], adapted, [dtype], seeds=1)
    assert set(found) == CELLS[name] | {lies.THOUSANDTH, lies.TENFOLD}
    assert all(caught == told for caught, told in found.values()), found
    assert found[lies.TENFOLD][1] >= 5  # one for each array
