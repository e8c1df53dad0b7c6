"""Payouts attacked by SQL, as somebody would who never heard of the services; in the acting role, and as superuser."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from billing.models import Earning, PayoutDestination, PayoutItem
from billing.provider_choices import FactKind
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from performers.models import PerformerProfile
from tests.accounts.factories import RoleGrantFactory, UserFactory
from tests.billing.factories_wallets import performer
from tests.billing.payouts_data import (
    approved,
    approver,
    built,
    charged,
    destination,
    earned,
    kept_back,
    maker,
    only,
    payable,
    returned,
    sent,
    submitted,
    told,
    without_triggers,
)

pytestmark = pytest.mark.django_db


def run(statement: str, *parameters: Any, role: Role | None = Role.WORKER, user: Any = None) -> int:
    """Execute in a role (None: superuser) in the name of somebody; how many rows it touched."""
    with transaction.atomic():
        if role is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(user.pk) if user else ""])
                cursor.execute(statement, parameters)
                return cursor.rowcount
        with acting(role, user_id=user.pk if user else None), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.rowcount


def seen(statement: str, *parameters: Any) -> tuple[Any, ...]:
    """The first row, as a superuser."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    assert row is not None
    return tuple(row)


def everything_of(somebody: PerformerProfile) -> None:
    """A payout that came back, a debt and a reserve of somebody."""
    returned(somebody)
    charged(somebody)
    kept_back(somebody)


def refused(
    statement: str, *parameters: Any, match: str, role: Role | None = Role.WORKER, user: Any = None
) -> None:
    with pytest.raises(DatabaseError, match=match):
        run(statement, *parameters, role=role, user=user)


class TestItems:
    COPY = (
        "INSERT INTO billing_payoutitem (id, payout_id, earning_id, amount, currency, is_live) "
        "SELECT uuidv7(), %s, e.id, e.amount, e.currency, true FROM billing_earning e WHERE e.id = %s"
    )

    def test_an_earning_is_in_one_live_payout(self) -> None:
        anna, bea = payable(), payable()
        first = only(built(anna))
        second = only(built(bea))
        item = PayoutItem.objects.get(payout=first)
        refused(self.COPY, second.pk, item.earning_id, match="earning of who is paid")
        without_triggers(
            "billing_payoutitem", "DELETE FROM billing_payoutitem WHERE payout_id = %s", second.pk
        )
        earned(10, anna)
        other = Earning.objects.filter(performer=anna).exclude(pk=item.earning_id).get()
        assert run(self.COPY, first.pk, other.pk) == 1
        refused(self.COPY, first.pk, other.pk, match="billing_payoutitem_(live|payout_earning)")

    def test_another_payout_of_the_same_person(self) -> None:
        anna = payable()
        first = only(built(anna))
        earned(1000, anna)
        second = only(built(anna))
        item = PayoutItem.objects.get(payout=first)
        refused(self.COPY, second.pk, item.earning_id, match="billing_payoutitem_live")

    def test_not_into_what_was_submitted(self) -> None:
        anna = payable()
        payout = only(submitted(anna))
        earned(10, anna)
        other = Earning.objects.filter(performer=anna).latest("pk")
        refused(self.COPY, payout.pk, other.pk, match="payout of a draft")
        refused(self.COPY, payout.pk, other.pk, match="payout of a draft", role=None)

    def test_nobody_lets_go_of_an_item_or_makes_it_live(self) -> None:
        payout = only(built(payable()))
        refused("UPDATE billing_payoutitem SET is_live = false", match="permission denied")
        refused("UPDATE billing_payoutitem SET is_live = false", match="lives as long", role=None)
        refused("UPDATE billing_payoutitem SET amount = 1", match="stays what it was", role=None)
        refused("DELETE FROM billing_payoutitem", match="permission denied")
        assert payout.items.filter(is_live=True).count() == 1

    def test_made_up_amounts(self) -> None:
        anna = payable()
        payout = only(built(anna))
        earned(10, anna)
        other = Earning.objects.filter(performer=anna).latest("pk")
        refused(
            "INSERT INTO billing_payoutitem (id, payout_id, earning_id, amount, currency, is_live) "
            "VALUES (uuidv7(), %s, %s, 1000000, 'TOKEN', true)",
            payout.pk,
            other.pk,
            match="earning of who is paid",
        )


