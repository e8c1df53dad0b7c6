"""Exceptions: raised once, taken by one, resolved with a reason; attacked by SQL and by two at once."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from billing.errors import ExceptionRefused
from billing.models import ProviderAccount, ReconciliationException
from billing.provider_choices import ExceptionKind, ExceptionResolution
from billing.services.reconciliation_exceptions import (
    exceptions_settle,
    reconciliation_exception_raise,
    reconciliation_exception_resolve,
    reconciliation_exception_take,
)
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from tests.accounts.conftest import Announced, announced  # noqa: F401
from tests.accounts.factories import staff
from tests.accounts.test_races import at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)


def raised(account: ProviderAccount, **changed: Any) -> ReconciliationException:
    values: dict[str, Any] = {
        "kind": ExceptionKind.AMOUNT_DIFFERS,
        "words": "Three thousand were reported, 2999 asked for.",
        "currency": "EUR",
        "expected_amount": 2999,
        "reported_amount": 3000,
        "provider_account_id": account.pk,
    }
    return reconciliation_exception_raise(subject=account, **{**values, **changed})


def take(found: ReconciliationException, actor: Any, **more: Any) -> ReconciliationException:
    with acting(Role.FINANCE, user_id=actor.pk):
        return reconciliation_exception_take(
            reconciliation_exception_id=found.pk, actor=actor, reason="I know this one", **more
        )


def resolve(
    found: ReconciliationException,
    actor: Any,
    resolution: ExceptionResolution = ExceptionResolution.ACCEPTED,
    reason: str = "a cent, by their rounding",
    **more: Any,
) -> ReconciliationException:
    with acting(Role.FINANCE, user_id=actor.pk):
        return reconciliation_exception_resolve(
            reconciliation_exception_id=found.pk, resolution=resolution, actor=actor, reason=reason, **more
        )


def test_from_the_difference_to_its_end(simulated: ProviderAccount, announced: Announced) -> None:  # noqa: F811
    first, second = staff(Role.FINANCE), staff(Role.FINANCE)
    found = raised(simulated)
    taken = take(found, first, expected_version=found.version)
    assert (taken.status, taken.owner_id) == ("assigned", first.pk)
    with pytest.raises(IllegalTransition):
        take(found, second)
    with pytest.raises(ExceptionRefused, match="A colleague"):
        resolve(found, second)
    with pytest.raises(StaleVersion):
        resolve(found, first, expected_version=found.version)
    done = resolve(found, first)
    assert (done.status, done.resolution, done.resolved_by_id) == ("resolved", "accepted", first.pk)
    with pytest.raises(IllegalTransition):
        resolve(found, first)
    assert announced.only("exception_taken")["changed"] == ("status", "owner")
    assert announced.only("exception_resolved")["detail"] == {
        "resolution": "accepted",
        "kind": "amount_differs",
    }


def test_the_same_one_is_raised_once_while_it_is_unresolved(simulated: ProviderAccount) -> None:
    actor = staff(Role.FINANCE)
    first = raised(simulated)
    assert raised(simulated, reported_amount=3001).pk == first.pk
    assert raised(simulated, kind=ExceptionKind.CURRENCY_DIFFERS).pk != first.pk
    resolve(first, actor)
    assert raised(simulated).pk != first.pk


def test_eight_at_once_raise_one(simulated: ProviderAccount) -> None:
    outcomes = at_once(*(lambda: raised(simulated) for _ in range(8)))
    assert refusals(outcomes) == []
    assert ReconciliationException.objects.count() == 1


def test_two_take_one_and_one_has_it(simulated: ProviderAccount) -> None:
    found, people = raised(simulated), [staff(Role.FINANCE), staff(Role.FINANCE)]
    outcomes = at_once(*(lambda actor=actor: take(found, actor) for actor in people))
    assert refusals(outcomes) == [IllegalTransition]


@pytest.mark.parametrize(
    "changed",
    [{"words": ""}, {"words": "x" * 2001}, {"currency": None}, {"reference": "r" * 256}],
)
def test_what_cannot_be_raised(simulated: ProviderAccount, changed: dict[str, Any]) -> None:
    with pytest.raises(ExceptionRefused):
        raised(simulated, **changed)


def test_without_a_reason_or_by_a_word_of_the_machine_nothing_is_resolved(simulated: ProviderAccount) -> None:
    found, actor = raised(simulated), staff(Role.FINANCE)
    with pytest.raises(ExceptionRefused):
        resolve(found, actor, reason="")
    with pytest.raises(ExceptionRefused, match="by the processing itself"):
        resolve(found, actor, resolution=ExceptionResolution.PROCESSED)


def test_processing_settles_its_own_kinds_only(simulated: ProviderAccount) -> None:
    raised(simulated)
    raised(simulated, kind=ExceptionKind.UNKNOWN_PAYMENT)
    with acting(Role.WORKER):
        count = exceptions_settle(
            subject=simulated, kinds=(ExceptionKind.UNKNOWN_PAYMENT,), reason="Known after all."
        )
    assert count == 1
    assert ReconciliationException.objects.unresolved().get().kind == ExceptionKind.AMOUNT_DIFFERS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_reconciliationexception SET reported_amount = 2999",
        "UPDATE billing_reconciliationexception SET words = 'nothing'",
        "UPDATE billing_reconciliationexception SET status = 'resolved'",
        "UPDATE billing_reconciliationexception SET status = 'assigned'",
        "UPDATE billing_reconciliationexception SET status = 'resolved', resolution = 'accepted', "
        "resolved_at = now(), reason = 'because'",
        "UPDATE billing_reconciliationexception SET status = 'resolved', resolution = 'processed', "
        "resolved_at = now()",
        "UPDATE billing_reconciliationexception SET kind = 'lost'",
        "DELETE FROM billing_reconciliationexception",
        "TRUNCATE billing_reconciliationexception",
        "INSERT INTO billing_reconciliationexception (kind, subject_type, subject_id, words, status) "
        "VALUES ('dispute', 'billing.payment', uuidv7(), 'x', 'resolved')",
        "INSERT INTO billing_reconciliationexception (kind, subject_type, subject_id, words) "
        "VALUES ('dispute', 'accounts.user', uuidv7(), 'x')",
        "INSERT INTO billing_reconciliationexception (kind, subject_type, subject_id, words, reported_amount) "
        "VALUES ('dispute', 'billing.payment', uuidv7(), 'x', 1)",
    ],
)
def test_the_database_keeps_the_rules(simulated: ProviderAccount, statement: str) -> None:
    found = raised(simulated)
    with (
        acting(Role.WORKER),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert ReconciliationException.objects.get().version == found.version


@pytest.mark.parametrize("role", [Role.FINANCE, Role.FINANCE_APPROVER, Role.SUPPORT, Role.AUDITOR])
def test_staff_read_and_change_only_by_the_service(simulated: ProviderAccount, role: Role) -> None:
    raised(simulated)
    with acting(role):
        assert ReconciliationException.objects.count() == 1
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            ReconciliationException.objects.update(status="assigned")
