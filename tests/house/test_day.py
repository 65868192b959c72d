"""The day's share: every case has its turn, a day has the same twice, a failure says the day."""

from types import SimpleNamespace

import pytest

from tests import conftest
from tests.day import DAY, share
from tests.refusals import refuses


@pytest.mark.parametrize("count", [1, 5, 20, 23])
def test_each_case_has_one_turn_in_as_many_days(count):
    days = [share(range(count), 7, day=str(day), night=False) for day in range(20_786, 20_793)]
    met = [case for cases in days[: min(7, count)] for case in cases]
    assert sorted(met) == list(range(count))
    assert all(days)
    assert max(map(len, days)) - min(map(len, days)) <= 1


def test_a_day_has_the_same_share_again_and_a_night_all():
    one, other = (share("abcdefgh", 3, day=day, night=False) for day in ("4", "5"))
    assert one == share("abcdefgh", 3, day="4", night=False) == ["b", "e", "h"]
    assert other == ["c", "f"]
    assert share("", 3, day="4", night=False) == []
    assert share(iter("abc"), 3, day="4", night=True) == ["a", "b", "c"]
    assert share("abc", 3, day="all", night=False) == ["a", "b", "c"]


@pytest.mark.parametrize("day", ["", "-1", "1.5", "monday"])
def test_what_is_no_day(day):
    said = f"BPTTCHECK_DAY: expected a whole number of days or all, got {day!r}"
    refuses(lambda: share("abc", 3, day=day, night=False), ValueError, said)


def test_a_failure_says_how_it_is_repeated():
    said = []
    for stats in ({"passed": [1]}, {"failed": [1]}, {"error": [1]}):
        conftest.pytest_terminal_summary(SimpleNamespace(stats=stats, write_line=said.append))
    assert said == [conftest.pytest_report_header()] * 2
    assert f"BPTTCHECK_DAY={DAY} " in said[0]
