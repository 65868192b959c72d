"""The templates of the how-to page *Paste your code*: right as printed, wrong with a slip.

Keras has one backend in a process, which ``KERAS_BACKEND`` chooses.
"""

import re
from pathlib import Path
from types import ModuleType

import pytest

from bpttcheck import Case, check_gradients

HOWTO = Path(__file__).parents[2] / "docs" / "how-to"
TEMPLATES = {file.stem: file.read_text("utf-8") for file in (HOWTO / "templates").glob("*.py")}
CASE = Case(T=3, B=2, m=2, n=3, seed=1)


def loaded(name, text):
    """Return the template as a module, if what it imports is there."""
    for library in ("jax", "keras", "thinc", "torch"):
        if re.search(rf"^(import|from) {library}\b", text, re.MULTILINE):
            pytest.importorskip(library)
    if name.startswith("keras_"):
        import keras

        if keras.backend.backend() != name.removeprefix("keras_"):
            pytest.skip(f"Keras runs on {keras.backend.backend()}: KERAS_BACKEND chooses")
    module = ModuleType(name)
    exec(compile(text, name, "exec"), vars(module))
    return module


@pytest.mark.filterwarnings("default")  # those of the libraries
@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_is_right_until_a_slip_is_made(name):
    report = check_gradients(*loaded(name, TEMPLATES[name]).problem(CASE))
    assert report.ok, report
    assert len(report.blocks) >= 3
    slipped, slips = re.subn(
        r"\b(Whh|W)\.T|ops\.transpose\((W)\)", lambda right: right[1] or right[2], TEMPLATES[name]
    )
    assert slips == 1
    report = check_gradients(*loaded(name, slipped).problem(CASE), locate=False)
    assert report.verdict == "wrong"


def test_the_page_shows_every_template_once():
    page = (HOWTO / "paste-your-code.md").read_text("utf-8")
    assert sorted(re.findall(r"<!-- generated: template/(\w+) -->", page)) == sorted(TEMPLATES)
