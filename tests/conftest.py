"""Hypothesis profiles: ``ci`` repeats itself, ``dev`` explores a little, ``nightly`` a lot."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bpttcheck.claims import CLAIMS
from bpttcheck.identities import REGISTRY
from bpttcheck.statements.trial import Trial
from bpttcheck.verification import examine, verify

ROOT = Path(__file__).resolve().parents[1]
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("ci", derandomize=True, max_examples=50, database=None, **COMMON)
settings.register_profile("dev", max_examples=50, **COMMON)
settings.register_profile("nightly", max_examples=5000, **COMMON)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev")
)


@pytest.fixture(scope="session")
def everything():
    """Return the decisions on all identities and claims, made once, on fewer cases than usual."""
    decide_exactly = Trial.decide_exactly

    def at_three_shapes(trial, case, seed):
        if trial.evidence.exact.cases < 3:
            decide_exactly(trial, case, seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examine, "ENCLOSED", 10)
        patch.setattr(Trial, "decide_exactly", at_three_shapes)
        return verify([i.id for i in REGISTRY], CLAIMS, max_examples=40)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that builds the given pages, and returns the HTML of the home page."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    monkeypatch.setenv("CI", "true")  # no cached outputs

    def built(pages: dict[str, str], generated: dict[str, str] | None = None) -> str:
        config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
        (tmp_path / "base.yml").write_text(config, encoding="utf-8")
        nav = [*pages, *(generated or {})]
        (tmp_path / "mkdocs.yml").write_text(f"INHERIT: base.yml\nnav: {nav}\n", encoding="utf-8")
        (tmp_path / "site_tools").symlink_to(ROOT / "site_tools", target_is_directory=True)
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "assets").symlink_to(ROOT / "docs" / "assets")
        for name, text in pages.items():
            page = tmp_path / "docs" / name
            page.parent.mkdir(exist_ok=True)
            page.write_text(text, encoding="utf-8")

        loaded = load_config(str(tmp_path / "mkdocs.yml"))
        from site_tools import ledger  # importable once the hook has been loaded

        monkeypatch.setattr(ledger, "start", lambda: None)
        monkeypatch.setattr(ledger, "pages", lambda: generated or {})
        monkeypatch.setattr(ledger, "downloads", dict)
        build(loaded)
        return (tmp_path / "site" / "index.html").read_text(encoding="utf-8")

    return built
