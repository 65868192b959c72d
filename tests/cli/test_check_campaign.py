"""``bpttcheck check --scheduler``: what many checks of one TARGET say together."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from bpttcheck.cli import check_campaign, main, one_check, settings
from bpttcheck.cli.check_campaign import CheckCampaign, planned
from bpttcheck.cli.finding import Found
from bpttcheck.verification.driving import ExecutorLost
from bpttcheck.verification.shards import Failure, ShardOutcome
from bpttcheck.verification.sources import versions
from tests.day import in_turn

HOW = {**settings.DEFAULTS, "max_examples": 100, "seed": 3}
SMALL = ("--cases", "T=1..4,B=1,m=1,n=1,p=1")


class _Threads(ThreadPoolExecutor):
    """Workers of this process, which start processes of their own."""

    def sharers(self):
        return 2


@pytest.fixture
def cluster(monkeypatch):
    @contextmanager
    def threads(address):
        assert address == "there"
        with _Threads(2) as executor:
            yield executor

    monkeypatch.setattr(check_campaign, "cluster_of", threads)


def report(verdict, **cases):
    search = {"cases": cases, "planned": 46, "undecided": [], "lines": []}
    calls = {"loss": 10, "value_and_grad": 2}
    return {
        "verdict": verdict, "reason": f"is {verdict}", "error": None,
        "search": search, "evaluations_in_all": calls,
    }  # fmt: skip


def campaign_of(folder, *reports):
    """Return a campaign of three checks, of which some came back."""
    campaign = CheckCampaign(planned("model.py", HOW, str(folder)), lambda *_: None)
    for found in reports:
        check = campaign.next(1)
        if isinstance(found, Failure):
            campaign.fail(check, found)
        else:
            campaign.take(check, ShardOutcome(0.1, {("", "", "report"): found}))
    return campaign


def test_the_checks_follow_from_the_seed(folder):
    checks = planned("model.py", {**HOW, "only": ["a", "b"], "thorough": True}, str(folder))
    assert [check.examples for check in checks] == [40, 40, 20]
    assert [check.number for check in checks] == [0, 1, 2]
    assert checks[0].seed == 3
    assert len({check.seed for check in checks}) == 3
    assert checks[1].options == ("--only", "a,b", "--thorough")
    assert (
        planned("model.py", HOW, str(folder), skip=2) == planned("model.py", HOW, str(folder))[2:]
    )
    assert planned("model:problem", HOW, str(folder))[0].digest == ""
    assert one_check.digest_of("model.py:wrong", str(folder)) == checks[0].digest != ""


def test_right_where_every_check_is(folder):
    found = Found("model.py")
    campaign_of(folder, *[report("right", right=45, undecided=1)] * 3).summed_up(found)
    assert found.status == 0
    assert found.text == (
        "right at 135 of 138 cases, in 3 checks\n\n30 losses and 6 gradients evaluated"
    )
    search = found.report["search"]
    assert search["cases"] == {"right": 135, "undecided": 3}
    assert search["checks"] == {"right": 3, "planned": 3}
    assert search["planned"] == 138


def test_one_check_without_a_verdict(folder):
    found = Found("model.py")
    campaign = campaign_of(folder, report("right", right=46), report("undecided", undecided=46))
    campaign.fail(campaign.next(1), Failure("check 2", "exit status -9", ours=False))
    campaign.summed_up(found)
    assert found.status == 3
    first, *lines = found.text.splitlines()
    assert first == (
        "undecided: 2 of 3 checks are not decided; right at 46 of 92 cases, in 2 checks"
    )
    seeds = [check.seed for check in campaign.checks]
    assert lines[:2] == [
        f"--seed {seeds[1]} --max-examples 40: is undecided",
        f"--seed {seeds[2]} --max-examples 20: exit status -9",
    ]


def test_what_comes_after_a_wrong_check_is_not_asked(folder):
    campaign = campaign_of(folder, report("right", right=46))
    first, second = campaign.next(1), campaign.next(1)
    campaign.take(second, ShardOutcome(0.1, {("", "", "report"): report("wrong", wrong=1)}))
    assert campaign.next(1) is None
    campaign.again([first])  # which was lost, and may be wrong itself
    assert campaign.next(1) is first
    campaign.take(first, ShardOutcome(0.1, {("", "", "report"): report("wrong", wrong=1)}))
    assert campaign.wrong is first


def test_a_campaign_that_was_stopped(folder):
    found = Found("model.py")
    campaign_of(folder, report("right", right=46)).summed_up(found, "interrupted")
    assert found.report["kind"] == "interrupted"
    assert "interrupted; --skip 1 goes on from here" in found.text


@in_turn(2)
def test_from_the_command_line(folder, cluster, capsys):
    asked = ["check", "model.py", "--max-examples", "41", *SMALL, "--scheduler", "there", "--json"]
    assert main(asked) == 0
    out, err = capsys.readouterr()
    whole = json.loads(out)
    assert whole["search"]["checks"] == {"right": 2, "planned": 2}
    assert "model.py: 41 of 41 cases" in err
    assert main([*asked, "--skip", "1"]) == 0
    rest = json.loads(capsys.readouterr().out)
    assert rest["search"]["cases"]["right"] < whole["search"]["cases"]["right"]


@in_turn(2)
def test_the_first_wrong_check_is_made_again_here(folder, cluster, capsys):
    target = "model.py:wrong_from_three_steps_on"
    asked = ["check", target, "--max-examples", "41", *SMALL, "--scheduler", "there", "--json"]
    assert main([*asked, "--no-mend"]) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["case"]["T"] == 3
    again = "check 0 of a campaign of 2 is wrong; again: bpttcheck check "
    assert again in err
    assert found["notes"][-1].startswith(again)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("none.py",), "TARGET: none.py: No such file or directory"),
        (("model.py:none",), "TARGET: model.py has no 'none'"),
        (("model.py", "--skip", "1"), "--skip: expected fewer than all checks of the campaign"),
        (("model.py", "--replay", "model.py"), "--replay: one case; not together with"),
    ],
)
def test_what_cannot_be_done_is_one_line(folder, cluster, capsys, asked, said):
    assert main(["check", *asked, "--scheduler", "there"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_checks_of_a_campaign_are_counted_in_campaigns_alone(folder, capsys):
    assert main(["check", "model.py", "--skip", "1"]) == 2
    assert "--skip: expected --scheduler with it" in capsys.readouterr().err


def test_another_file_on_a_worker(folder):
    (check,) = planned("model.py", {**HOW, "max_examples": 1}, str(folder))
    (folder / "model.py").write_text("def problem(case): ...")
    (told,) = one_check.do(check, versions()).found.values()
    assert told["error"]["message"] == f"TARGET: model.py in {folder} is another file on a worker"
    (folder / "model.py").unlink()
    (told,) = one_check.do(check, versions()).found.values()
    assert told["error"]["message"] == f"TARGET: no file model.py in {folder} on a worker"


def test_a_cluster_that_is_lost_leaves_what_is_known(folder, monkeypatch, capsys):
    @contextmanager
    def broken(_address):
        class Broken(_Threads):
            def sharers(self):
                raise ExecutorLost("the connection broke")

        with Broken(1) as executor:
            yield executor

    monkeypatch.setattr(check_campaign, "cluster_of", broken)
    assert main(["check", "model.py", "--scheduler", "there"]) == 3
    assert "the connection broke; --skip 0 goes on from here" in capsys.readouterr().out
