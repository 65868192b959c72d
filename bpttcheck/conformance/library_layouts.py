"""The layouts of libraries.

Gates are named as in the reference: i f g o of the LSTM, whose g is the candidate (c in ONNX and
Keras); z r g of the GRU, whose z keeps and whose g is the candidate (n in PyTorch, h in ONNX and
Keras).
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from bpttcheck.arguments import shown, told_of
from bpttcheck.conformance.layout import Layout
from bpttcheck.conformance.layouts_of_jax import JAX
from bpttcheck.conformance.layouts_of_others import KERAS, ONNX, OTHERS
from bpttcheck.conformance.layouts_of_torch import TORCH

LAYOUTS: dict[str, Layout] = {**TORCH, **ONNX, **KERAS, **JAX, **OTHERS}
"""Layouts by name."""


def layout_of(name: str, given: Any) -> Layout:
    """Return a layout, given as one or as the name of one in ``LAYOUTS``.

    Raises:
        TypeError, ValueError: it is neither; the names most like it are in the message.
    """
    if isinstance(given, Layout):
        return given
    if not isinstance(given, str):
        raise TypeError(f"{name}: expected a Layout or a name in LAYOUTS, got {told_of(given)}")
    if given not in LAYOUTS:
        near = get_close_matches(given, LAYOUTS, n=3) or sorted(LAYOUTS)
        some = "; ".join(near[:3])
        raise ValueError(f"{name}: expected a name in LAYOUTS, such as {some}, got {shown(given)}")
    return LAYOUTS[given]
