"""The README: its commands are there to be run, its session is what the program prints."""

import re
import shlex
from pathlib import Path

import pytest

from bpttcheck import scalar_rnn
from bpttcheck.cli import main

README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```(console|python)\n(.*?)```", README, flags=re.DOTALL))
SESSION = re.split(r"^\$ ", BLOCKS["console"], flags=re.MULTILINE)[1:]


def lines(text):
    """Return the lines without trailing blanks, the time that a run took and what it tried."""
    kept = [re.sub(r"\d+\.\d s$|[\d,]+ tried$", "", line.rstrip()) for line in text.splitlines()]
    return [line for line in kept if line]


@pytest.mark.parametrize("shown", SESSION, ids=[s.splitlines()[0] for s in SESSION])
def test_the_session_is_what_is_printed(shown, capsys):
    command, _, output = shown.partition("\n")
    program, *arguments = shlex.split(command)
    assert program == "bpttcheck"
    if arguments[0] == "check":  # the digits of the table are the platform's
        assert main(arguments) == 1
        head = [text.partition("\n\n")[0] for text in (capsys.readouterr().out, output)]
        assert lines(head[0]) == lines(head[1])
        return
    assert main(arguments) == 0
    assert lines(capsys.readouterr().out) == lines(output)


def test_the_example_runs_and_says_what_it_promises():
    names = {}
    exec(BLOCKS["python"], names)
    assert names["run"].s.shape == (2,)
    assert set(names["grads"]) == {"w", "v", "h0", "x"}
    assert float(names["nll_gradient"]([40.0, 0.0], 0)[0]) == pytest.approx(-4.25e-18, rel=1e-3)
    assert names["scalar_rnn"] is scalar_rnn


def test_two_commands_that_set_themselves_up():
    blocks = re.findall(r"```sh\n(.*?)\n```", README, flags=re.DOTALL)
    assert len(blocks) == 2
    for command in blocks:
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -q -e ")
        assert "\n" not in command


def test_local_links_lead_somewhere():
    root = Path(__file__).parents[2]
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    for link in links:
        assert (root / link).exists(), link
