"""What each library calls its arrays, with their shapes for m = 2, n = 3 and r = 4.

``python -m tests.conformance.array_lists`` writes the list anew, after a change that is meant.
"""

from pathlib import Path

from bpttcheck.conformance import LAYOUTS
from bpttcheck.conformance.weight_blocks import shape_of

KEPT = Path(__file__).with_suffix(".txt")

HEADER = """\
# What libraries call their arrays. Before another name is kept, the library is run with it:
# python -m libraries NAME. Written by: python -m tests.conformance.array_lists
"""

SIZES = {"n": 3, "m": 2, "r": 4}


def listed():
    """Return a block a layout: its cell, its arrays in order with their shapes, what it gives."""
    for name, layout in LAYOUTS.items():
        yield f"{name}: {layout.cell}"
        for array, text in layout.arrays.items():
            blocks = layout.blocks.get(array)
            shape = blocks and " × ".join(map(str, shape_of(blocks, layout.weights, SIZES)[0]))
            yield f"    {array}  {shape or text}"
        yield f"    -> {layout.outputs}"


def text():
    """Return the file that is kept."""
    return HEADER + "".join(f"{line}\n" for line in listed())


if __name__ == "__main__":
    KEPT.write_text(text(), encoding="utf-8")
