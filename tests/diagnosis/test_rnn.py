"""The diagnosis: the planted mistake is named, nothing is named for honest or unknown code."""

import numpy as np
import pytest

from bpttcheck.check import gallery
from bpttcheck.diagnosis.explanation import changed, explain, partly
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE
from bpttcheck.diagnosis.mistakes.bank import passes
from bpttcheck.diagnosis.mistakes.embeddings import EMBEDDED
from bpttcheck.diagnosis.mistakes.sums import sums
from bpttcheck.diagnosis.mistakes.whole_result import plain
from bpttcheck.diagnosis.recognition.forms import KNOWN
from bpttcheck.diagnosis.recognition.shape import shape_of
from bpttcheck.identities import REGISTRY
from tests.day import in_turn, share
from tests.diagnosis.diagnosed import named
from tests.diagnosis.mistaken import built, mistakes
from tests.diagnosis.mistaken_styles import STYLES


@pytest.mark.parametrize(("style", "cause", "old", "new"), share(mistakes(STYLES), 8))
@in_turn(2)
def test_a_mistake_in_somebody_elses_style(style, cause, old, new):
    assert named(built(STYLES, style, old, new)) == cause


@pytest.mark.parametrize("style", STYLES)
def test_right_code_has_no_cause(style):
    assert named(built(STYLES, style)) == ""


PLANTED = [
    (source, cause, old, new)
    for source, mistakes in gallery.NETWORKS.values()
    for cause, old, new in mistakes
]


TODAY = share(PLANTED, 24)
"""Some by day; that all are named is on record, see ``test_gallery``."""


@pytest.mark.parametrize(("source", "cause", "old", "new"), TODAY, ids=[p[1] for p in TODAY])
def test_the_gallery(source, cause, old, new):
    assert source.count(old) == 1
    assert named(gallery.problem_with(old, new, source)) == cause


def test_the_gallery_is_run():
    (exhibit,) = gallery.gallery(["recurrent-transpose"], max_examples=1)
    assert exhibit.wrong == "message = da @ W.T"
    assert exhibit.right == "message = da @ W"
    assert exhibit.report.cause.name == exhibit.entry.id == "recurrent-transpose"
    assert (exhibit.report.case.T, exhibit.report.case.n) == (1, 2)
    with pytest.raises(ValueError, match=r"^names: expected some of recurrent-transpose, "):
        list(gallery.gallery(["nonsense"]))


@pytest.mark.parametrize("seed", share(range(8), 2))
def test_what_is_not_known_has_no_cause(seed):
    """Noise in one gradient, at every size of error that is seen."""

    def problem(case):
        value_and_grad, params = gallery.problem_with()(case)
        name = list(params)[seed % len(params)]
        noise = np.random.default_rng([seed, case.seed]).normal(size=params[name].shape)

        def lie(given):
            loss, grads = value_and_grad(given)
            return loss, grads | {name: grads[name] * (1 + 10.0 ** -(2 + seed) * noise)}

        return lie, params

    assert named(problem) == ""


def test_every_cause_is_in_the_catalogue_and_every_identity_in_the_registry():
    causes = {p.cause for p in plain()}
    for cell in KNOWN:
        causes |= {p.cause for p in passes(cell)}
        roles = [*shape_of(cell).roles, "V", "c", "x", *cell.initial, *EMBEDDED]
        causes |= {s.cause for role in roles for s in sums(role, cell)}
    causes |= {"clipped-result", "weight-decay", "slice-missing", "names-swapped", "loss-epsilon"}
    assert causes == set(CATALOGUE)
    known = {identity.id for identity in REGISTRY}
    assert {e.identity for e in CATALOGUE.values() if e.identity} <= known
    planted = [cause for _, cause, _, _ in PLANTED]
    assert set(planted) <= causes
    assert len(set(planted)) == len(planted)


SAME = {  # said in other words, and as true
    "sign": "common-factor",  # by −1
    "recurrent-truncated": "common-factor",  # of h_0 alone, by 0; the rest is left unexplained
    "zero": "common-factor",  # by 0
    "time-reversed": "reversed",
    "initial-state-forgotten": "first-step-skipped",
    "recurrent-message-dropped": "input-gradient-without-recurrence + recurrent-terms-missing",
    "recurrent-message-sign": "sign + slope-of-another-function",  # −φ′, and V and c right
    "recurrent-message-scaled": "common-factor + slope-of-another-function",
    "output-gradient-dropped": "zero",
    "slope-missing": "slope-missing-in-message + slope-missing-in-weights",
}


