"""The auditor's view: all of the trail, and not one row written."""

import pytest

from audit.models.trail.readers import RECORDERS
from core.checks import house_models
from core.db.access import function_rights, table_rights
from core.db.roles import Role
from tests.sql import run

pytestmark = pytest.mark.django_db

WRITES = """
SELECT c.relname, p.privilege FROM pg_class c
CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p(privilege)
WHERE c.relnamespace = 'vbl'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
  AND (has_table_privilege('vbl_auditor', c.oid, p.privilege)
    OR p.privilege = 'UPDATE' AND has_any_column_privilege('vbl_auditor', c.oid, 'UPDATE'))
ORDER BY 1, 2
"""

FORMS = [("core_submission", "INSERT")]
"""The one-time token of a form that was sent."""

UNREAD = {
    "audit_privatecopy": "words of private messages: moderators open them one by one, for a case, on record",
    "audit_takedownclaimant": "addresses of claimants, encrypted, with which only whoever writes to them works",
}
"""Tables of oversight that an auditor does not read, and why."""


def test_an_auditor_writes_to_no_table_but_the_token_of_a_form() -> None:
    assert run(WRITES) == FORMS


def test_functions_that_an_auditor_may_call_and_others_may_not_only_read() -> None:
    """What every role may call records that somebody acted: it is no way to write in one's own name."""
    own = {
        signature.split("(")[0]
        for signature, roles in function_rights().items()
        if Role.AUDITOR in roles and not set(RECORDERS) <= set(roles)
    }
    written = {
        name
        for name, source in run(
            "SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = 'vbl'::regnamespace "
            "AND p.proname = ANY(%s)",
            [sorted(own)],
        )
        if any(verb in source.upper() for verb in ("INSERT INTO", "UPDATE ", "DELETE FROM"))
    }
    assert written == {"sensitive_read_record"}


def test_an_auditor_reads_all_of_oversight() -> None:
    unread = {
        model._meta.db_table
        for model in house_models()
        if model._meta.app_label == "audit"
        and model._meta.managed
        and not run(
            "SELECT has_any_column_privilege('vbl_auditor', %s::regclass, 'SELECT')", [model._meta.db_table]
        )[0][0]
    }
    assert unread == set(UNREAD)


def test_the_declaration_says_the_same() -> None:
    writing = {
        model._meta.label
        for model, rights in table_rights().items()
        if (own := rights.get(Role.AUDITOR)) and (own.insert or own.update or own.delete)
    }
    assert writing == {"core.Submission"}