class TestBatches:
    APPROVE = "UPDATE billing_payoutbatch SET status = 'approved', approved_at = now() WHERE id = %s"

    @pytest.mark.parametrize("role", [Role.WORKER, None])
    def test_not_without_an_approval(self, role: Role | None) -> None:
        person = approver()
        batch = submitted(payable())
        refused(self.APPROVE, batch.pk, match="waits for an approval", role=role, user=person)

    def test_the_maker_does_not_approve_even_as_superuser(self) -> None:
        person = maker()
        RoleGrantFactory(user=person, role=Role.FINANCE_APPROVER)
        batch = submitted(payable(), by=person)
        decide = (
            "UPDATE billing_approvalrequest SET status = 'approved', decision_reason = 'fine', checker_id = %s "
            "WHERE id = %s"
        )
        other = approver()
        refused(decide, other.pk, batch.approval_id, match="Ask a colleague", role=None, user=person)
        refused(decide, other.pk, batch.approval_id, match="by a person", role=None)

    def test_the_maker_does_not_approve_what_a_colleague_submitted(self) -> None:
        person, colleague = maker(), maker()
        RoleGrantFactory(user=person, role=Role.FINANCE_APPROVER)
        batch = built(payable(), by=person)
        from billing.services.payout_batches import payout_batch_submit

        with acting(Role.FINANCE, user_id=colleague.pk):
            payout_batch_submit(payoutbatch_id=batch.pk, actor=colleague, reason="please look")
        batch.refresh_from_db()
        run(
            "UPDATE billing_approvalrequest SET status = 'approved', decision_reason = 'fine', checker_id = maker_id "
            "WHERE id = %s",
            batch.approval_id,
            role=None,
            user=person,
        )
        refused(self.APPROVE, batch.pk, match="prepared or submitted", role=None, user=person)

    def test_content_that_changed_is_not_approved(self) -> None:
        person, batch = approver(), submitted(payable())
        without_triggers(
            "billing_payout", "UPDATE billing_payout SET amount = amount + 1, exchanged = exchanged + 1"
        )
        run(
            "UPDATE billing_approvalrequest SET status = 'approved', decision_reason = 'fine' WHERE id = %s",
            batch.approval_id,
            user=person,
        )
        refused(self.APPROVE, batch.pk, match="not what its hash was taken of", user=person)

    def test_a_made_up_hash(self) -> None:
        batch, person = submitted(payable()), maker()
        refused(
            "UPDATE billing_payoutbatch SET content_hash = sha256('x') WHERE id = %s",
            batch.pk,
            match="stays as it is",
            user=person,
        )
        refused(
            "UPDATE billing_payoutbatch SET total = 1 WHERE id = %s",
            batch.pk,
            match="stays as it is",
            role=None,
        )

    def test_nobody_makes_a_batch_in_the_name_of_another(self) -> None:
        batch, other = built(payable()), maker()
        refused(
            "UPDATE billing_payoutbatch SET made_by_id = %s WHERE id = %s",
            other.pk,
            batch.pk,
            match="permission denied",
        )
        refused(
            "UPDATE billing_payoutbatch SET made_by_id = %s WHERE id = %s",
            other.pk,
            batch.pk,
            match="cannot be changed",
            role=None,
        )

    def test_not_done_before_every_outcome_is_known(self) -> None:
        batch = sent(payable())
        refused(
            "UPDATE billing_payoutbatch SET status = 'done', done_at = now() WHERE id = %s",
            batch.pk,
            match="outcome of some payouts",
        )

    def test_states_are_not_skipped(self) -> None:
        batch = built(payable())
        refused(
            "UPDATE billing_payoutbatch SET status = 'sending' WHERE id = %s",
            batch.pk,
            match="cannot move",
            role=None,
        )


class TestPayouts:
    @pytest.mark.parametrize("role", [Role.WORKER, None])
    def test_not_sent_before_the_approval(self, role: Role | None) -> None:
        payout = only(submitted(payable()))
        refused(
            "UPDATE billing_payout SET status = 'sent', sent_at = now() WHERE id = %s",
            payout.pk,
            match="when their batch was approved",
            role=role,
        )

    def test_not_to_a_paused_destination(self) -> None:
        payout = only(approved(payable()))
        run("UPDATE billing_payoutdestination SET status = 'paused' WHERE id = %s", payout.destination_id)
        refused(
            "UPDATE billing_payout SET status = 'sent', sent_at = now() WHERE id = %s",
            payout.pk,
            match="Nothing is paid to this destination",
        )

    def test_amounts_and_destinations_stay(self) -> None:
        anna = payable()
        payout = only(built(anna))
        other = destination(earned(10))
        refused("UPDATE billing_payout SET amount = 1 WHERE id = %s", payout.pk, match="permission denied")
        refused(
            "UPDATE billing_payout SET destination_id = %s WHERE id = %s",
            other.pk,
            payout.pk,
            match="cannot be changed",
            role=None,
        )

    def test_below_the_minimum_and_to_a_fresh_destination(self) -> None:
        anna = payable()
        batch = built(anna)
        insert = (
            "INSERT INTO billing_payout (id, batch_id, performer_id, destination_id, provider_account_id, status, "
            "currency, amount, tokens, exchanged, earned, set_off_tokens, set_off, held_back, reference, failure_code) "
            "SELECT uuidv7(), %s, d.performer_id, d.id, d.provider_account_id, 'prepared', 'EUR', 100, 0, 0, 100, 0, "
            "0, 0, 'VBL0123456789AB', '' FROM billing_payoutdestination d WHERE d.id = %s"
        )
        bea = earned(1000)
        destination(bea)
        fresh = destination(bea, details="DE02120300000000202051")
        refused(insert, batch.pk, fresh.pk, match="changed lately", role=None)
        carla = earned(1000)
        place = destination(carla)
        run(
            "INSERT INTO performers_payoutpreference (id, performer_id, schedule, minimum, currency) "
            "VALUES (uuidv7(), %s, 'monthly', 101, 'EUR')",
            carla.pk,
            role=None,
        )
        refused(insert, batch.pk, place.pk, match="less than the performer wants", role=None)

    def test_moves_are_on_record_and_stay(self) -> None:
        payout = told(only(sent(payable())), FactKind.PAYOUT_PAID, 1)
        assert payout.events.count() == 3
        refused("INSERT INTO billing_payoutevent (id) VALUES (uuidv7())", match="permission denied")
        refused("UPDATE billing_payoutevent SET to_status = 'failed'", match="append-only", role=None)


