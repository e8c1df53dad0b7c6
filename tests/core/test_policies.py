"""Row-level security, seen by each role itself: a superuser or an owner without FORCE would prove nothing."""

import pytest
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ProjectState

from core.db.context import acting
from core.db.policies import ALL, ME, OwnerPolicy, Policy
from core.db.roles import Role
from core.models.identity import uuid7
from tests.kernel.models import Errand
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rights() -> None:
    run("GRANT SELECT, INSERT, UPDATE, DELETE ON kernel_errand TO vbl_viewer, vbl_moderator, vbl_auditor")


@pytest.fixture
def errands() -> list[Errand]:
    return [Errand.objects.create(owner_id=uuid7(), title=f"errand {number}") for number in range(3)]


def test_row_security_is_enabled_and_forced() -> None:
    assert run(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'kernel_errand'::regclass"
    ) == [(True, True)]


def test_the_owner_is_not_blinded_by_force(errands: list[Errand]) -> None:
    assert affected("UPDATE kernel_errand SET title = 'seen'") == 3


def test_a_viewer_sees_their_own_row_only(errands: list[Errand]) -> None:
    with acting(Role.VIEWER, user_id=errands[0].owner_id):
        assert run("SELECT id FROM kernel_errand") == [(errands[0].pk,)]


def test_without_a_person_a_viewer_sees_nothing(errands: list[Errand]) -> None:
    with acting(Role.VIEWER):
        assert run("SELECT id FROM kernel_errand") == []


def test_the_setting_of_an_earlier_transaction_is_empty_and_finds_nothing(errands: list[Errand]) -> None:
    with acting(Role.VIEWER):
        run("SELECT set_config('app.user_id', '', true)")
        assert run("SELECT id FROM kernel_errand") == []


def test_a_grant_without_a_policy_lets_no_row_through(errands: list[Errand]) -> None:
    with acting(Role.AUDITOR, user_id=errands[0].owner_id):
        assert run("SELECT id FROM kernel_errand") == []


def test_a_viewer_cannot_write_a_row_of_somebody_else() -> None:
    with acting(Role.VIEWER, user_id=uuid7()), refused("row-level security"):
        run("INSERT INTO kernel_errand (owner_id, title, stage) VALUES (uuidv7(), 'x', 'open')")


def test_updates_hit_only_rows_of_the_policy(errands: list[Errand]) -> None:
    with acting(Role.MODERATOR, user_id=errands[0].owner_id):
        assert affected("UPDATE kernel_errand SET title = 'moderated'") == 2


def test_a_command_without_a_policy_hits_nothing(errands: list[Errand]) -> None:
    with acting(Role.MODERATOR, user_id=uuid7()):
        assert affected("DELETE FROM kernel_errand") == 0


def test_the_sub_select_runs_once_per_query(errands: list[Errand]) -> None:
    with acting(Role.VIEWER, user_id=errands[0].owner_id):
        plan = "\n".join(row[0] for row in run("EXPLAIN SELECT * FROM kernel_errand"))
    assert "InitPlan" in plan


def test_history_is_written_in_ones_own_name_only(errands: list[Errand]) -> None:
    run("GRANT INSERT ON kernel_historicalerrand TO vbl_moderator")
    columns = "(history_id, history_date, history_type, history_user_id, id, owner_id, title, stage)"
    values = "(uuidv7(), now(), '~', %s, uuidv7(), uuidv7(), 'x', 'open')"
    me = uuid7()
    with acting(Role.MODERATOR, user_id=me):
        run(f"INSERT INTO kernel_historicalerrand {columns} VALUES {values}", [me])
        for somebody_else in (uuid7(), None):
            with refused("row-level security"):
                run(f"INSERT INTO kernel_historicalerrand {columns} VALUES {values}", [somebody_else])


def test_policies_are_seen_by_the_autodetector() -> None:
    before, after = ProjectState.from_apps(_apps()), ProjectState.from_apps(_apps())
    constraints = after.models["kernel", "errand"].options["constraints"]
    constraints.append(
        Policy(role=Role.AUDITOR, command="select", using=ALL, name="kernel_errand_auditor_select")
    )
    changes = MigrationAutodetector(before, after)._detect_changes()
    assert [str(operation.name_or_label) for operation in _added(changes)] == ["kernel_errand_auditor_select"]


def _apps() -> object:
    from django.apps import apps

    return apps


def _added(changes: dict) -> list:
    found = [operation for migration in changes["kernel"] for operation in migration.operations]
    for operation in found:
        operation.name_or_label = operation.constraint.name
    return found


def test_a_policy_can_be_taken_back() -> None:
    policy = Policy(role=Role.AUDITOR, command="select", using=ALL, name="kernel_errand_auditor_select")
    with connection.schema_editor() as editor:
        editor.add_constraint(Errand, policy)
    assert run("SELECT polname FROM pg_policy WHERE polname = %s", [policy.name])
    with connection.schema_editor() as editor:
        editor.remove_constraint(Errand, policy)
    assert not run("SELECT polname FROM pg_policy WHERE polname = %s", [policy.name])


def test_taking_back_the_owners_policy_switches_row_security_off() -> None:
    with connection.schema_editor() as editor:
        editor.remove_constraint(Errand, OwnerPolicy(name="kernel_errand_owner_all"))
    assert run("SELECT relrowsecurity FROM pg_class WHERE oid = 'kernel_errand'::regclass") == [(False,)]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"command": "truncate", "using": ALL}, "a policy is for one of"),
        ({"command": "insert", "using": ALL}, "an insert policy has `check`"),
        ({"command": "select"}, "a policy for select needs `using`"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(arguments: dict, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"(?i){complaint}"):
        Policy(role=Role.VIEWER, **arguments)


def test_two_policies_are_equal_when_they_say_the_same() -> None:
    first = Policy(role=Role.VIEWER, command="select", using=f"owner_id = {ME}", name="a")
    assert first == Policy(role=Role.VIEWER, command="select", using=f"owner_id = {ME}", name="a")
    assert first != Policy(role=Role.VIEWER, command="select", using=ALL, name="a")
