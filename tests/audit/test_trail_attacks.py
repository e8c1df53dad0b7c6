"""The trail, attacked by raw SQL in every role."""

from uuid import UUID

import pytest
from django.db import connection

from accounts.models import User
from audit.models import Event, Label
from core.db.context import acting
from core.db.partitions.catalog import find_partitions, find_table
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

RECORD = (
    "SELECT audit_record('restriction_placed', 'accounts.user', %s, '{status}', '{}', "
    "'ann', 'bob', '10.0.0.1', 'spam')"
)
SECURITY = "SELECT security_record('permission_denied', 'low', NULL, '10.0.0.1', '{}')"
EVERY_ROLE = (Role.APP, Role.RETENTION, *ACTING_ROLES)
TABLES = (
    "audit_event",
    "audit_label",
    "audit_securityevent",
    "audit_jobrun",
    "audit_deployment",
    "audit_action",
)
COLUMN = {"audit_jobrun": "name", "audit_deployment": "release"}


@pytest.fixture
def event(bob: User) -> Event:
    ((event_id,),) = run(RECORD, [bob.pk])
    run(SECURITY)
    run("SELECT job_run_end(job_run_begin('sweep'), 'succeeded', '{}', NULL)")
    return Event.objects.select_related("label").get(pk=event_id)


class TestWhoActed:
    @pytest.mark.parametrize("role", [Role.APP, *ACTING_ROLES])
    def test_every_role_records_in_its_own_name(self, role: Role, ann: User, bob: User) -> None:
        request_id = uuid7()
        with acting(role, user_id=ann.pk, request_id=request_id):
            ((event_id,),) = run(RECORD, [bob.pk])
        event = Event.objects.get(pk=event_id)
        assert (event.actor_id, event.acting_role, event.request_id) == (ann.pk, role.value, request_id)

    def test_no_function_takes_actor_role_or_request_from_its_caller(self) -> None:
        names = run(
            "SELECT proargnames FROM pg_proc WHERE proname IN ('audit_record', 'security_record', 'job_run_begin')"
        )
        arguments = {name for (row,) in names for name in row}
        assert not arguments & {
            "actor",
            "actor_id",
            "acting_role",
            "role",
            "request_id",
            "xact",
            "id",
            "area",
        }

    def test_a_claimed_role_counts_for_nothing(self, ann: User, bob: User) -> None:
        with acting(Role.VIEWER, user_id=ann.pk):
            run("SELECT set_config('app.acting_role', 'vbl_administrator', true)")
            ((event_id,),) = run(RECORD, [bob.pk])
        assert Event.objects.get(pk=event_id).acting_role == Role.VIEWER

    def test_nobody_acts_in_the_name_of_one_who_does_not_exist(self, bob: User) -> None:
        with acting(Role.MODERATOR, user_id=uuid7()), refused("audit_event_actor_id_fkey"):
            run(RECORD, [bob.pk])
            run("SET CONSTRAINTS ALL IMMEDIATE")

    def test_a_setting_that_is_no_id_stops_the_change(self, bob: User) -> None:
        with acting(Role.MODERATOR), refused("invalid input syntax for type uuid"):
            run("SELECT set_config('app.user_id', 'root', true)")
            run(RECORD, [bob.pk])

    def test_without_a_person_the_system_acted(self, bob: User) -> None:
        with acting(Role.WORKER):
            ((event_id,),) = run(RECORD, [bob.pk])
        event = Event.objects.get(pk=event_id)
        assert (event.actor_id, event.acting_role) == (None, Role.WORKER)


