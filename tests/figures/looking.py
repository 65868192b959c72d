"""A figure as its elements, and where its labels are."""

import xml.etree.ElementTree as ET

from bpttcheck.figures.legend import text_width


def drawn(figure):
    """Return the elements of a figure, which must be well-formed."""
    return list(ET.fromstring(figure._repr_html_()))


def refuse_overlap(figure):
    """Fail where a label lies on another or leaves the figure, or a phone is too narrow for it."""
    boxes = list(labels(figure))
    assert figure.width <= 390
    for box in boxes:
        assert 0 <= box[0] < box[2] <= figure.width, box
        assert 0 <= box[1] < box[3] <= figure.height, box
    for i, (a, b, c, d, _) in enumerate(boxes):
        for other in boxes[:i]:
            assert a >= other[2] or other[0] >= c or b >= other[3] or other[1] >= d, other


def labels(figure):
    """Return the box of every label, at least as large as a browser makes it."""
    for e in drawn(figure):
        if e.tag.endswith("text") and "".join(e.itertext()).strip():
            width = text_width("".join(e.itertext()), 7.0)
            left = (
                float(e.get("x"))
                - {"start": 0, "middle": width / 2, "end": width}[e.get("text-anchor")]
            )
            y = float(e.get("y"))
            yield left, y - 11, left + width, y + 4, "".join(e.itertext())
