"""The dictionary: a page per app with every table as the catalog has it, and one for the framework's tables."""

import re
from collections import defaultdict

from django.apps import apps
from django.db.models import Model

from core.checks import HOUSE_APPS
from core.db.holds import words_of
from core.db.privacy import Privacy, privacy_of
from core.documents.catalog import Column, Table
from core.documents.markdown import GENERATED, blocks, code, table, titled
from core.documents.words import ME_IN_WORDS, constraint_words, index_words, rows_in_words
from core.models import EffectiveDated, Entity, Fact, Identified, SoftDeletable, Versioned
from core.models.storage import retention_of, subject_of, volume_of

FRAMEWORK_PAGE = "framework"
TEST_APPS = frozenset({"kernel"})
PRIVACY_NOTE = re.compile(r" Privacy: \w+\.$")
KINDS: tuple[tuple[type[Model], str], ...] = (
    (SoftDeletable, "soft-deletable"),
    (Fact, "fact (append-only)"),
    (EffectiveDated, "effective-dated"),
    (Versioned, "versioned"),
    (Entity, "entity"),
    (Identified, "identified"),
)


def models_by_table() -> dict[str, type[Model]]:
    """Every model with a table, by the table's name; the tables behind many-to-many fields included."""
    return {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
    }


def page_of(name: str, models: dict[str, type[Model]]) -> str:
    """The page on which a table stands, '' for tables that only tests have."""
    label = models[name]._meta.app_label if name in models else ""
    if label in TEST_APPS:
        return ""
    return label if label in HOUSE_APPS else FRAMEWORK_PAGE


def kind_of(model: type[Model] | None) -> str:
    """The kinds of rows that a model's bases say, most particular first."""
    if model is None:
        return ""
    kinds = [words for base, words in KINDS if issubclass(model, base)]
    most = [words for words in kinds if words not in ("entity", "identified")] or kinds[:1]
    if getattr(model._meta, "simple_history_manager_attribute", None):
        most.append("with history")
    return ", ".join(most)


def _privacy(model: type[Model] | None, column: Column) -> str:
    for field in model._meta.concrete_fields if model else ():
        if field.column == column.name:
            declared = privacy_of(field)
            return "" if declared is Privacy.NONE else declared.value
    return ""


def _default(model: type[Model] | None, column: Column) -> str:
    """The database's default, or the one that the application writes where the database has none."""
    if column.generated:
        return f"generated: {code(column.default)}"
    if column.default:
        return code(column.default)
    for field in model._meta.concrete_fields if model else ():
        if field.column == column.name and field.has_default() and not callable(field.default):
            return f"by the application: {code(repr(field.get_prep_value(field.default)))}"
    return ""


def _columns(entry: Table, model: type[Model] | None) -> str:
    return table(
        ("Column", "Type", "Null", "Default", "Privacy", "Meaning"),
        (
            (
                code(column.name),
                column.type,
                "yes" if column.nullable else "no",
                _default(model, column),
                _privacy(model, column),
                PRIVACY_NOTE.sub("", column.comment),
            )
            for column in entry.columns
        ),
    )


def _constraints(entry: Table, model: type[Model] | None) -> str:
    rows = [
        (code(item.name), item.kind, code(item.definition), constraint_words(item, model))
        for item in entry.constraints
        if item.kind != "foreign key"
    ]
    return titled("Keys and constraints", table(("Name", "Kind", "Definition", "In words"), rows))


def _on_delete(model: type[Model] | None, column: str) -> str:
    for field in model._meta.concrete_fields if model else ():
        if field.column == column and field.remote_field:
            return str(getattr(field.remote_field.on_delete, "__name__", ""))
    return ""


def _unconstrained(model: type[Model] | None) -> list[tuple[str, ...]]:
    """Foreign keys that Django follows and the database does not: the target's partitions leave."""
    rows: list[tuple[str, ...]] = []
    for field in model._meta.concrete_fields if model else ():
        target = field.related_model
        if isinstance(target, type) and not getattr(field, "db_constraint", True):
            rows.append(("none in the database", str(field.column), target._meta.db_table, ""))
    return rows


def _references(entry: Table, models: dict[str, type[Model]]) -> str:
    model = models.get(entry.name)
    outward: list[tuple[str, ...]] = [
        (code(item.name), ", ".join(item.columns), item.target, _on_delete(model, item.columns[0]))
        for item in entry.constraints
        if item.kind == "foreign key"
    ]
    inward = [
        f"{source}.{', '.join(item.columns)}"
        for source, item in sorted(entry.referenced_by, key=lambda pair: (pair[0], pair[1].name))
        if page_of(source, models)
    ]
    rows = [*outward, *_unconstrained(model)]
    return blocks(
        table(("Foreign key", "Column", "Points at", "On delete (Django)"), rows),
        f"Referenced by: {', '.join(code(name) for name in inward)}." if inward else "",
    )


def _indexes(entry: Table, model: type[Model] | None) -> str:
    rows = [
        (code(index.name), code(short_definition(index.definition)), index_words(index, entry, model))
        for index in entry.indexes
    ]
    return titled("Indexes", table(("Name", "Definition", "Serves"), rows))


def short_definition(definition: str) -> str:
    """`btree (user_id)` out of a CREATE INDEX, `unique` in front where it is."""
    start = "unique " if definition.startswith("CREATE UNIQUE") else ""
    return start + definition.partition(" USING ")[2]


