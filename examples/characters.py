"""Train a character-level RNN, GRU and LSTM with the package's own functions, on a short text.

    python examples/characters.py            # half a minute
    python examples/characters.py --record   # and keep what came out for the documentation

Stateful truncated BPTT: the text is cut into streams that are read side by side, every update
reads the next letters of each, states go on and gradients do not.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import bpttcheck
from bpttcheck import clip_by_global_norm, initial_weights, nll, nll_gradient, softmax

HERE = Path(__file__).parent
TEXT = HERE / "characters.txt"
RECORD = HERE / "characters.json"

CELLS = {
    "rnn": {},
    "gru": {"reset": "after", "keep": 1.0},
    "lstm": {"keep": 1.0},
}
STATES, STREAMS, CHUNK, UPDATES, RATE, LIMIT = 48, 8, 24, 600, 0.008, 1.0
POINTS = (0, UPDATES // 4, UPDATES)
"""After so many updates the gradient is looked at, step by step back."""


@dataclass
class Text:
    """A text as numbers: ``letters`` (T, B) in streams, and which letter each number is."""

    alphabet: str
    letters: np.ndarray

    @classmethod
    def read(cls, path: Path = TEXT, streams: int = STREAMS) -> Text:
        """Cut a text into streams of one length; what is left over at the end is not read."""
        text = path.read_text(encoding="utf-8")
        alphabet = "".join(sorted(set(text)))
        numbers = np.array([alphabet.index(letter) for letter in text])
        length = len(numbers) // streams
        return cls(alphabet, numbers[: length * streams].reshape(streams, length).T)

    def inputs(self, numbers: np.ndarray) -> np.ndarray:
        """Return letters as rows with a single one."""
        return np.eye(len(self.alphabet))[numbers]

    def chunks(self, steps: int = CHUNK) -> Iterator[tuple[bool, np.ndarray, np.ndarray]]:
        """Return for ever whether the text begins anew, letters (steps, B) and those after them."""
        while True:
            for start in range(0, len(self.letters) - steps, steps):
                part = self.letters[start : start + steps + 1]
                yield start == 0, part[:-1], part[1:]


@dataclass
class Adam:
    """Kingma and Ba 2015."""

    rate: float
    mean: dict[str, Any] = field(default_factory=dict)
    square: dict[str, Any] = field(default_factory=dict)
    steps: int = 0

    def step(self, params: dict[str, Any], grads: dict[str, Any]) -> dict[str, Any]:
        """Return the weights after a step."""
        self.steps += 1
        moved = {}
        for name, value in params.items():
            g = grads[name]
            self.mean[name] = 0.9 * self.mean.get(name, 0) + 0.1 * g
            self.square[name] = 0.999 * self.square.get(name, 0) + 0.001 * g * g
            mean = self.mean[name] / (1 - 0.9**self.steps)
            square = self.square[name] / (1 - 0.999**self.steps)
            moved[name] = value - self.rate * mean / (np.sqrt(square) + 1e-8)
        return moved


@dataclass
class Reader:
    """A cell that reads: its weights, and how to run it forward and back."""

    cell: str
    params: dict[str, Any]
    options: dict[str, Any]

    @classmethod
    def begin(cls, cell: str, letters: int, seed: int = 0, states: int = STATES) -> Reader:
        """Return a cell with initial weights."""
        options = dict(CELLS[cell])
        params = initial_weights(cell, m=letters, n=states, p=letters,
                                 rng=np.random.default_rng(seed), **options)  # fmt: skip
        options.pop("keep", None)
        return cls(cell, params, options)

    def forward(self, x: np.ndarray, states: dict[str, Any]) -> Any:
        """Run forward."""
        return getattr(bpttcheck, self.cell).forward(self.params, x, **states, **self.options)

    def backward(self, run: Any, ds: Any) -> Any:
        """Run back; the gradients of the weights are under their names."""
        return getattr(bpttcheck, self.cell).backward(self.params, run, ds)

    def weights_of(self, gradients: Any) -> dict[str, Any]:
        """Return the gradients of the weights by name."""
        return {name: gradients.weights[name] for name in self.params}

    def last(self, run: Any) -> dict[str, Any]:
        """Return the final states, as initial ones."""
        return {"h0": run.h[-1]} | ({"c0": run.c[-1]} if self.cell == "lstm" else {})


def train(
    cell: str, text: Text, updates: int = UPDATES, say: Any = None, seed: int = 0
) -> Iterator[tuple[int, float, Reader]]:
    """Return, update by update, how many there were, the loss before it in nats, and the reader."""
    reader, optimiser = Reader.begin(cell, len(text.alphabet), seed), Adam(RATE)
    states: dict[str, Any] = {}
    for done, (anew, letters, after) in zip(range(updates + 1), text.chunks(), strict=False):
        run = reader.forward(text.inputs(letters), {} if anew else states)
        states = reader.last(run)  # as they are: no gradient goes back through them
        loss = float(nll(run.s, after)) / after.size
        yield done, loss, reader
        if say and done % 100 == 0:
            say(f"{cell:5} {done:4} updates   {loss:.3f} nats a letter")
        gradients = reader.backward(run, nll_gradient(run.s, after) / after.size)
        clipped = clip_by_global_norm(reader.weights_of(gradients), LIMIT)
        reader.params = optimiser.step(reader.params, clipped)


def by_lag(reader: Reader, text: Text, lags: int = CHUNK) -> list[float]:
    """Return ‖∂L_T/∂h_k‖ for lags T − k = 0, 1, … relative to lag 0: of the loss of a last letter.

    An LSTM's is that of cell and state together.
    """
    letters, after = text.letters[: lags + 1], text.letters[lags + 1]
    run = reader.forward(text.inputs(letters), {})
    ds = np.zeros_like(run.s)
    ds[-1] = nll_gradient(run.s[-1], after)
    gradients = reader.backward(run, ds)
    squares = (gradients.dh[1:] ** 2).sum(axis=(1, 2))
    if reader.cell == "lstm":
        squares = squares + (gradients.dc[1:] ** 2).sum(axis=(1, 2))
    norms = np.sqrt(squares)[::-1]
    return [float(a) for a in norms / norms[0]]


def written(reader: Reader, text: Text, start: str, letters: int = 120, seed: int = 0) -> str:
    """Return what the reader writes after a start, letter by letter, drawn from its softmax."""
    rng, said = np.random.default_rng(seed), start
    run = reader.forward(text.inputs(np.array([text.alphabet.index(a) for a in start])), {})
    for _ in range(letters):
        probabilities = softmax(run.s[-1])
        drawn = int(rng.choice(len(text.alphabet), p=probabilities / probabilities.sum()))
        said += text.alphabet[drawn]
        run = reader.forward(text.inputs(np.array([drawn])), reader.last(run))
    return said


def main(arguments: list[str] | None = None) -> None:
    """Train every cell, say how it goes, and keep what came out if asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args(arguments)
    text, record = Text.read(), {}
    print(f"{text.letters.size} letters, {len(text.alphabet)} different ones, "
          f"{np.log(len(text.alphabet)):.3f} nats a letter without having read")  # fmt: skip
    for cell in CELLS:
        losses, lags = [], {}
        for done, loss, reader in train(cell, text, say=print):
            losses.append(round(loss, 4))
            if done in POINTS:
                lags[done] = [float(f"{a:.3g}") for a in by_lag(reader, text)]
        sample = written(reader, text, "The state ")
        print(f"{cell:5} writes: {sample!r}")
        record[cell] = {"losses": losses, "lags": lags, "writes": sample}
    if options.record:
        RECORD.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
