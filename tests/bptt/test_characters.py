"""The example that reads a text: what is recorded comes out again; its gradients are PyTorch's."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import bpttcheck
from bpttcheck import stack
from bpttcheck.bptt.networks import cell_of
from bpttcheck.bptt.stacked import Layers
from tests.bptt.error_arrays import network
from tests.bptt.stack_in_torch import in_torch, outside

EXAMPLE = Path(bpttcheck.__file__).parent.parent / "examples" / "characters.py"
if not EXAMPLE.exists():
    pytest.skip("the examples are not installed", allow_module_level=True)

spec = importlib.util.spec_from_file_location("characters", EXAMPLE)
characters = importlib.util.module_from_spec(spec)
sys.modules["characters"] = characters  # its dataclasses look their module up
spec.loader.exec_module(characters)

TEXT = characters.Text.read()
RECORD = json.loads(characters.RECORD.read_text(encoding="utf-8"))
cells = pytest.mark.parametrize("cell", characters.CELLS)


@cells
def test_the_record_comes_out_again(cell):
    """Its first losses, and the first gradient by lag, to the digits that are recorded."""
    for done, loss, reader in characters.train(cell, TEXT, updates=12):
        assert abs(loss - RECORD[cell]["losses"][done]) <= 0.6e-4  # half a unit of the last digit
        if done == 0:
            lags, recorded = characters.by_lag(reader, TEXT), np.array(RECORD[cell]["lags"]["0"])
            last_digit = 10 ** (np.floor(np.log10(recorded)) - 2)
            assert (np.abs(lags - recorded) <= 0.51 * last_digit).all()


@cells
def test_the_record_is_of_a_training_that_learns(cell):
    """Better than how often each letter comes, which needs no memory at all."""
    losses = np.array(RECORD[cell]["losses"])
    assert len(losses) == characters.UPDATES + 1
    shares = np.bincount(TEXT.letters.reshape(-1)) / TEXT.letters.size
    entropy = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
    assert losses[0] > entropy
    assert losses[-50:].mean() < 0.7 * entropy
    assert set(RECORD[cell]["lags"]) == {str(k) for k in characters.POINTS}


def test_the_text_is_read_once_in_order_and_states_go_on():
    chunks = TEXT.chunks(10)
    first, second = next(chunks), next(chunks)
    assert first[0]
    assert not second[0]
    assert (first[2][-1] == second[1][0]).all()
    assert (first[1][1:] == first[2][:-1]).all()


@cells
def test_at_three_points_of_the_training_the_gradient_is_pytorchs(cell):
    """Before it, on the way and later; within the bounds of a rounding analysis."""
    pytest.importorskip("torch")
    states = {"rnn": "h", "gru": "h", "lstm": "hc"}[cell]
    shape = Layers(cell_of("cell", cell, **({"reset": "after"} if cell == "gru" else {})))
    seen = 0
    for done, _, reader in characters.train(cell, TEXT, updates=60):
        if done not in (0, 20, 60):
            continue
        seen += 1
        params = {(k if k in ("V", "b_s") else f"l0.{k}"): a
                  for k, a in reader.params.items()}  # fmt: skip
        letters, after = TEXT.letters[:6, :2], TEXT.letters[1:7, :2]
        x, y = TEXT.inputs(letters), TEXT.inputs(after)
        starts = {f"l0.{s}0": np.zeros((2, characters.STATES)) for s in states}
        _, grads, dx = network(cell, params, x, y, starts, layers=1, ways=1, phi="tanh",
                               u=2.0**-53, loss="nll")  # fmt: skip
        _, theirs = in_torch(cell, shape, params, x, y, starts, "tanh", loss="nll")
        _, ours = stack.value_and_grad(cell, params, x, after, **reader.options)
        run = reader.forward(x, {})
        own = reader.backward(run, bpttcheck.nll_gradient(run.s, after)).weights
        for name, bound in (grads | {"x": dx}).items():
            assert not outside(theirs[name], bound), (done, name)
            assert not outside(ours[name], bound), (done, name)
            if name.removeprefix("l0.") in own:
                assert not outside(own[name.removeprefix("l0.")], bound), (done, name)
        top = next(grads[k] for k in grads if k.startswith("l0.W"))
        assert top.e.max() < 1e-4 * np.abs(top.v).max()  # no bound to hide behind
        swapped = theirs[next(k for k in grads if k.startswith("l0.W"))].T
        assert outside(swapped, top)
    assert seen == 3


def test_the_command_trains_and_says_so(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(characters, "RECORD", tmp_path / "record.json")
    monkeypatch.setattr(characters, "CELLS", {"rnn": {}})
    short = characters.train
    monkeypatch.setattr(characters, "train", lambda *a, **k: short(*a, updates=2, **k))
    characters.main(["--record"])
    assert "39 different ones" in (said := capsys.readouterr().out)
    assert "rnn      0 updates" in said
    record = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert len(record["rnn"]["losses"]) == 3
