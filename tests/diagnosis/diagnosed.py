"""The cause that a diagnosis names at the telling cases."""

from bpttcheck.cases import Case
from bpttcheck.check.cause.diagnose import structural
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.probe_point import probed
from bpttcheck.check.search.problem import TELLING
from bpttcheck.diagnosis.explanation.cause import Cause


def named(problem, seeds=(0,)):
    """Return the cause's name at the telling cases, from gradients alone; "" for none."""
    found = found_at(problem, seeds)
    return found.name if isinstance(found, Cause) else ""


def found_at(problem, seeds=(0,), cells=()):
    """Return the cause at the telling cases, or why there is none."""
    places = []
    for case in TELLING:
        for seed in seeds:
            here = Case(**{**case.to_dict(), "seed": case.seed + 100 * seed})
            value_and_grad, params = problem(here)
            params = here.applied(params)
            calls = Calls(value_and_grad, None, params, None)
            places.append(probed(calls, params, name=str(here), case=here))
    return structural([p for p in places if p is not None], {}, cells=cells)
