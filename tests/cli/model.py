"""A file of problems that ``bpttcheck check`` is asked about."""

import json
import subprocess
import sys

from bpttcheck.cli import main

MODEL = """
import numpy as np

def pair(factor, case):
    def value_and_grad(params):
        loss = np.sin(params["a"]).sum() + np.sin(params["b"]).sum()
        return loss, {"a": np.cos(params["a"]), "b": factor * np.cos(params["b"])}
    return value_and_grad, {name: case.rng.normal(size=case.n) for name in "ab"}

def problem(case):
    return pair(1, case)

def wrong(case):
    return pair(1.1, case)

def wrong_from_three_steps_on(case):
    return pair(1 + 0.1 * (case.T > 2), case)

def raises(case):
    raise RuntimeError("no")

def not_a_pair(case):
    return 3
"""
FEW = ("--max-examples", "2")


def found(capsys, *arguments):
    status = main(["check", *arguments, *FEW, "--json"])
    return status, json.loads(capsys.readouterr().out)


def program(*arguments, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(
        [sys.executable, "-m", "bpttcheck", *arguments], text=True, encoding="utf-8", **options
    )
