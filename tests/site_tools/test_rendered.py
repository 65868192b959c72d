"""Pages that an earlier build has rendered: the same, and what is wrong with them is said again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("material", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("mkdocs_jupyter", reason="the site's tools are missing: pip install '.[docs]'")
pytest.importorskip("mkdocstrings", reason="the site's tools are missing: pip install '.[docs]'")

from mkdocs.exceptions import Abort
from mkdocs.structure.pages import Page

from site_tools import cached

pytestmark = pytest.mark.filterwarnings("default")

HOME = "# Home\n\n## Part\n\n[to a place](other.md#there) and [here](#part), $x^2$\n\n## Install\n"
OTHER = "# Other\n\n## There\n\n`#!python 1 + 1`\n"


@pytest.fixture
def again(
    site: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, list[str]]]:
    """Return a function that builds pages, and says what they are and which were rendered anew."""
    kept = tmp_path / "kept"
    kept.mkdir()
    for installed in cached.folder().glob("*/node_modules"):
        (kept / installed.parent.name).symlink_to(installed.parent)
    monkeypatch.setattr(cached, "folder", lambda: kept)
    monkeypatch.delenv("CI")
    anew: list[str] = []
    render = Page.render

    def noted(page: Page, *given: object) -> None:
        anew.append(page.file.src_uri)
        render(page, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Page, "render", noted)

    def build(**pages: str) -> tuple[str, list[str]]:
        anew.clear()
        shutil.rmtree(tmp_path / "docs", ignore_errors=True)
        (tmp_path / "site_tools").unlink(missing_ok=True)
        home = site({f"{name}.md": text for name, text in pages.items()})
        return home, [*anew]

    return build


def test_what_has_not_changed_is_not_rendered_again(
    again: Callable[..., tuple[str, list[str]]], caplog: pytest.LogCaptureFixture
) -> None:
    """And an anchor that went is missed on a page that was not."""
    first, anew = again(index=HOME, other=OTHER)
    assert anew == ["index.md", "other.md"]
    second, anew = again(index=HOME, other=OTHER)
    assert anew == []
    assert second == first
    assert '<a href="#part" class="md-nav__link">' in first, "the table of contents"
    with pytest.raises(Abort, match="strict mode"):
        again(index=HOME, other=OTHER.replace("There", "Gone"))
    assert "'other.md' does not contain an anchor '#there'" in caplog.text


def test_what_is_wrong_is_said_again(
    again: Callable[..., tuple[str, list[str]]], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        caplog.clear()
        with pytest.raises(Abort, match="strict mode"):
            again(index=HOME)
        assert "but the target 'other.md' is not found" in caplog.text
