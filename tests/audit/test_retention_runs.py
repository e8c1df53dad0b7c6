"""The retention job: what it deletes, what it leaves, what it writes down, and who it is."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import UserSession
from audit.models import HeldRow, JobRun, RetentionPolicy, RetentionRun
from audit.retention_duties import WAITS, executed_models
from audit.selectors_retention import class_totals
from audit.services.retention import executed_policies, retention_run
from core.db.context import acting
from core.db.partitions.registry import partitioned_models
from core.db.roles import ACTING_ROLES, Role
from tests.accounts.factories import SessionFactory, UserFactory
from tests.audit.holds import on_person, release
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

TABLE = "accounts_usersession"


def sessions() -> dict[str, UserSession]:
    """Two that are over, one of somebody who is held, one that ended lately, one that goes on."""
    made = {name: SessionFactory() for name in ("over", "revoked", "held", "lately", "living")}
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE accounts_usersession DISABLE TRIGGER USER")
    run(
        "UPDATE accounts_usersession SET created_at = now() - interval '1 year', "
        "last_used_at = now() - interval '92 days', expires_at = now() - interval '91 days'"
    )
    run("ALTER TABLE accounts_usersession ENABLE TRIGGER USER")
    for name, columns in {
        "revoked": "expires_at = now() + interval '1 day', revoked_at = now() - interval '91 days'",
        "lately": "expires_at = now() - interval '89 days'",
        "living": "expires_at = now() + interval '1 day'",
    }.items():
        run(f"UPDATE accounts_usersession SET {columns} WHERE id = %s", [made[name].pk])
    return made


def left() -> set[Any]:
    return set(UserSession.objects.values_list("pk", flat=True))


def test_what_is_over_goes_and_what_is_held_stays(capsys: Any) -> None:
    made = sessions()
    hold = on_person(made["held"].user_id)
    call_command("retention_run", "--table", TABLE, "--dry-run")
    assert left() == {session.pk for session in made.values()}
    call_command("retention_run", "--table", TABLE)
    stay = {made[name].pk for name in ("held", "lately", "living")}
    assert left() == stay
    call_command("retention_run", "--table", TABLE)
    assert capsys.readouterr().out.splitlines() == [
        f"{TABLE}: 2 would be deleted, 1 held",
        f"{TABLE}: 2 deleted, 1 held",
        f"{TABLE}: 0 deleted, 1 held",
    ]
    runs = list(
        RetentionRun.objects.order_by("pk").values_list("dry_run", "found", "deleted", "held", "outcome")
    )
    assert runs == [
        (True, 3, 0, 1, "rehearsed"),
        (False, 3, 2, 1, "done"),
        (False, 1, 0, 1, "done"),
    ]
    assert JobRun.objects.filter(name="retention_run").count() == 2
    release(hold)
    call_command("retention_run", "--table", TABLE)
    assert left() == stay - {made["held"].pk}


def test_it_works_in_batches_behind_what_is_held() -> None:
    made = sessions()
    on_person(made["over"].user_id)
    (policy,) = executed_policies(TABLE)
    done = retention_run(policy=policy, dry_run=False, batch=1)
    assert (done.found, done.deleted, done.held) == (3, 2, 1)


def test_it_obeys_the_data(capsys: Any) -> None:
    sessions()
    run("UPDATE audit_retentionpolicy SET period = 'P1D' WHERE table_name = %s", [TABLE])
    call_command("retention_run", "--table", TABLE)
    assert capsys.readouterr().out == f"{TABLE}: 4 deleted, 0 held\n"
    assert RetentionRun.objects.get().period == "P1D"


EXECUTED = [model._meta.db_table for model in executed_models()]


def test_every_table_of_the_list_is_emptied_by_the_retention_role_and_every_other_is_counted(
    capsys: Any,
) -> None:
    call_command("retention_run")
    lines = capsys.readouterr().out.splitlines()
    named = [line.split(":")[0] for line in lines if not line.startswith("Class ")]
    assert named[: len(EXECUTED)] == EXECUTED
    partitioned = RetentionPolicy.objects.filter(duty="partitions").values_list("table_name", flat=True)
    obeyed = len(EXECUTED) + len(partitioned)
    assert set(named[len(EXECUTED) : obeyed]) == set(partitioned)
    assert named.index("audit_label") < named.index("audit_event") < named.index("audit_sealleaf")
    with_period = RetentionPolicy.objects.filter(period__isnull=False)
    assert sorted(named) == sorted(with_period.values_list("table_name", flat=True))
    assert RetentionRun.objects.filter(outcome="done").count() == obeyed
    assert RetentionRun.objects.filter(dry_run=True).count() == with_period.count() - obeyed
    assert not RetentionRun.objects.filter(outcome="failed").exists()
    assert "streams_stream: 0 over, 0 held; Archives, chat rooms" in "\n".join(lines)
    assert any(line.startswith("Class 13 months: ") for line in lines)


def test_a_rehearsal_says_it_as_json_too(capsys: Any) -> None:
    made = sessions()
    on_person(made["held"].user_id)
    call_command("retention_run", "--dry-run", "--json")
    said = json.loads(capsys.readouterr().out)
    (line,) = [line for line in said["tables"] if line["table"] == TABLE]
    assert (line["over"], line["held"], line["free"], line["deleted"]) == (3, 1, 2, 0)
    (total,) = [total for total in said["classes"] if total["period"] == "P90D"]
    assert (total["class"], total["over"], total["held"], total["free"]) == ("90 days", 3, 1, 2)
    assert left() == {session.pk for session in made.values()}
    found = {total.period: total for total in class_totals()}["P90D"]
    assert (found.over, found.held, found.free, found.uncounted) == (3, 1, 2, 0)
    waiting = {name for total in said["classes"] for name in total["waiting"]}
    assert waiting == set(WAITS)


@pytest.mark.parametrize(
    "table", ["billing_posting", "billing_order", "accounts_user", "nothing", "accounts_usersession; drop"]
)
def test_other_tables_are_refused_in_words(table: str) -> None:
    with pytest.raises(CommandError, match="No rows of"):
        call_command("retention_run", "--table", table)


def test_copies_go_thirty_days_after_the_release() -> None:
    user = UserFactory()
    hold = on_person(user.pk)
    run(
        "INSERT INTO audit_heldrow (id, hold_id, source_table, source_id, content, sha256, copied_at) "
        "VALUES (uuidv7(), %s, 'accounts_loginevent', uuidv7(), '{}', '', now())",
        [hold.pk],
    )
    call_command("retention_run", "--table", "audit_heldrow")
    release(hold)
    call_command("retention_run", "--table", "audit_heldrow")
    assert HeldRow.objects.count() == 1
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE audit_legalhold DISABLE TRIGGER USER")
    run(
        "UPDATE audit_legalhold SET released_at = now() - interval '31 days', "
        "valid = tstzrange(now() - interval '40 days', now() - interval '31 days')"
    )
    run("ALTER TABLE audit_legalhold ENABLE TRIGGER USER")
    call_command("retention_run", "--table", "audit_heldrow")
    assert not HeldRow.objects.exists()


def test_a_failure_is_on_record() -> None:
    sessions()
    run("REVOKE DELETE ON accounts_usersession FROM vbl_retention")
    with pytest.raises(Exception, match="permission denied"):
        call_command("retention_run", "--table", TABLE)
    record = RetentionRun.objects.get()
    assert (record.outcome, record.deleted) == ("failed", 0)
    assert "permission denied" in record.error


def test_runs_are_facts_and_written_by_nobody_else() -> None:
    call_command("retention_run", "--table", TABLE)
    for statement in ("UPDATE audit_retentionrun SET deleted = 9", "DELETE FROM audit_retentionrun"):
        with refused("append-only"):
            run(statement)
    somebody = UserFactory()
    for role in (Role.APP, *ACTING_ROLES):
        with acting(role, user_id=somebody.pk), refused("permission denied"):
            run("INSERT INTO audit_retentionrun (id) VALUES (uuidv7())")


def test_the_retention_role_deletes_nothing_that_no_policy_names() -> None:
    granted = {
        name
        for (name,) in run(
            "SELECT table_name FROM information_schema.role_table_grants "
            "WHERE grantee = 'vbl_retention' AND privilege_type = 'DELETE' AND table_schema = 'vbl'"
        )
    }
    # Evidence names its own last day, which a trigger and the hold ask for (keep_until).
    along = {
        "audit_accessreviewitem",
        "audit_caseevent",
        "audit_filingtransition",
        "audit_personalarchive",
        "audit_readalertreading",
        "audit_requeststep",
        "audit_subjectrequesttransition",
        "engagement_goalcontribution",
        "engagement_pollchoice",
    }
    assert granted == set(EXECUTED) | along | {"audit_evidence"}
    with acting(Role.RETENTION), refused("permission denied"):
        affected("DELETE FROM accounts_user")
    executed = RetentionPolicy.objects.filter(is_executed=True)
    assert executed.filter(duty="rows").count() == len(EXECUTED)
    partitioned = {
        model._meta.db_table for model in partitioned_models() if model._meta.app_label != "kernel"
    }
    assert set(executed.exclude(duty="rows").values_list("table_name", flat=True)) == partitioned
