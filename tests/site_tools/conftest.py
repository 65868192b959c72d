"""A site of a few pages, built as the real one is."""

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


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
            # Every notebook's page links to it.
            install = "\n\n## Install\n" if name == "index.md" else ""
            page.write_text(text + install, encoding="utf-8")

        loaded = load_config(str(tmp_path / "mkdocs.yml"))
        from site_tools import ledger  # importable once the hook has been loaded

        monkeypatch.setattr(ledger, "start", lambda: None)
        monkeypatch.setattr(ledger, "pages", lambda: generated or {})
        monkeypatch.setattr(ledger, "downloads", dict)
        build(loaded)
        return (tmp_path / "site" / "index.html").read_text(encoding="utf-8")

    return built
