"""What a build keeps for the next one: nothing that rests on something that has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the site's tools are missing: pip install '.[docs]'")

from mkdocs.exceptions import PluginError

from site_tools import blocks, cached, console, notebooks

RUNS = "```python\nfrom pathlib import Path\nassert Path({!r}).read_text() == 'right'\n```\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep things in a folder of the test's own."""
    monkeypatch.setattr(cached, "folder", lambda: tmp_path)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def test_answers_are_kept_until_what_they_rest_on_changes(folder: Path) -> None:
    kept = cached.Kept("name", ["source", "version"])
    kept.answers["question"] = "answer"
    kept.save()
    assert cached.Kept("name", ["source", "version"]).answers == {"question": "answer"}
    assert cached.Kept("name", ["source", "another version"]).answers == {}
    assert cached.Kept("other", ["source", "version"]).answers == {}
    cached.Kept("name", ["another source"]).save()
    assert [file.name.partition("-")[0] for file in folder.glob("*.json")] == ["name"]
    assert cached.Kept("name", ["source", "version"]).answers == {}  # its file is gone


def test_a_build_machine_starts_afresh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = cached.Kept("name", ["source"])
    kept.answers["question"] = "answer"
    kept.save()
    monkeypatch.setenv("CI", "true")
    assert cached.Kept("name", ["source"]).answers == {}
    cached.Kept("name", ["another source"]).save()
    assert len([*folder.glob("*.json")]) == 1


def test_blocks_run_again_when_the_page_or_the_sources_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block reads a file that the cache does not know: it shows whether the block has run."""
    file = folder / "state.txt"
    file.write_text("right", encoding="utf-8")
    monkeypatch.setattr(cached, "what_runs", lambda: ["sources"])
    page = RUNS.format(str(file))
    assert blocks.executed(page, "a.md") == page
    file.write_text("wrong", encoding="utf-8")
    assert blocks.executed(page, "a.md") == page  # kept
    for changed, name in ((page + "more", "a.md"), (page, "b.md")):
        with pytest.raises(PluginError, match="the block fails"):
            blocks.executed(changed, name)
    monkeypatch.setattr(cached, "what_runs", lambda: ["other sources"])
    with pytest.raises(PluginError, match="the block fails"):
        blocks.executed(page, "a.md")


def test_what_a_command_printed_is_kept_unless_it_could_not_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([(2, "no such file"), (1, "wrong"), (0, "right")])
    monkeypatch.setattr(cached, "what_runs", lambda: ["sources"])
    monkeypatch.setattr(console, "_printed", lambda *_: next(answers))
    said = [console.output("check mine.py") for _ in range(3)]
    assert [tuple(each) for each in said] == [(2, "no such file"), (1, "wrong"), (1, "wrong")]


def test_what_runs_knows_every_folder_that_a_page_may_reach(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached, "ROOT", folder)
    digests = [cached.what_runs()]
    for name in cached.RUNS:
        (folder / name).mkdir(parents=True)
        for text in ("first", "second"):
            (folder / name / "source.py").write_text(text, encoding="utf-8")
            cached.look_again()
            digests.append(cached.what_runs())
    assert len({tuple(digest) for digest in digests}) == 1 + 2 * len(cached.RUNS)


def test_a_picture_is_drawn_again_for_other_words_and_afresh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cached.look_again()
    assert cached.picture(["a", "b"], lambda: b"first") == b"first"
    assert cached.picture(["a", "b"], lambda: b"again") == b"first"
    assert cached.picture(["a", "c"], lambda: b"other") == b"other"
    monkeypatch.setattr(cached, "_digest", lambda _: "other tools")
    assert cached.picture(["a", "b"], lambda: b"again") == b"again"
    monkeypatch.setenv("CI", "true")
    assert cached.picture(["a", "b"], lambda: b"afresh") == b"afresh"


def test_cached_outputs_are_keyed_by_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebooks, "_ROOT", tmp_path)
    keys = [notebooks.fingerprint()]  # no package yet
    (tmp_path / "bpttcheck" / "cells").mkdir(parents=True)
    for source in ("h = 1", "h = 2"):
        (tmp_path / "bpttcheck" / "cells" / "rnn.py").write_text(source, encoding="utf-8")
        keys.append(notebooks.fingerprint())
    assert len(set(keys)) == len(keys)
