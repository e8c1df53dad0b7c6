"""All generated documents: what they should say, and where the files differ from that."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from core.documents.access_matrix import access_matrix
from core.documents.catalog import read_catalog, read_functions
from core.documents.dictionary import dictionary_pages, models_by_table
from core.documents.erd import erd_pages
from core.documents.function_list import function_page
from core.documents.index_list import index_list
from core.documents.markdown import GENERATED, blocks, replaced, table
from core.documents.query_catalogue import query_index

#: Folders in which every file of these kinds is generated: what is not generated any more is removed.
OWN_FOLDERS = {"dictionary": (".md",), "erd": (".dot", ".svg", ".md")}


@dataclass(frozen=True)
class Difference:
    """A file that does not say what it should; `wanted` is None where it should not exist."""

    path: Path
    wanted: str | None
    lines: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The path with the number of lines to come and to go."""
        if self.wanted is None:
            return f"{self.path}: is not generated any more"
        come = sum(line.startswith("+") for line in self.lines)
        go = sum(line.startswith("-") for line in self.lines)
        return f"{self.path}: {come} line(s) to add, {go} to remove"


def docs_folder() -> Path:
    """The folder `docs` of the project."""
    return Path(settings.BASE_DIR) / "docs"


def decision_index(folder: Path) -> str:
    """The list of decisions: number and title of each record, from its first line."""
    records = sorted(file for file in folder.glob("[0-9]*.md"))
    rows = [
        (file.name[:4], f"[{file.read_text(encoding='utf-8').splitlines()[0].lstrip('# ')}]({file.name})")
        for file in records
    ]
    words = (
        "What was decided where another way was open, with its reason and its price. A record is not rewritten: "
        "a later one takes its place and says so in both."
    )
    return blocks(GENERATED, "# Decisions", words, table(("Number", "Decision"), rows))


def generated_pages(folder: Path, using: str = "default") -> dict[str, str]:
    """What every generated file should say, by path under `folder`.

    Raises ValueError when the database is not migrated, and FileNotFoundError or ValueError when a
    hand-written page that carries a generated part is missing or has lost its markers.
    """
    tables = read_catalog(using)
    if missing := sorted(set(models_by_table()) - set(tables)):
        raise ValueError(f"The database has no table {missing[0]}: run `manage.py migrate` first.")
    parts = {
        "security.md": {"access matrix": access_matrix()},
        "indexing.md": {"indexes": index_list(tables)},
    }
    pages = {
        **dictionary_pages(tables),
        **erd_pages(),
        "dictionary/functions.md": function_page(read_functions(using)),
        "queries/README.md": query_index(folder / "queries"),
        "decisions/README.md": decision_index(folder / "decisions"),
    }
    for path, contents in parts.items():
        page = (folder / path).read_text(encoding="utf-8")
        for name, content in contents.items():
            page = replaced(page, name, content)
        pages[path] = page
    return pages


def _orphans(folder: Path, pages: dict[str, str]) -> Iterator[Path]:
    for name, suffixes in OWN_FOLDERS.items():
        for file in sorted((folder / name).glob("*")):
            path = file.relative_to(folder).as_posix()
            source = path.removesuffix(".svg") + ".dot" if file.suffix == ".svg" else path
            if file.suffix in suffixes and source not in pages:
                yield file


def differences(folder: Path, pages: dict[str, str]) -> list[Difference]:
    """Every file that differs from what it should say; drawings are not compared, their texts are."""
    found = []
    for path, wanted in sorted(pages.items()):
        file = folder / path
        present = file.read_text(encoding="utf-8") if file.exists() else ""
        if present != wanted:
            diff = difflib.unified_diff(present.splitlines(), wanted.splitlines(), lineterm="", n=0)
            lines = tuple(line for line in diff if not line.startswith(("---", "+++", "@@")))
            found.append(Difference(file, wanted, lines))
    return [*found, *(Difference(file, None, ()) for file in _orphans(folder, pages))]


def write(changes: list[Difference]) -> None:
    """Make the files say what they should."""
    for change in changes:
        if change.wanted is None:
            change.path.unlink()
        else:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            change.path.write_text(change.wanted, encoding="utf-8")
