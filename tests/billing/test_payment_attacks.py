"""What the database itself refuses about payments, refunds and approvals, in SQL and in every role."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from billing.models import ApprovalRequest, Order, Payment, PaymentEvent, PaymentMethod, Refund
from billing.payment_choices import RefundStatus
from billing.services.approvals import approval_give
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.accounts.factories import RoleGrantFactory, UserFactory, staff
from tests.billing.paying import PRICE, authorised, fulfilments, method_of, paid, refund, refunder, sent, shop

pytestmark = pytest.mark.django_db

REFUSED = (IntegrityError, ProgrammingError)


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def run(sql: str, *values: Any, role: Role = Role.WORKER, user_id: UUID | None = None) -> int:
    """One statement in a role, on behalf of somebody, undone when it is refused; how many rows it reached."""
    with acting(role, user_id=user_id), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def refused(message: str, sql: str, *values: Any, **context: Any) -> None:
    with pytest.raises(REFUSED, match=message), transaction.atomic():
        run(sql, *values, **context)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("refund_requested = captured + 1", "refund_requested_check"),
        ("refund_requested = -1", "refund_requested_check"),
        ("capture_requested = authorised + 1", "capture_requested_check"),
        ("captured = authorised + 1", "captured_check"),
        ("authorised = amount + 1", "authorised_check"),
        ("suspended = suspended + 1", "suspended_check"),
        ("fulfilled = 1", "fulfilled_check|suspended_check|stays so"),
        ("reversed = fulfilled + 1", "reversed_check|suspended_check"),
        ("refunded_settled = -1", "settled_check|suspended_check"),
        ("captured_settled = captured_settled - 1", "stays so"),
        ("captured = captured - 1", "stays so"),
        ("authorised = 0", "stays so"),
        ("provider_reference = 'another'", "reference of a payment is kept"),
        ("amount = amount + 1", "permission denied|cannot be changed"),
        ("user_id = id", "permission denied|cannot be changed"),
        ("status = 'pending'", "cannot move"),
        ("status = 'authorised'", "cannot move"),
    ],
)
def test_counters_and_states_of_a_payment(change: str, message: str) -> None:
    payment = paid()
    refused(message, f"UPDATE billing_payment SET {change} WHERE id = %s", payment.pk)


def test_a_payment_begins_at_its_beginning() -> None:
    payment = paid()
    columns = "intent_id, order_id, user_id, payment_method_id, provider_account_id, currency, amount"
    refused(
        "cannot begin as captured",
        f"INSERT INTO billing_payment (id, status, authorised, capture_requested, captured, refund_requested, "
        f"authorised_settled, captured_settled, refunded_settled, refunded_reported, refunded_elsewhere, fulfilled, "
        f"reversed, suspended, {columns}) SELECT uuidv7(), 'captured', 0,0,0,0,0,0,0,0,0,0,0,0, {columns} "
        "FROM billing_payment WHERE id = %s",
        payment.pk,
    )


def test_one_payment_pays_for_an_order() -> None:
    payment = paid()
    refused(
        "billing_payment_fulfils_key",
        "INSERT INTO billing_payment (id, status, authorised, capture_requested, captured, refund_requested, "
        "authorised_settled, captured_settled, refunded_settled, refunded_reported, refunded_elsewhere, fulfilled, "
        "reversed, suspended, intent_id, order_id, user_id, payment_method_id, provider_account_id, currency, amount) "
        "SELECT uuidv7(), 'pending', amount, 0, amount, 0, amount, amount, 0, 0, 0, amount, 0, 0, intent_id, order_id, "
        "user_id, payment_method_id, provider_account_id, currency, amount FROM billing_payment WHERE id = %s",
        payment.pk,
    )


def test_moves_are_written_by_the_trigger_alone_and_stay() -> None:
    payment = paid()
    event = PaymentEvent.objects.filter(payment=payment).latest("pk")
    for sql in (
        "UPDATE billing_paymentevent SET to_status = 'failed' WHERE id = %s",
        "DELETE FROM billing_paymentevent WHERE id = %s",
    ):
        refused("permission denied", sql, event.pk)
        refused("append-only", sql, event.pk, role=Role.OWNER)
    refused(
        "permission denied",
        "INSERT INTO billing_paymentevent (id, payment_id, to_status, captured_settled, refunded_settled, moved_at) "
        "VALUES (uuidv7(), %s, 'refunded', 0, 0, now())",
        payment.pk,
    )


@pytest.mark.parametrize(
    "table", ["billing_payment", "billing_refund", "billing_order", "billing_approvalrequest"]
)
def test_nothing_of_money_is_deleted_by_any_role(table: str) -> None:
    refund(paid(), 10, staff(Role.FINANCE))
    for role in ACTING_ROLES:
        refused("permission denied", f"DELETE FROM {table}", role=role)
        refused("permission denied", f"TRUNCATE {table} CASCADE", role=role)


def test_only_the_worker_writes() -> None:
    paid()
    for role in ACTING_ROLES:
        if role is not Role.WORKER:
            refused("permission denied", "UPDATE billing_payment SET refund_requested = 0", role=role)
            refused("permission denied", "UPDATE billing_order SET status = 'cancelled'", role=role)


def test_who_sees_whose_payments() -> None:
    mine, theirs = paid(), paid()
    payer = mine.user_id

    def seen(role: Role, user_id: UUID | None = None) -> set[UUID]:
        with acting(role, user_id=user_id):
            return set(Payment.objects.values_list("pk", flat=True))

    assert seen(Role.VIEWER, payer) == {mine.pk}
    assert seen(Role.VIEWER) == set()
    for role in (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR):
        assert seen(role, staff(role).pk) == {mine.pk, theirs.pk}
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        seen(Role.SUPPORT, staff(Role.SUPPORT).pk)


INSERT_ATTEMPT = (
    "INSERT INTO billing_paymentattempt (id, payment_id, intent_id, provider_account_id, kind, status, currency, "
    "amount, decline_code, three_d_secure_version, electronic_commerce_indicator, exemption, directory_transaction)"
)


class TestAttempts:
    def test_one_is_in_flight(self) -> None:
        attempt = sent()
        refused(
            "in_flight_key",
            f"{INSERT_ATTEMPT} SELECT uuidv7(), payment_id, intent_id, provider_account_id, kind, 'sent', currency, "
            "amount, '', '', '', '', '' FROM billing_paymentattempt WHERE id = %s",
            attempt.pk,
        )

    def test_it_is_about_its_own_payment(self) -> None:
        attempt, other = sent(), paid()
        refused(
            "of its own intent",
            f"{INSERT_ATTEMPT} SELECT uuidv7(), %s, intent_id, provider_account_id, 'capture', 'sent', currency, "
            "amount, '', '', '', '', '' FROM billing_paymentattempt WHERE id = %s",
            other.pk,
            attempt.pk,
        )

    def test_what_succeeded_is_not_declined_later(self) -> None:
        attempt = paid().attempts.get()
        refused(
            "cannot move", "UPDATE billing_paymentattempt SET status = 'declined' WHERE id = %s", attempt.pk
        )


class TestMethods:
    @pytest.mark.parametrize("text", ["4111111111111111", "4111 1111 1111 1111", "x4111-1111-1111-1111"])
    @pytest.mark.parametrize("column", ["brand", "fingerprint"])
    def test_no_column_takes_the_number_of_a_card(self, column: str, text: str) -> None:
        method = paid().payment_method
        refused(
            "number_check", f"UPDATE billing_paymentmethod SET {column} = %s WHERE id = %s", text, method.pk
        )

    def test_last_four_are_four(self) -> None:
        method = paid().payment_method
        refused("last_four", "UPDATE billing_paymentmethod SET last_four = '14242' WHERE id = %s", method.pk)

    def test_a_person_has_one_default(self) -> None:
        account, _ = shop()
        user = UserFactory()
        first, second = method_of(user, account), method_of(user, account)
        assert (first.is_default, second.is_default) == (True, False)
        refused("default_key", "UPDATE billing_paymentmethod SET is_default = true WHERE id = %s", second.pk)

    def test_the_token_is_not_in_the_row(self) -> None:
        account, _ = shop()
        method = method_of(UserFactory(), account, token="pm_very_secret")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT row_to_json(m)::text FROM billing_paymentmethod m WHERE id = %s", [method.pk]
            )
            (text,) = cursor.fetchone()
        assert "pm_very_secret" not in text
        assert b"pm_very_secret".hex() not in text
        with acting(Role.FINANCE, user_id=staff(Role.FINANCE).pk):
            assert "pm_very_secret" not in str(PaymentMethod.objects.get(pk=method.pk).token)


class TestOrders:
    @pytest.mark.parametrize(
        "change", ["total = total + 1", "net = net - 1, tax = tax + 1", "status = 'refunded'"]
    )
    def test_they_are_frozen(self, change: str) -> None:
        order = sent().payment.order
        refused("permission denied|cannot", f"UPDATE billing_order SET {change} WHERE id = %s", order.pk)
        refused("cannot|check", f"UPDATE billing_order SET {change} WHERE id = %s", order.pk, role=Role.OWNER)
        assert Order.objects.get(pk=order.pk).total == PRICE

    def test_a_line_gives_back_what_it_was(self) -> None:
        line = paid().order.lines.get()
        refused(
            "reversed_check", "UPDATE billing_orderline SET net_reversed = net + 1 WHERE id = %s", line.pk
        )


INSERT_REFUND = (
    "INSERT INTO billing_refund (id, payment_id, user_id, provider_account_id, status, origin, currency, amount, "
    "is_goodwill, reason, requested_by_id, requested_role, approval_id, failure_code) "
    "SELECT uuidv7(), id, user_id, provider_account_id, 'requested', 'staff', currency, %s, false, 'because', %s, %s, "
    "%s, '' FROM billing_payment WHERE id = %s"
)


class TestLimits:
    def test_a_refund_above_the_limit_by_sql(self) -> None:
        payment, clerk = paid(), refunder(per_item=100, per_day=150)
        refused(
            "above your limit",
            INSERT_REFUND,
            101,
            clerk.pk,
            "vbl_finance",
            None,
            payment.pk,
            user_id=clerk.pk,
        )
        assert run(INSERT_REFUND, 100, clerk.pk, "vbl_finance", None, payment.pk, user_id=clerk.pk) == 1
        refused(
            "above your limit", INSERT_REFUND, 51, clerk.pk, "vbl_finance", None, payment.pk, user_id=clerk.pk
        )

    def test_in_the_name_of_a_colleague_or_in_a_role_not_held(self) -> None:
        payment, clerk, other = paid(), refunder(), staff(Role.FINANCE)
        refused("whoever acts", INSERT_REFUND, 1, clerk.pk, "vbl_finance", None, payment.pk, user_id=other.pk)
        refused("whoever acts", INSERT_REFUND, 1, clerk.pk, "vbl_auditor", None, payment.pk, user_id=clerk.pk)
        refused("whoever acts", INSERT_REFUND, 1, clerk.pk, "vbl_finance", None, payment.pk)

    def test_an_approval_of_something_else(self) -> None:
        clerk = refunder(per_item=1, per_day=1)
        asked = refund(paid(), 500, clerk)
        other = paid()
        refused(
            "about another refund",
            INSERT_REFUND,
            500,
            clerk.pk,
            "vbl_finance",
            asked.approval_id,
            other.pk,
            user_id=clerk.pk,
        )
        refused(
            "about another refund|approval_id",
            INSERT_REFUND,
            501,
            clerk.pk,
            "vbl_finance",
            asked.approval_id,
            asked.payment_id,
            user_id=clerk.pk,
        )

    def test_nothing_is_sent_before_the_approval(self) -> None:
        asked = refund(paid(), 500, refunder(per_item=1, per_day=1))
        for role in (Role.WORKER, Role.OWNER):
            refused(
                "waits for an approval",
                "UPDATE billing_refund SET status = 'sent', sent_at = now() WHERE id = %s",
                asked.pk,
                role=role,
            )
        assert Refund.objects.get(pk=asked.pk).status == RefundStatus.REQUESTED


APPROVE = (
    "UPDATE billing_approvalrequest SET status = 'approved', checker_id = %s, decided_at = now(), "
    "decision_reason = 'fine' WHERE id = %s"
)


class TestFourEyes:
    def request(self) -> ApprovalRequest:
        asked = refund(paid(), 500, refunder(per_item=1, per_day=1))
        assert asked.approval is not None
        return asked.approval

    @pytest.mark.parametrize("role", [Role.WORKER, Role.OWNER])
    def test_the_maker_never_decides_whoever_it_is(self, role: Role) -> None:
        request = self.request()
        RoleGrantFactory(user=request.maker, role=Role.FINANCE_APPROVER.value)
        other = staff(Role.FINANCE_APPROVER)
        for checker in (request.maker_id, other.pk):
            refused("Ask a colleague", APPROVE, checker, request.pk, role=role, user_id=request.maker_id)

    @pytest.mark.parametrize("role", [Role.WORKER, Role.OWNER])
    def test_nobody_at_all_decides_nothing(self, role: Role) -> None:
        request, other = self.request(), staff(Role.FINANCE_APPROVER)
        refused("by a person", APPROVE, other.pk, request.pk, role=role)

    def test_as_a_superuser_of_the_cluster_too(self) -> None:
        request = self.request()
        RoleGrantFactory(user=request.maker, role=Role.FINANCE_APPROVER.value)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(request.maker_id)])
            cursor.execute(
                "SELECT set_config('pgtrigger.ignore', '{billing_approvalrequest_46_four_eyes}', true)"
            )
            with pytest.raises(IntegrityError, match="Ask a colleague"), transaction.atomic():
                cursor.execute(APPROVE, [request.maker_id, request.pk])
            cursor.execute("SELECT set_config('app.user_id', '', true)")
            with pytest.raises(IntegrityError, match="by a person"), transaction.atomic():
                cursor.execute(APPROVE, [staff(Role.FINANCE_APPROVER).pk, request.pk])

    def test_the_checker_is_who_acts_and_not_who_is_named(self) -> None:
        request, acts, named = self.request(), staff(Role.FINANCE_APPROVER), staff(Role.FINANCE_APPROVER)
        assert run(APPROVE, named.pk, request.pk, user_id=acts.pk) == 1
        request.refresh_from_db()
        assert request.checker_id == acts.pk

    def test_the_maker_is_who_acts_and_not_who_is_named(self) -> None:
        request, acts = self.request(), staff(Role.FINANCE)
        run(
            "INSERT INTO billing_approvalrequest (id, kind, status, maker_id, maker_role, currency, amount, "
            "subject_table, subject_id, limits, reason, decision_reason) SELECT %s, kind, 'pending', maker_id, "
            "maker_role, currency, amount, subject_table, subject_id, limits, reason, '' "
            "FROM billing_approvalrequest WHERE id = %s",
            made := uuid7(),
            request.pk,
            user_id=acts.pk,
        )
        assert ApprovalRequest.objects.get(pk=made).maker_id == acts.pk

    def test_what_is_decided_stays(self) -> None:
        request, checker = self.request(), staff(Role.FINANCE_APPROVER)
        with acting(Role.FINANCE_APPROVER, user_id=checker.pk):
            approval_give(approvalrequest_id=request.pk, actor=checker, reason="seen the mail")
        other = staff(Role.FINANCE_APPROVER)
        for change in (
            "status = 'refused'",
            "status = 'pending', checker_id = NULL, decided_at = NULL",
            "reason = 'x'",
        ):
            refused(
                "stays so|permission denied|cannot move",
                f"UPDATE billing_approvalrequest SET {change} WHERE id = %s",
                request.pk,
                user_id=other.pk,
            )

    def test_asked_amounts_do_not_change(self) -> None:
        request = self.request()
        refused(
            "cannot be changed",
            "UPDATE billing_approvalrequest SET amount = 1 WHERE id = %s",
            request.pk,
            role=Role.OWNER,
            user_id=request.maker_id,
        )


def test_an_authorised_payment_is_void_once() -> None:
    payment = authorised()
    assert (
        run("UPDATE billing_payment SET voided_at = now(), status = 'voided' WHERE id = %s", payment.pk) == 1
    )
    refused("stays voided", "UPDATE billing_payment SET voided_at = NULL WHERE id = %s", payment.pk)
