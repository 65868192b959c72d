"""The global random generators: of Python, of NumPy, and of PyTorch if it is there."""

from __future__ import annotations

import pickle
import random
import sys
from typing import Any

import numpy as np


class Randomness:
    """The state of the generators at one time."""

    def __init__(self) -> None:
        self._python = random.getstate()
        self._numpy: Any = np.random.get_state(legacy=False)
        torch = sys.modules.get("torch")
        self._torch = torch.get_rng_state() if torch is not None else None

    def restore(self) -> None:
        """Put the generators back into this state."""
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        if self._torch is not None:
            sys.modules["torch"].set_rng_state(self._torch)

    def moved(self) -> bool:
        """Tell whether a number has been drawn since."""
        now = Randomness()
        tensors = self._torch is None or bool((self._torch == now._torch).all())
        same = self._python == now._python and tensors
        return not (same and pickle.dumps(self._numpy) == pickle.dumps(now._numpy))
