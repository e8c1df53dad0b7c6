"""`manage.py write_docs`: dictionary, drawings, access matrix and list of indexes from the live schema."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.documents.erd import draw, is_drawn_from
from core.documents.pages import differences, docs_folder, generated_pages, write

SHOWN_LINES = 6


class Command(BaseCommand):
    """Writes the generated documents, or says which of them are stale."""

    help = "Write the generated documents from the live schema; with --check, only say which are stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail when a document is stale."
        )
        parser.add_argument(
            "--folder", type=Path, default=None, help="Folder of the documents (default: docs)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"] or docs_folder()
        try:
            pages = generated_pages(folder)
        except (FileNotFoundError, ValueError) as error:
            raise CommandError(str(error)) from error
        changes = differences(folder, pages)
        if options["check"]:
            self._check(changes)
        else:
            write(changes)
            for change in changes:
                self.stdout.write(change.summary)
        self._drawings(folder, pages, check=options["check"])
        if not options["check"]:
            self.stdout.write(self.style.SUCCESS(f"Documents are up to date ({len(changes)} written)."))

    def _check(self, changes: list[Any]) -> None:
        if not changes:
            self.stdout.write(self.style.SUCCESS("Documents are up to date."))
            return
        for change in changes:
            self.stderr.write(change.summary)
            for line in change.lines[:SHOWN_LINES]:
                self.stderr.write(f"    {line[:160]}")
            if len(change.lines) > SHOWN_LINES:
                self.stderr.write(f"    and {len(change.lines) - SHOWN_LINES} more line(s)")
        raise CommandError(f"{len(changes)} document(s) are stale; `make docs` writes them again.")

    def _drawings(self, folder: Path, pages: dict[str, str], *, check: bool) -> None:
        """Draw what changed. A missing Graphviz is no failure: the text of the drawing is what counts."""
        for path, text in sorted(pages.items()):
            if not path.endswith(".dot"):
                continue
            svg = folder / f"{path.removesuffix('.dot')}.svg"
            if not (is_drawn_from(svg, text) if check else draw(text, svg)):
                self.stderr.write(
                    f"{svg.name} is not drawn from the present text; `make docs` with Graphviz installed draws it."
                )
