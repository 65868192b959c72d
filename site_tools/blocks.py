"""The code blocks of hand-written pages: every one runs, or is quoted, or says why it does not.

- ``console`` with ``$ bpttcheck …`` alone: the output of the command is put in.
- ``pycon``: a session that must print what it shows.
- ``python``: either stands in a source file of the repository, word for word, or is run.
- ``console`` that begins with ``# not run: WHY``: the reader is told so.

All Python of a page shares one namespace, in the order of the page. A block of any other kind that
a person would paste into a shell or into Python fails the build.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.utils import meta

from site_tools import cached, console

_FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>```+|~~~+)[ ]*(?P<info>[^\n]*)\n(?P<body>.*?)"
    r"^(?P=indent)(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_LANGUAGE = re.compile(r"\{?\s*\.?(?P<name>[\w+-]*)")
_RUNS = {"py", "python", "python3", "pycon", "ipython", "console", "bash", "sh", "shell", "zsh"}
_NOT_RUN = re.compile(r"# not run: (?P<why>.+)\n")


_READS_DECISIONS = re.compile(r"\$ bpttcheck claims\b")
"""Commands that would decide everything by themselves if it were not known yet."""

_run_already: dict[str, str] = {}
"""What became of pages of this build that have been run before their turn, by question."""


def run(files: Files) -> None:
    """Run the blocks of the hand-written pages, but of those that need to know all decisions.

    Raises:
        PluginError: a block fails, prints something else, or cannot be run.
    """
    _run_already.clear()
    for file in files.documentation_pages():
        if file.generated_by is None and file.src_uri.endswith(".md"):
            markdown, _ = meta.get_data(file.content_string)
            if not _READS_DECISIONS.search(markdown):
                page = executed(markdown, file.src_uri)
                _run_already[_question(markdown, file.src_uri)] = page


def executed(markdown: str, name: str) -> str:
    """Return the page with the commands' output, once all its Python has run.

    What ran without complaint in an earlier build is not run again, unless the page has changed or
    any Python that it may reach.

    Raises:
        PluginError: a block fails, prints something else, or cannot be run.
    """
    if not _FENCE.search(markdown):
        return markdown
    question = _question(markdown, name)
    if question in _run_already:
        return _run_already.pop(question)
    kept = cached.Kept("blocks", cached.what_runs())
    if question not in kept.answers:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        page = _FENCE.sub(lambda block: _one(block, name, namespace), markdown)
        of_other_pages = {q: a for q, a in kept.answers.items() if not q.startswith(f"{name}\n")}
        kept.answers = {**of_other_pages, question: page}
        kept.save()
    answer: str = kept.answers[question]
    return answer


def _question(markdown: str, name: str) -> str:
    return f"{name}\n{markdown}"


def _one(block: re.Match[str], page: str, namespace: dict[str, Any]) -> str:
    found = _LANGUAGE.match(block["info"])
    language = found["name"].lower() if found else ""
    line = block.string.count("\n", 0, block.start()) + 1
    where = f"{page}, line {line}"
    if language not in _RUNS:
        return block[0]
    if language == "python" and block["info"] == language:
        body = _dedented(block)
        if not _quoted(body):
            _run(body, where, namespace)
        return block[0]
    if language == "pycon" and block["info"] == language:
        console.check(_dedented(block), where, namespace)
        return block[0]
    if language == "console" and block["info"] == language and not block["indent"]:
        if note := _NOT_RUN.match(block["body"]):
            rest = block["body"][note.end() :]
            return f"```console\n{rest}```\n\n*Not run by the build: {note['why']}*"
        if command := console.COMMAND.fullmatch(block["body"]):
            return console.with_output(command, page)
    raise PluginError(
        f"{where}: this {language} block is not run; expected python, pycon, one $ bpttcheck "
        "command in console, or # not run: WHY as the first line in console"
    )


def _dedented(block: re.Match[str]) -> str:
    indent = len(block["indent"])
    return "\n".join(line[indent:] for line in block["body"].split("\n"))


def _quoted(code: str) -> bool:
    """Return whether the code, three lines at least, stands in a source file as it is."""
    long_enough = len([line for line in code.split("\n") if line.strip()]) >= 3
    return long_enough and any(code.strip("\n") in text for text in _sources())


@cache
def _sources() -> tuple[str, ...]:
    folders = ("bpttcheck", "tests")
    files = [file for folder in folders for file in (cached.ROOT / folder).rglob("*.py")]
    return tuple(file.read_text(encoding="utf-8") for file in sorted(files))


def _run(code: str, where: str, namespace: dict[str, Any]) -> None:
    try:
        exec(compile(code, where, "exec"), namespace)
    except Exception as error:
        message = f"{where}: the block fails\n{code}\n{type(error).__name__}: {error}"
        raise PluginError(message) from error
