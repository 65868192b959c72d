"""What a build does not do twice."""

import pytest

from bpttcheck.verification.shards import GROUP, group_of


@pytest.mark.parametrize(("jobs", "most"), [(2, 82), (4, 41), (16, GROUP)])
def test_a_few_processes_decide_large_shards(jobs: int, most: int) -> None:
    assert group_of(654, jobs) == most
    assert group_of(3, jobs) == GROUP