@pytest.mark.parametrize(
    ("cause", "old", "new"), [p[1:] for p in TODAY if p[0] == gallery.vanilla.SOURCE]
)
def test_a_mistake_that_is_not_in_the_bank_gets_no_other_name(cause, old, new, monkeypatch):
    """Leave one out: with its own name taken away, nothing else may be named."""

    def without(make):
        return lambda *given: tuple(one for one in make(*given) if one.cause != cause)

    changes = changed.changes
    monkeypatch.setattr(
        changed, "changes", lambda points: (c for c in changes(points) if c.cause != cause)
    )
    for name in ("passes", "sums", "plain", "proposed"):
        for module in (explain, changed, partly):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, without(getattr(module, name)))
    assert named(gallery.problem_with(old, new)) == SAME.get(cause, "")


TRANSPOSED = ("message = da @ W\n", "message = da @ W.T\n")
NO_SLOPE = ("dh * (1 - h[t + 1] ** 2)", "dh * 1.0")
LAST_FOUR = ("range(T - 1, -1, -1)", "range(T - 1, max(T - 4, -1), -1)")
RETURNED = "        return loss, grads\n"
AS_IT_IS = (RETURNED, RETURNED)
JOINT = "g * min(1, 0.25 / (np.sqrt(sum((grads[k] ** 2).sum() for k in 'UWVbc')) + 1e-6))"
TOGETHER = [
    ("clipped-result", AS_IT_IS, JOINT.replace("in 'UWVbc'", "in grads")),
    ("clipped-result", AS_IT_IS, f"{JOINT.replace(' + 1e-6', '')} if k in 'UWVbc' else g"),
    ("clipped-result + recurrent-transpose", TRANSPOSED, JOINT.replace("in 'UWVbc'", "in grads")),
    ("", AS_IT_IS, JOINT.replace("min(1, ", "min(1, 0.9 + 0.1 * ")),
    ("clipped-result + recurrent-transpose", TRANSPOSED, "np.clip(g, -0.4, 0.4)"),
    ("clipped-result + recurrent-transpose", TRANSPOSED,
     "g if k != 'W' else np.clip(g, -0.3, 0.3)"),
    ("clipped-result + slope-missing", NO_SLOPE, "np.clip(g, -0.4, 0.4)"),
    ("clipped-result + recurrent-truncated", LAST_FOUR, "np.clip(g, -0.4, 0.4)"),
    ("common-factor + recurrent-transpose", TRANSPOSED, "g / B"),
    ("sign + slope-missing", NO_SLOPE, "-g"),
    ("", TRANSPOSED, "np.clip(g / B, -0.4, 0.4)"),
    ("", TRANSPOSED, "np.tanh(g)"),
    ("common-factor", ("message = da @ W\n", "message = 0.9 * da @ W\n"), "g / B"),  # of V and c
]  # fmt: skip


@pytest.mark.parametrize(("cause", "edit", "change"), share(TOGETHER, 3))
def test_a_mistaken_pass_whose_result_is_changed(cause, edit, change):
    source = gallery.NETWORKS["vanilla RNN"][0]
    returned = f"        return loss, {{k: {change} for k, g in grads.items()}}\n"
    for old, new in (edit, (RETURNED, returned)):
        assert source.count(old) == 1
        source = source.replace(old, new)
    assert named(gallery.problem_with(source=source)) == cause


DRAWN = "    y = rng.normal(size=(T, B, p))\n"
MASKED = [
    ("", "", ""),
    ("mask-forgotten", "do = mask[..., None] * (o - y)", "do = (o - y)"),
    (
        "mask-forgotten",
        'np.einsum("tbi,tbj->ij", do, h[1:]), do.sum((0, 1))',
        'np.einsum("tbi,tbj->ij", o - y, h[1:]) / mask.sum(), (o - y).sum((0, 1)) / mask.sum()',
    ),
    (
        "common-factor",
        "do = mask[..., None] * (o - y) / mask.sum()",
        "do = mask[..., None] * (o - y) / mask.size",
    ),
    ("recurrent-transpose", *TRANSPOSED),
    ("", "do = mask[..., None] * (o - y)", "do = mask[..., None] * (o - y) * np.cos(o)"),
]


@pytest.mark.parametrize("kind", ["float", "bool"])
@pytest.mark.parametrize(("cause", "old", "new"), share(MASKED, 2))
def test_a_loss_that_counts_some_steps_alone(cause, old, new, kind):
    source = gallery.NETWORKS["vanilla RNN"][0]
    mask = "(np.arange(T)[:, None] < rng.integers(1, T + 1, B))"
    for ours, theirs in (
        (DRAWN, f"{DRAWN}    mask = {mask}.astype({kind})\n"),
        ("((o - y) ** 2).sum() / 2", "(mask[..., None] * (o - y) ** 2).sum() / 2 / mask.sum()"),
        ("do = o - y", "do = mask[..., None] * (o - y) / mask.sum()"),
        (old, new),
    ):
        assert ours in source
        source = source.replace(ours, theirs)
    assert named(gallery.problem_with(source=source)) == cause