class TestNobodyWrites:
    @pytest.mark.parametrize("role", EVERY_ROLE)
    @pytest.mark.parametrize("table", TABLES)
    def test_no_role_has_a_way_in_but_the_functions(self, role: Role, table: str, event: Event) -> None:
        column = COLUMN.get(table, "action" if table in ("audit_event", "audit_action") else "area")
        column = "kind" if table == "audit_securityevent" else column
        statements = (
            f"INSERT INTO {table} DEFAULT VALUES",
            f"UPDATE {table} SET {column} = 'x'",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
        )
        for statement in statements:
            # Retention deletes runs of jobs a year after them, and not a day earlier.
            early = (role, statement) == (Role.RETENTION, "DELETE FROM audit_jobrun")
            with acting(role), refused("is not over" if early else "permission denied"):
                run("SELECT set_config('pgtrigger.ignore', '{}', true)")
                run(statement)

    @pytest.mark.parametrize("table", ["audit_event", "audit_label", "audit_securityevent", "audit_jobrun"])
    @pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
    def test_the_owner_is_held_by_triggers_whatever_pgtrigger_ignores(
        self, table: str, verb: str, event: Event
    ) -> None:
        triggers = run("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", [table])
        ignored = "{" + ",".join(f"{table}:{name}" for (name,) in triggers) + "}"
        with refused("refused"):
            run("SELECT set_config('pgtrigger.ignore', %s, true)", [ignored])
            run(verb.format(table))

    @pytest.mark.parametrize("model", [Event, Label])
    def test_a_partition_is_no_way_round(self, model: type, event: Event) -> None:
        table = find_table(connection, model)
        assert table is not None
        first = find_partitions(connection, table)[0].name
        with refused("refused"):
            run(f"DELETE FROM {first}")
        for role in EVERY_ROLE:
            with acting(role), refused("permission denied"):
                run(f"SELECT 1 FROM {first}")

    def test_retention_deletes_what_it_was_granted_and_changes_nothing(self, event: Event) -> None:
        run("GRANT SELECT, UPDATE, DELETE ON audit_event TO vbl_retention")
        run("CREATE POLICY granted ON audit_event TO vbl_retention USING (area = 'people')")
        with acting(Role.RETENTION):
            with refused("append-only"):
                run("UPDATE audit_event SET action = action")
            run("DELETE FROM audit_event")
        assert not Event.objects.exists()

    @pytest.mark.parametrize("role", [role for role in ACTING_ROLES if role is not Role.WORKER])
    def test_only_the_login_role_and_workers_tell_of_jobs(self, role: Role) -> None:
        with acting(role), refused("permission denied for function job_run_begin"):
            run("SELECT job_run_begin('sweep')")


class TestWhoReads:
    @pytest.fixture
    def areas(self, ann: User, bob: User) -> dict[str, UUID]:
        found = {}
        with acting(Role.FINANCE, user_id=ann.pk):
            for action, subject in (
                ("restriction_placed", "accounts.user"),
                ("role_granted", "accounts.user"),
                ("payout_approved", "billing.payout"),
            ):
                ((event_id,),) = run(
                    "SELECT audit_record(%s, %s, %s, '{}', '{}', NULL, NULL, NULL, 'because')",
                    [action, subject, bob.pk],
                )
                found[action] = event_id
        return found

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR])
    def test_overseers_read_all(self, role: Role, areas: dict[str, UUID]) -> None:
        with acting(role):
            assert Event.objects.count() == Label.objects.count() == len(areas)

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR])
    def test_who_works_with_people_reads_what_was_done_to_people(
        self, role: Role, areas: dict[str, UUID]
    ) -> None:
        with acting(role):
            assert [event.action for event in Event.objects.all()] == ["restriction_placed"]
            assert [label.pk for label in Label.objects.all()] == [areas["restriction_placed"]]

    @pytest.mark.parametrize("role", [Role.FINANCE, Role.FINANCE_APPROVER, Role.ANALYST])
    def test_others_read_what_they_did_themselves(
        self, role: Role, areas: dict[str, UUID], ann: User, bob: User
    ) -> None:
        with acting(role, user_id=ann.pk):
            assert Event.objects.count() == len(areas)
        with acting(role, user_id=bob.pk):
            assert not Event.objects.exists()
        with acting(role), refused("permission denied"):
            Label.objects.exists()

    @pytest.mark.parametrize("role", [Role.APP, Role.VIEWER, Role.PERFORMER, Role.WORKER, Role.RETENTION])
    def test_nobody_else_reads(self, role: Role, areas: dict[str, UUID]) -> None:
        for table in ("audit_event", "audit_label", "audit_securityevent", "audit_administrativeaction"):
            with acting(role), refused("permission denied"):
                run(f"SELECT 1 FROM {table}")

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.FINANCE])
    def test_security_events_are_for_overseers(self, role: Role) -> None:
        with acting(role), refused("permission denied"):
            run("SELECT 1 FROM audit_securityevent")
