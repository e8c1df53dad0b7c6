"""How long rows are kept: words and data agree, every table has a policy, and two people change one."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from audit.errors import RetentionRefused
from audit.models import Event, RetentionPolicy
from audit.retention_duties import duty_of
from audit.retention_rules import action_of, basis_of, minimum_of, online_period_of
from audit.services.retention_policies import (
    declared_policies,
    retention_change_approve,
    retention_change_propose,
    retention_change_withdraw,
    retention_policies_copy,
)
from core.checks import check_model
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.storage import TermStart, term_of
from tests.accounts.factories import staff
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

SESSIONS = "accounts_usersession"
REASON = "the regulator asked for it"


@pytest.mark.parametrize(
    ("words", "period", "start"),
    [
        ("7 years", "P7Y", TermStart.CREATED),
        ("1 year", "P1Y", TermStart.CREATED),
        ("10 minutes", "PT10M", TermStart.CREATED),
        ("13 months after its end", "P13M", TermStart.ENDED),
        ("7 years after the end of the stream", "P7Y", TermStart.ENDED),
        ("90 days after the recording is over", "P90D", TermStart.ENDED),
        ("7 days after it was done, 90 days otherwise", "P7D", TermStart.EVENT),
        ("7 years, unless erased before", "P7Y", TermStart.CREATED),
        ("while the account lives; emptied on erasure", None, TermStart.LIFE),
        ("for ever", None, TermStart.LIFE),
    ],
)
def test_the_data_are_read_from_the_words(words: str, period: str | None, start: TermStart) -> None:
    term = term_of(words)
    assert (term.period, term.starts_from, term.words) == (period, start, words)


@pytest.mark.parametrize("words", ["", "some time", "0 days", "7 fortnights", "about 7 years", "whileaway"])
def test_words_that_say_no_term_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="is no term"):
        term_of(words)


def test_a_model_with_such_words_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.models import Restriction

    monkeypatch.setattr(Restriction, "retention", "as it pleases")
    assert "core.E023" in [message.id for message in check_model(Restriction)]


def tables() -> Iterator[str]:
    """Tables of the project in the catalog, those of Django and of its libraries left out."""
    for (name,) in run(
        "SELECT relname FROM pg_class WHERE relnamespace = 'vbl'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition "
        "AND relname ~ '^(core|accounts|performers|streams|billing|engagement|analytics|audit)_'"
    ):
        yield name


def test_every_table_of_the_catalog_has_its_policy_as_the_model_declares() -> None:
    assert set(RetentionPolicy.objects.values_list("table_name", flat=True)) == set(tables())
    for table, (model, term) in declared_policies().items():
        row = RetentionPolicy.objects.get(table_name=table)
        assert (row.words, row.period, row.starts_from) == (term.words, term.period, term.starts_from), table
        assert (row.basis, row.action) == (basis_of(model), action_of(model, term)), table
        duty = duty_of(model)
        assert duty is not None, f"Nobody thought of {table}."
        assert (row.duty, row.obeyed_by, row.is_executed) == (
            duty.kind,
            duty.note,
            duty.kind in ("rows", "partitions"),
        ), table
        assert row.online_period == online_period_of(model), table
        if row.period:
            assert (row.minimum, row.minimum_basis) == minimum_of(model), table
        if row.period:
            assert run("SELECT %s::interval > '0'", [row.period]) == [(True,)]
    assert retention_policies_copy() == 0


def test_a_copy_follows_the_code_and_leaves_what_two_people_decided() -> None:
    run(
        "UPDATE audit_retentionpolicy SET words = 'for ever', basis = 'none at all' WHERE table_name = %s",
        [SESSIONS],
    )
    changed = approve(propose(sessions()))
    run("UPDATE audit_retentionpolicy SET words = 'for ever' WHERE table_name = %s", [SESSIONS])
    assert retention_policies_copy() == 1
    row = RetentionPolicy.objects.get(pk=changed.pk)
    assert (row.words, row.period, row.basis) == (
        "90 days after its end",
        "P180D",
        "an order of the regulator",
    )


def sessions() -> RetentionPolicy:
    return RetentionPolicy.objects.get(table_name=SESSIONS)


def propose(policy: RetentionPolicy, actor: User | None = None, **fields: Any) -> RetentionPolicy:
    actor = actor or staff(Role.COMPLIANCE)
    values = {"period": "P180D", "basis": "an order of the regulator", "reason": REASON, **fields}
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return retention_change_propose(retention_policy_id=policy.pk, actor=actor, **values)


def approve(policy: RetentionPolicy, actor: User | None = None) -> RetentionPolicy:
    actor = actor or staff(Role.ADMINISTRATOR)
    with acting(Role.ADMINISTRATOR, user_id=actor.pk):
        return retention_change_approve(retention_policy_id=policy.pk, actor=actor, reason=REASON)


class TestChange:
    def test_is_proposed_by_one_and_approved_by_another(self) -> None:
        proposer, approver = staff(Role.COMPLIANCE), staff(Role.ADMINISTRATOR)
        policy = propose(sessions(), proposer)
        assert RetentionPolicy.objects.get(pk=policy.pk).period == "P90D"
        approve(policy, approver)
        row = RetentionPolicy.objects.get(pk=policy.pk)
        assert (row.period, row.basis) == ("P180D", "an order of the regulator")
        assert (row.changed_by, row.approved_by, row.proposed_by) == (proposer, approver, None)
        event = Event.objects.get(action="retention_policy_changed")
        assert (event.area, event.detail) == ("compliance", {"from": "P90D", "to": "P180D"})
        assert row.history.count() == 2

    def test_not_by_the_same_person(self) -> None:
        both = staff(Role.COMPLIANCE, Role.ADMINISTRATOR)
        policy = propose(sessions(), both)
        with pytest.raises(RetentionRefused, match="does not approve it"):
            approve(policy, both)
        with acting(Role.ADMINISTRATOR, user_id=both.pk), refused("approved_by_check"):
            run(
                "UPDATE audit_retentionpolicy SET period = 'P180D', basis = proposed_basis, changed_by_id = %s, "
                "approved_by_id = %s, proposed_by_id = null, proposed_period = null, proposed_basis = '', "
                "proposed_reason = '' WHERE id = %s",
                [both.pk, both.pk, policy.pk],
            )

    def test_not_otherwise_than_proposed_nor_without_a_proposal(self) -> None:
        administrator = staff(Role.ADMINISTRATOR)
        with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
            with refused("changes only as it was proposed"):
                run("UPDATE audit_retentionpolicy SET period = 'P1D' WHERE table_name = %s", [SESSIONS])
            with refused("permission denied"):
                run("UPDATE audit_retentionpolicy SET words = 'for ever'")
            with refused("permission denied"):
                run("DELETE FROM audit_retentionpolicy")
        policy = propose(sessions())
        with acting(Role.ADMINISTRATOR, user_id=administrator.pk), refused("changes only as it was proposed"):
            run(
                "UPDATE audit_retentionpolicy SET period = 'P1D', changed_by_id = proposed_by_id, approved_by_id = %s "
                "WHERE id = %s",
                [administrator.pk, policy.pk],
            )

    def test_not_by_compliance_alone(self) -> None:
        compliance, other = staff(Role.COMPLIANCE), staff(Role.COMPLIANCE)
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            with refused("permission denied"):
                run("UPDATE audit_retentionpolicy SET period = 'P1D'")
            with refused("row-level security"):
                run(
                    "UPDATE audit_retentionpolicy SET proposed_by_id = %s, proposed_period = 'P1D', "
                    "proposed_basis = 'none', proposed_reason = 'none' WHERE table_name = %s",
                    [other.pk, SESSIONS],
                )

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"period": "3 weeks"}, "P90D"),
            ({"period": "P0D"}, "period of nothing"),
            ({"basis": " "}, "names a period"),
            ({"period": "P90D", "basis": basis_of(User)}, ""),
        ],
    )
    def test_nonsense_is_refused_in_words(self, fields: dict[str, str], words: str) -> None:
        policy = sessions()
        if not words:
            fields, words = {"period": str(policy.period), "basis": policy.basis}, "says now"
        with pytest.raises(RetentionRefused, match=words):
            propose(policy, **fields)

    def test_of_a_table_that_no_job_empties_is_refused(self) -> None:
        with pytest.raises(RetentionRefused, match="No job deletes by this policy"):
            propose(RetentionPolicy.objects.get(table_name="billing_posting"))

    @pytest.mark.parametrize("period", ["P1Y", "P2Y", "P24M"])
    def test_a_period_that_is_over_before_rows_leave_for_the_archive_is_refused(self, period: str) -> None:
        policy = RetentionPolicy.objects.get(table_name="audit_event")
        with pytest.raises(
            RetentionRefused, match="stay in the database for P2Y: a period is longer than that"
        ):
            propose(policy, period=period)
        assert approve(propose(policy, period="P8Y")).period == "P8Y"

    @pytest.mark.parametrize("period", ["P6Y", "P83M", "P2555D", "P2561D", "PT10M", "P1D"])
    def test_a_shorter_period_than_the_law_allows_is_refused_in_words_and_by_the_database(
        self, period: str
    ) -> None:
        policy = RetentionPolicy.objects.get(table_name="performers_identityrecord")
        with pytest.raises(RetentionRefused, match=r"does not allow a shorter period than P7Y \(28 CFR 75.4"):
            propose(policy, period=period)
        with refused("does not allow a shorter period"):
            run("UPDATE audit_retentionpolicy SET period = %s WHERE id = %s", [period, policy.pk])

    @pytest.mark.parametrize("period", ["P8Y", "P84M", "P2562D"])
    def test_as_long_a_period_by_every_calendar_is_taken(self, period: str) -> None:
        policy = RetentionPolicy.objects.get(table_name="performers_identityrecord")
        assert propose(policy, period=period).proposed_period == period

    @pytest.mark.parametrize("period", ["P0D", "P00Y", "-P1D", "P", "P1D; x", "P1Y2M"])
    def test_no_period_is_nothing_or_nonsense_for_the_owner_either(self, period: str) -> None:
        with refused("period_format_check|invalid input syntax"):
            run("UPDATE audit_retentionpolicy SET period = %s WHERE table_name = %s", [period, SESSIONS])

    def test_the_law_itself_is_not_talked_away(self) -> None:
        administrator = staff(Role.ADMINISTRATOR)
        for role in (Role.COMPLIANCE, Role.ADMINISTRATOR):
            with acting(role, user_id=administrator.pk), refused("permission denied"):
                run("UPDATE audit_retentionpolicy SET minimum = NULL, minimum_basis = ''")

    def test_is_turned_down(self) -> None:
        administrator = staff(Role.ADMINISTRATOR)
        policy = propose(sessions())
        with pytest.raises(RetentionRefused, match="a proposal already"):
            propose(policy)
        with acting(Role.ADMINISTRATOR, user_id=administrator.pk):
            retention_change_withdraw(retention_policy_id=policy.pk, actor=administrator, reason=REASON)
            with pytest.raises(RetentionRefused, match="Nobody proposes"):
                retention_change_approve(retention_policy_id=policy.pk, actor=administrator, reason=REASON)
        assert sessions().period == "P90D"


def test_who_reads_policies() -> None:
    somebody = staff(Role.AUDITOR)
    for role in (Role.APP, *ACTING_ROLES):
        with acting(role, user_id=somebody.pk):
            if role in (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR):
                assert RetentionPolicy.objects.exists()
            else:
                with refused("permission denied"):
                    run("SELECT * FROM audit_retentionpolicy")


def test_a_policy_is_about_one_table() -> None:
    with refused("audit_retentionpolicy_table_name_key"):
        run(
            "INSERT INTO audit_retentionpolicy (table_name, words, starts_from, basis, action, is_executed) "
            "VALUES (%s, 'for ever', 'life', 'none', 'keep', false)",
            [SESSIONS],
        )
    with refused("cannot be changed"):
        run("UPDATE audit_retentionpolicy SET table_name = 'x' WHERE table_name = %s", [SESSIONS])
    assert affected("UPDATE audit_retentionpolicy SET words = words") == RetentionPolicy.objects.count()
