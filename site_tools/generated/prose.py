"""Small pieces of Markdown that every generated page is made of."""

from __future__ import annotations

from collections.abc import Iterable

from bpttcheck.notebook import badge as badge
from bpttcheck.notebook import plain as plain
from bpttcheck.notebook import verdict as verdict
from bpttcheck.runs import MODELS
from bpttcheck.statements.evidence import Evidence
from bpttcheck.statements.identity import Identity
from bpttcheck.statements.notation import Statement
from site_tools.generated.places import file_of


def badges(evidence: Evidence) -> str:
    """Return every badge, strongest first, each with its full text."""
    return " ".join(badge(line.split(" ")[0], line) for line in evidence.lines())


def formula(tex: str) -> str:
    """Return a displayed formula, to stand in a paragraph of its own."""
    return f"$$\n{tex}\n$$"


def typeset(identity: Identity, statement: Statement | None = None) -> str:
    """Return an identity's statement as a formula, or another one in the same symbols."""
    printer = MODELS[identity.model].printer
    return formula(printer.statement(statement or identity.statement))


def python(statement: Statement) -> str:
    """Return the Python that runs, a line for the statement and one for each range.

    Not as a code block: the theme would measure each of a page's hundred, to hang a button on it.
    """
    lines = [statement.says, *(f"for {name} in {where}" for name, where in statement.forall)]
    code = "\n".join(f"`#!python {line}`" for line in lines)
    return f"/// html | div.statement\n{code}\n///"


def fenced(language: str, code: str) -> str:
    """Return a code block."""
    return f"```{language}\n{code}\n```"


def indented(text: str, by: int = 4) -> str:
    """Return Markdown as the contents of a list item, a definition or an admonition."""
    pad = " " * by
    return "\n".join(pad + line if line else line for line in text.split("\n"))


def folded(title: str, body: Iterable[str]) -> str:
    """Return a part that the reader opens."""
    return f'??? more "{title}"\n\n' + indented("\n\n".join(body))


def definitions(rows: Iterable[tuple[str, str]]) -> str:
    """Return a list of terms, each with what it says as Markdown; empty ones are left out."""
    return "\n\n".join(
        f"{term}\n:   {indented(body).removeprefix('    ')}" for term, body in rows if body
    )


def to_identity(name: str, folder: str = "identities/") -> str:
    """Return a link to an identity, from a page in ``reference/``."""
    return f"[{_name(name)}]({folder}{file_of(name)}#{name})"


def to_claim(name: str, page: str = "claims.md") -> str:
    """Return a link to a claim."""
    return f"[{_name(name)}]({page}#{name})"


def _name(text: str) -> str:
    """Return an ID as code that a narrow column breaks after the dot."""
    return f"<code>{text.replace('.', '.<wbr>')}</code>"