def _policies(entry: Table) -> str:
    if not entry.row_security:
        return ""
    grouped: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for policy in entry.policies:
        grouped[policy.command, policy.using, policy.check].extend(policy.roles)
    order = ["select", "insert", "update", "delete", "all"]
    rows = [
        (command, ", ".join(sorted(roles)), rows_in_words(using), rows_in_words(check))
        for (command, using, check), roles in sorted(
            grouped.items(), key=lambda item: (order.index(item[0][0]), sorted(item[1]))
        )
    ]
    return titled(
        "Policies (row-level security, forced)",
        table(("Command", "Roles", "Rows that exist", "Rows written"), rows),
    )


def _triggers(entry: Table) -> str:
    rows = [
        (code(item.name), item.timing, item.words, "of the owner" if item.definer else "of the caller")
        for item in entry.triggers
    ]
    return titled("Triggers", table(("Name", "When", "What it does", "Rights"), rows))


def _history(entry: Table | None, subject: Table) -> str:
    """The history table in short: what it adds and leaves out."""
    if entry is None:
        return ""
    own, kept = {column.name for column in entry.columns}, {column.name for column in subject.columns}
    readers = sorted(
        {role for policy in entry.policies if policy.command == "select" for role in policy.roles}
    )
    left_out = ", ".join(code(name) for name in sorted(kept - own)) or "nothing"
    added = ", ".join(code(name) for name in sorted(own - kept))
    return (
        f"**History** in {code(entry.name)}: {entry.comment} Leaves out {left_out}; adds {added}. "
        f"Read by {', '.join(readers) or 'nobody'}."
    )


def _partitions(entry: Table, model: type[Model] | None) -> str:
    if not entry.partitioned_by:
        return ""
    plan = getattr(model, "partitions", None)
    every = f", one partition a {plan.every.value}" if plan is not None else ""
    return (
        f"**Partitions**: by {code(entry.partitioned_by)}{every}; made ahead by `manage.py partitions_maintain`, "
        "never granted to anybody, no DEFAULT partition."
    )


def table_section(name: str, tables: dict[str, Table], models: dict[str, type[Model]]) -> str:
    """Everything about one table."""
    entry, model = tables[name], models.get(name)
    histories = [other for other, found in models.items() if model and subject_of(found) is model]
    volume = volume_of(model) if model else None
    facts = [
        ("Model", code(model._meta.label) if model else ""),
        ("Kind of rows", kind_of(model)),
        ("Size class", f"{volume.value} ({volume.label})" if volume else ""),
        ("Kept", retention_of(model) if model else ""),
        ("Legal hold", words_of(model) if model else ""),
        ("Row security", _row_security(entry)),
    ]
    history = next((tables[other] for other in histories if other in tables), None)
    return blocks(
        f"## {name}",
        entry.comment,
        "\n".join(f"- {label}: {value}" for label, value in facts if value),
        f"**View**\n\n```sql\n{entry.query.strip()}\n```" if entry.query else "",
        _partitions(entry, model),
        _columns(entry, model),
        _constraints(entry, model),
        _references(entry, models),
        _indexes(entry, model),
        _policies(entry),
        _triggers(entry),
        _history(history, entry),
    )


def _row_security(entry: Table) -> str:
    if entry.query:
        return "that of the tables it reads, for whoever asks"
    return "forced" if entry.row_security else "none"


def _title(page: str) -> tuple[str, str]:
    if page == FRAMEWORK_PAGE:
        return (
            "Tables of Django and of the libraries in use",
            "Their comments are in core/framework_comments.py.",
        )
    config = apps.get_app_config(page)
    return f"Tables of {page}", (config.__doc__ or "").strip()


def dictionary_pages(tables: dict[str, Table]) -> dict[str, str]:
    """Page by path under `docs/`: one per app that has tables, the framework's, and the index."""
    models = models_by_table()
    pages: dict[str, list[str]] = defaultdict(list)
    for name in sorted(tables):
        if (page := page_of(name, models)) and not (name in models and subject_of(models[name])):
            pages[page].append(name)
    written = {}
    for page, names in sorted(pages.items()):
        title, words = _title(page)
        contents = "\n".join(f"- [{name}](#{name})" for name in names)
        sections = [table_section(name, tables, models) for name in names]
        written[f"dictionary/{page}.md"] = blocks(GENERATED, f"# {title}", words, contents, *sections)
    written["dictionary/README.md"] = _index(pages, tables, models)
    return written


def _index(pages: dict[str, list[str]], tables: dict[str, Table], models: dict[str, type[Model]]) -> str:
    rows = []
    for page, names in sorted(pages.items(), key=lambda item: (item[0] == FRAMEWORK_PAGE, item[0])):
        for name in names:
            model = models.get(name)
            volume = volume_of(model) if model else None
            rows.append(
                (
                    f"[{name}]({page}.md#{name})",
                    tables[name].comment,
                    volume.value if volume else "",
                    retention_of(model) if model else "",
                )
            )
    return blocks(
        GENERATED,
        "# Dictionary",
        "Every table and view of the schema `vbl` as PostgreSQL describes it. Keys are UUIDv7, times are UTC, ranges "
        "half-open. Size class: S small, L large, F firehose (partitioned by time). Privacy: personal, encrypted "
        "or sealed; empty means not personal.",
        "Policies are named `<table>_<role>_<command>`; roles with the same rows share a line. "
        + ME_IN_WORDS,
        "Which role holds which right on which table: [security.md](../security.md). Every index with its query: "
        "[indexing.md](../indexing.md). Functions: [functions.md](functions.md). Drawings: [erd](../erd/README.md).",
        table(("Table", "One row is", "Size", "Kept"), rows),
    )
