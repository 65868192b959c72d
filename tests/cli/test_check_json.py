"""What ``bpttcheck check --json`` prints is what its schema and its page say."""

import copy
import json
import re
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from bpttcheck.check import Report
from bpttcheck.check.verdict import report as report_module
from bpttcheck.cli import finding as found_module
from bpttcheck.cli import main
from bpttcheck.cli.events import plain
from bpttcheck.cli.finding import Found, bare
from tests.day import in_turn

SCHEMA = json.loads(files("bpttcheck.cli").joinpath("check.schema.json").read_text("utf-8"))
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"

CODE = """
import os
import numpy as np

def sine(factor):
    def value_and_grad(params):
        return np.sin(params["a"]).sum(), {"a": factor * np.cos(params["a"])}
    return value_and_grad

def right(case):
    return sine(1), {"a": case.rng.normal(size=case.n)}

def wrong(case):
    return sine(1.1 if case.n > 2 else 1), {"a": case.rng.normal(size=case.n)}

def some(case):
    if case.T == 1:
        raise IndexError("no step")
    return right(case)

def raises(case):
    raise IndexError("no step")

def point():
    return sine(1.1), {"a": np.ones(2)}

def infinite():
    return lambda p: (np.inf, {"a": p["a"]}), {"a": np.ones(2)}

def dies():
    os._exit(0)
"""
TARGETS = [
    "code.py:right",
    "code.py:wrong",
    "code.py:some",
    "code.py:raises",
    "code.py:point",
    "code.py:infinite",
    "code.py:dies",
    "code.py:gone",
    "mine.py",
]


def strict(schema):
    """Return the schema with no key allowed that it does not describe."""
    closed = copy.deepcopy(schema)

    def close(node):
        if isinstance(node, dict):
            if "properties" in node:
                node["additionalProperties"] = False
            for part in node.values():
                close(part)
        elif isinstance(node, list):
            for part in node:
                close(part)

    close(closed)
    return closed


def valid(report):
    """Assert that an object has the keys of the schema, and no others."""
    schema = strict({"$defs": SCHEMA["$defs"], "$ref": "#/$defs/result"})
    errors = jsonschema.Draft202012Validator(schema).iter_errors(report)
    found = jsonschema.exceptions.best_match(errors)
    assert found is None, f"{found.json_path}: {found.message}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "code.py").write_text(CODE)
    mine = PAGE.parent.parent / "how-to" / "mine.py"
    (tmp_path / "mine.py").write_text(mine.read_text("utf-8"), "utf-8")
    monkeypatch.chdir(tmp_path)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@in_turn(2)
def test_reports_of_every_verdict(folder, capsys):
    main(["check", *TARGETS, "--json", "--max-examples", "3"])
    out = capsys.readouterr().out
    reports = json.loads(out, parse_constant=lambda name: pytest.fail(name))
    for report in reports:
        valid(report)
    jsonschema.validate(reports, SCHEMA)
    statuses = [r["exit"] for r in reports]
    assert statuses == [0, 1, 0, 3, 1, 3, 3, 2, 1]
    assert {r["verdict"] for r in reports} == {"right", "wrong", "undecided", None}
    assert reports[-1]["cause"]["name"] == "recurrent-transpose"


def test_the_schema_refuses_what_it_should(folder, capsys):
    main(["check", "code.py:point", "--json"])
    good = json.loads(capsys.readouterr().out)
    for key, value in (("verdict", "maybe"), ("exit", 7), ("schema", 2), ("blocks", None)):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(good | {key: value}, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({k: v for k, v in good.items() if k != "verdict"}, SCHEMA)


def test_errors_of_ours_and_interrupted_checks():
    for found in (
        Found("x.py", error="KeyError", kind="internal"),
        Found("x.py", report=bare("undecided", "interrupted", "interrupted"), interrupted=True),
    ):
        valid(found.to_dict("1.0"))


def test_a_report_without_a_process_has_the_keys_of_any():
    assert found_module.SCHEMA == report_module.SCHEMA
    assert bare("undecided", "x").keys() == Report("undecided", "x").to_dict().keys()
    assert SCHEMA["$defs"]["result"]["properties"]["schema"]["const"] == found_module.SCHEMA


def test_numbers_that_json_has_not():
    given = {"a": [float("inf"), float("nan"), 1.5], 2: (True, None, "x"), "o": object}
    assert plain(given) == {"a": [None, None, 1.5], "2": [True, None, "x"], "o": str(object)}


@pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not installed")
def test_the_page_describes_every_key():
    page = PAGE.read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", page, flags=re.MULTILINE))
    for name, definition in SCHEMA["$defs"].items():
        for key in definition["properties"]:
            assert name == "evaluations" or rows.get(key), key