class TestDestinations:
    def test_the_cooling_off_is_not_shortened(self) -> None:
        anna = payable()
        fresh = destination(anna, details="DE02120300000000202051")
        assert fresh.usable_from > fresh.created_at
        refused("UPDATE billing_payoutdestination SET usable_from = now()", match="permission denied")
        refused(
            "UPDATE billing_payoutdestination SET usable_from = now()", match="cannot be changed", role=None
        )

    def test_an_account_is_not_written_over(self) -> None:
        payable()
        for column in ("holder_name", "details", "token"):
            refused(
                f"UPDATE billing_payoutdestination SET {column} = 'x'::bytea",
                match="never written over",
                role=None,
            )
        refused(
            "UPDATE billing_payoutdestination SET last_four = '9999'", match="never written over", role=None
        )

    def test_one_live_destination_and_one_payee(self) -> None:
        anna = payable()
        copy = (
            "INSERT INTO billing_payoutdestination (id, performer_id, studio_id, provider_account_id, kind, currency, "
            "country, holder_name, details, token, last_four, status, failure_streak) SELECT uuidv7(), performer_id, "
            "%s, provider_account_id, kind, currency, country, holder_name, details, token, last_four, 'active', 0 "
            "FROM billing_payoutdestination"
        )
        refused(copy, None, match="billing_payoutdestination_of_performer_key")
        refused(copy, uuid7(), match="billing_payoutdestination_payee_check")
        assert PayoutDestination.objects.masked().get().performer_id == anna.pk

    def test_three_failures_do_not_stay_active(self) -> None:
        payable()
        refused("UPDATE billing_payoutdestination SET failure_streak = 3", match="pause_check")


class TestWhoSees:
    TABLES = (
        "payoutdestination",
        "payout",
        "payoutitem",
        "payoutreturn",
        "debt",
        "reservehold",
        "payoutbatch",
    )

    def test_performers_see_their_own(self) -> None:
        anna, bea = payable(), payable()
        for somebody in (anna, bea):
            everything_of(somebody)
        for table in ("payout", "payoutdestination", "payoutreturn", "debt", "reservehold"):
            (all_there,) = seen(f"SELECT count(*) FROM billing_{table}")
            (own,) = seen(f"SELECT count(*) FROM billing_{table} WHERE performer_id = %s", anna.pk)
            assert all_there == 2 * own > 0, table
            assert run(f"SELECT id FROM billing_{table}", role=Role.PERFORMER, user=anna) == own, table
            assert run(f"SELECT id FROM billing_{table}", role=Role.PERFORMER, user=performer()) == 0, table
        refused(
            "SELECT id FROM billing_payoutbatch", match="permission denied", role=Role.PERFORMER, user=anna
        )

    @pytest.mark.parametrize("table", TABLES)
    def test_viewers_and_support_see_nothing(self, table: str) -> None:
        for role in (Role.VIEWER, Role.SUPPORT, Role.MODERATOR, Role.ANALYST):
            refused(
                f"SELECT id FROM billing_{table}", match="permission denied", role=role, user=UserFactory()
            )

    @pytest.mark.parametrize("table", TABLES)
    def test_finance_reads_and_writes_nothing(self, table: str) -> None:
        everything_of(payable())
        person = maker()
        assert run(f"SELECT id FROM billing_{table}", role=Role.FINANCE, user=person) > 0
        refused(f"DELETE FROM billing_{table}", match="permission denied", role=Role.FINANCE, user=person)
        refused(
            f"UPDATE billing_{table} SET id = id", match="permission denied", role=Role.FINANCE, user=person
        )
