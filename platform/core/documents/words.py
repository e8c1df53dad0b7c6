"""What constraints and indexes are for, in sentences: from the catalog, from the model, or from their shape."""

import re

from django.db import models
from django.db.models.constraints import BaseConstraint

from core.db.policies import ME
from core.documents.catalog import Constraint, Index, Table

NOT_NEGATIVE = re.compile(r"^CHECK \((\w+) >= 0\)$")

#: How PostgreSQL writes `core.db.policies.ME` back.
STORED_ME = re.compile(
    r"\(?\s*SELECT \(NULLIF\(current_setting\('app\.user_id'::text, true\), ''::text\)\)::uuid AS \"nullif\"\)"
)


def declared(model: type[models.Model] | None) -> dict[str, BaseConstraint]:
    """The constraints that a model declares, by name."""
    return {constraint.name: constraint for constraint in model._meta.constraints} if model else {}


def sentence_of(constraint: BaseConstraint) -> str:
    """The message that people read when they break the constraint, '' where it has Django's own."""
    message = str(constraint.violation_error_message)
    return "" if message == str(BaseConstraint.default_violation_error_message) else message


def constraint_words(constraint: Constraint, model: type[models.Model] | None) -> str:
    """What the constraint demands."""
    if constraint.comment:
        return constraint.comment
    if (own := declared(model).get(constraint.name)) is not None and (sentence := sentence_of(own)):
        return sentence
    columns = ", ".join(constraint.columns)
    if constraint.kind == "primary key":
        return "Identity of the row."
    if constraint.kind == "foreign key":
        return f"{columns} names a row of {constraint.target}."
    if constraint.kind == "unique":
        return f"No two rows agree in {columns}."
    if constraint.kind == "check" and (found := NOT_NEGATIVE.match(constraint.definition)):
        return f"{found[1]} is not negative."
    if constraint.kind == "check" and constraint.name.endswith("_history_type_check"):
        return "A row was created, changed or deleted."
    return FRAMEWORK_RULES.get(constraint.name, "")


def index_words(index: Index, table: Table, model: type[models.Model] | None) -> str:
    """The query that the index serves, or the rule that it enforces."""
    if index.comment:
        return index.comment
    for constraint in table.constraints:
        if constraint.index == index.name:
            if constraint.kind == "primary key":
                return "Rows by identity; pages by key, newest first."
            return f"Enforces: {constraint_words(constraint, model)}"
    if (own := declared(model).get(index.name)) is not None and (sentence := sentence_of(own)):
        return f"Enforces: {sentence}"
    for constraint in table.constraints:
        if constraint.kind == "foreign key" and constraint.columns == index.columns:
            return f"Rows of one {constraint.target} by {index.columns[0]}; its deletion looks here too."
    if index.name.endswith("_like_idx"):
        return f"Search by the beginning of {index.columns[0]}; Django makes it with the key."
    if "_historical" in table.name and index.columns == ("id",):
        return "History of one row."
    if table.name in FRAMEWORK_INDEXES:
        return FRAMEWORK_INDEXES[table.name].get(index.columns, "")
    return ""


#: Indexes of libraries that neither enforce a rule nor follow a foreign key.
COUNTED_BY_AXES: dict[tuple[str, ...], str] = {
    ("ip_address",): "django-axes: attempts from an address.",
    ("user_agent",): "django-axes makes it; nothing here asks by it, and the column is empty.",
    ("username",): "django-axes: attempts at an account.",
}
FRAMEWORK_INDEXES: dict[str, dict[tuple[str, ...], str]] = {
    "axes_accessattempt": COUNTED_BY_AXES,
    "axes_accessfailurelog": COUNTED_BY_AXES,
    "axes_accesslog": COUNTED_BY_AXES,
    "django_session": {("expire_date",): "manage.py clearsessions: sessions that are over."},
    "procrastinate_jobs": {
        ("id", "lock"): "procrastinate: an earlier job with the same lock, which goes first.",
        ("lock",): "Enforces: of the jobs with one lock, one runs at a time.",
        ("priority", "id"): "procrastinate: the next job that waits.",
        ("queue_name",): "procrastinate: jobs of one queue.",
        ("queueing_lock",): "Enforces: of the jobs with one key, one waits at a time.",
    },
    "procrastinate_workers": {("last_heartbeat",): "procrastinate: workers that are no longer heard of."},
}

FRAMEWORK_RULES = {
    "check_not_todo_abort_requested": "A job that waits is given up at once, not asked to stop.",
}


def rows_in_words(condition: str) -> str:
    """A policy's condition for readers: ME instead of the sub-select, `every row` and `no row`."""
    if not condition:
        return ""
    if condition == "true":
        return "every row"
    readable = STORED_ME.sub("ME", condition).replace("= (ME", "= ME").replace("<> (ME", "<> ME")
    while readable.startswith("(") and readable.endswith(")") and _closes_last(readable):
        readable = readable[1:-1]
    return f"`{readable}`"


def _closes_last(text: str) -> bool:
    """Does the first parenthesis close with the last character?"""
    depth = 0
    for position, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return position == len(text) - 1
    return False


ME_IN_WORDS = f"`ME` is the signed-in person of the transaction: `{ME}`."
