"""The few pieces of Markdown that the documents are made of."""

import re
from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `manage.py write_docs`; changes by hand are lost. -->"


def cell(text: str) -> str:
    """Text that may stand in a table cell: no line break, no bar that would end it."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def code(text: str) -> str:
    """Text as code, '' for nothing."""
    return f"`{text}`" if text else ""


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, '' when there is no row."""
    lines = [" | ".join(cell(value) for value in row) for row in rows]
    if not lines:
        return ""
    start = [" | ".join(headings), " | ".join("---" for _ in headings)]
    return "\n".join(f"| {line} |" for line in [*start, *lines])


def blocks(*parts: str) -> str:
    """The parts that are not empty, a blank line between them, one line break at the end."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def titled(title: str, content: str) -> str:
    """The content under its title in bold; '' when there is none."""
    return blocks(f"**{title}**", content) if content else ""


def markers(name: str) -> tuple[str, str]:
    """The lines between which a generated part of a hand-written page stands."""
    return f"<!-- generated: {name} -->", f"<!-- end of generated: {name} -->"


def replaced(page: str, name: str, content: str) -> str:
    """`page` with the generated part `name` set to `content`.

    Raises ValueError when the page has not exactly one pair of markers of that name.
    """
    start, end = markers(name)
    if page.count(start) != 1 or page.count(end) != 1:
        raise ValueError(f"The page needs one line {start} and one line {end}.")
    before, _, rest = page.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}\n\n{content.strip()}\n\n{end}{after}"
