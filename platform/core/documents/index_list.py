"""Every index of the schema with the query it serves or the rule it enforces."""

from core.documents.catalog import Table
from core.documents.dictionary import models_by_table, page_of, short_definition
from core.documents.markdown import blocks, code, table
from core.documents.words import index_words


def index_list(tables: dict[str, Table]) -> str:
    """A table per database table that has indexes beyond its key; keys in one line."""
    models = models_by_table()
    parts, only_key = [], []
    for name, entry in sorted(tables.items()):
        if not page_of(name, models) or not entry.indexes:
            continue
        rows = [
            (
                code(index.name),
                code(short_definition(index.definition)),
                index_words(index, entry, models.get(name)),
            )
            for index in entry.indexes
            if not index.name.endswith("_pkey")
        ]
        if rows:
            parts.append(blocks(f"### {name}", table(("Index", "Definition", "Serves"), rows)))
        else:
            only_key.append(name)
    rest = ", ".join(code(name) for name in only_key)
    return blocks(
        "Every table also has its primary key `<table>_pkey`: rows by identity, pages by key, newest first.",
        *parts,
        f"With the primary key alone: {rest}." if rest else "",
    )
