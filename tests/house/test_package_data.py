"""What is installed: every file of the package that is no Python is named in pyproject.toml."""

import tomllib
from pathlib import Path

import pytest

import bpttcheck

PACKAGE = Path(bpttcheck.__file__).parent
PROJECT = PACKAGE.parent / "pyproject.toml"

pytestmark = pytest.mark.skipif(not PROJECT.exists(), reason="it is not installed")


def test_every_data_file_is_installed():
    data = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    named = {
        path
        for package, patterns in data.items()
        for pattern in patterns
        for path in (PACKAGE.parent / package.replace(".", "/")).glob(pattern)
    }
    there = {
        p
        for p in PACKAGE.rglob("*")
        if p.is_file() and p.suffix != ".py" and p.parent.name != "__pycache__"
    }
    assert there == named
    assert PACKAGE / "diagnosis" / "explanation" / "equations.toml" in named
