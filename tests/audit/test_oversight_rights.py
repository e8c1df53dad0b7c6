"""Who may change or delete rows of oversight: nobody changes a fact; retention deletes what its model says is over."""

import pytest

from core.checks import house_models
from core.db.retention import over_of
from core.db.roles import Role
from core.models import Fact
from tests.sql import run

pytestmark = pytest.mark.django_db

LEADS = {Role.LEAD_MODERATOR.value}
MODERATORS = LEADS | {Role.MODERATOR.value}
OTHERS_DELETE = {
    # Aids of work that are no record: who made them, and the job that clears them away.
    "audit_casepresence": {Role.WORKER.value},
    "audit_caseskip": MODERATORS | {Role.WORKER.value},
    "audit_savedfilter": MODERATORS,
    # Drafts: a trigger keeps what was published or is in force.
    "audit_policyversion": LEADS | {Role.COMPLIANCE.value},
    "audit_queuerule": LEADS,
    # After the window of appeal, which its trigger asks for.
    "audit_evidence": {Role.RETENTION.value},
}


RIGHTS = """
SELECT r.rolname FROM pg_roles r
WHERE r.rolname LIKE 'vbl\\_%%' AND r.rolname <> 'vbl_owner'
  AND (has_table_privilege(r.oid, %s::regclass, %s)
    OR %s = 'UPDATE' AND has_any_column_privilege(r.oid, %s::regclass, 'UPDATE'))
"""


def holders(table: str, right: str) -> set[str]:
    """The roles that have the right on the table."""
    return {name for (name,) in run(RIGHTS, [table, right, right, table])}


def test_retention_alone_deletes_and_only_where_the_model_says_when() -> None:
    found = {}
    for model in house_models():
        table = model._meta.db_table
        if model._meta.app_label != "audit" or not model._meta.managed:
            continue
        expected = {Role.RETENTION.value} if over_of(model) is not None else set()
        if (may := holders(table, "DELETE")) != expected | OTHERS_DELETE.get(table, set()):
            found[table] = may
    assert found == {}


def test_nobody_changes_a_fact() -> None:
    changed = {
        model._meta.db_table: may
        for model in house_models()
        if issubclass(model, Fact) and model._meta.managed and model._meta.app_label == "audit"
        if (may := holders(model._meta.db_table, "UPDATE"))
    }
    assert changed == {}
