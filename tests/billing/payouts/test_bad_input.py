"""What nobody can mean about token values, reserves, debts and destinations: a clear sentence, and nothing written."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from billing.errors import DebtRefused, MoneyRefused, PayoutDestinationRefused, PayoutRefused
from billing.models import Debt, PayoutDestination, Posting, ReserveHold, TokenValue
from billing.services.debts import debt_charge, debt_write_off
from billing.services.payout_destinations import (
    NewDestination,
    payout_destination_add,
    payout_destination_pause,
    payout_destination_resume,
)
from billing.services.reserve_holds import reserve_hold_place, reserve_hold_release
from billing.services.token_values import token_value_set
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition
from core.models.identity import uuid7
from tests.accounts.factories import RoleGrantFactory
from tests.billing.factories_wallets import performer, settled
from tests.billing.payouts_data import (
    EUR,
    IBAN,
    approver,
    charged,
    destination,
    kept_back,
    maker,
    payable,
    provider,
    valued,
)
from tests.performers.factories_schedule import StudioFactory

pytestmark = pytest.mark.django_db

WHY = "as it was agreed"


class TestTokenValues:
    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"starts_at": timezone.now() - timedelta(seconds=1)}, "the past stays as it was"),
            ({"currency": "TOKEN"}, "its value in money"),
            ({"per_token": Decimal(0)}, "more than nothing"),
            ({"per_token": Decimal(-1)}, "more than nothing"),
            ({"per_token": Decimal(1_000_001)}, "at most a million"),
            ({"per_token": Decimal("NaN")}, "is a number"),
            ({"per_token": Decimal("Infinity")}, "is a number"),
            ({"per_token": Decimal("1e30")}, "plain text"),
            ({"currency": "QQQ"}, "QQQ"),
            ({"reason": "  "}, "[Rr]eason"),
        ],
    )
    def test_no_value(self, said: dict[str, Any], words: str) -> None:
        first, person = valued(), approver()
        refused = pytest.raises((PayoutRefused, MoneyRefused), match=words)
        with acting(Role.FINANCE_APPROVER, user_id=person.pk), refused:
            token_value_set(
                **{"currency": EUR, "per_token": Decimal(5), "actor": person, "reason": WHY, **said}
            )
        assert TokenValue.objects.get() == first
        first.refresh_from_db()
        assert first.valid.upper is None


class TestReserves:
    @pytest.mark.parametrize(
        ("said", "error", "words"),
        [
            ({"release_on": timezone.now().date()}, DebtRefused, "a day to come"),
            ({"release_on": timezone.now().date() - timedelta(days=1)}, DebtRefused, "a day to come"),
            ({"currency": "TOKEN"}, DebtRefused, "kept in money"),
            ({"currency": "QQQ"}, MoneyRefused, "QQQ"),
            ({"amount": 0}, MoneyRefused, "at least 0.01"),
            ({"amount": -1}, MoneyRefused, "at least 0.01"),
            ({"reason": " x "}, DebtRefused, "[Rr]eason"),
            ({"performer_id": None}, DebtRefused, "exactly one"),
            ({"studio_id": uuid7()}, DebtRefused, "exactly one"),
        ],
    )
    def test_no_reserve(self, said: dict[str, Any], error: type[Exception], words: str) -> None:
        anna, person = performer(), maker()
        wanted = {"currency": EUR, "amount": 100, "actor": person, "reason": WHY, "performer_id": anna.pk}
        with acting(Role.FINANCE, user_id=person.pk), pytest.raises(error, match=words):
            reserve_hold_place(**{**wanted, **said})
        assert not ReserveHold.objects.exists()

    def test_nobody_keeps_or_releases_their_own(self) -> None:
        anna = performer()
        RoleGrantFactory(user=anna.user, role=Role.FINANCE)
        hold = kept_back(anna)
        with acting(Role.FINANCE, user_id=anna.pk):
            with pytest.raises(DebtRefused, match="about yourself"):
                reserve_hold_place(currency=EUR, amount=1, actor=anna.user, reason=WHY, performer_id=anna.pk)
            with pytest.raises(DebtRefused, match="about yourself"):
                reserve_hold_release(reservehold_id=hold.pk, actor=anna.user, reason=WHY)
        assert ReserveHold.objects.get().released_at is None

    def test_released_once(self) -> None:
        hold, person = kept_back(performer()), maker()
        with acting(Role.FINANCE, user_id=person.pk):
            first = reserve_hold_release(reservehold_id=hold.pk, actor=person, reason=WHY)
            with pytest.raises(DebtRefused, match="released before"):
                reserve_hold_release(reservehold_id=hold.pk, actor=person, reason=WHY)
            with pytest.raises(NotThere):
                reserve_hold_release(reservehold_id=uuid7(), actor=person, reason=WHY)
        assert ReserveHold.objects.get().released_at == first.released_at


class TestDebts:
    @pytest.mark.parametrize("record", [debt_charge, debt_write_off])
    @pytest.mark.parametrize(
        ("said", "error", "words"),
        [
            ({"amount": 0}, MoneyRefused, "at least 0.01"),
            ({"amount": -1}, MoneyRefused, "at least 0.01"),
            ({"currency": "QQQ"}, MoneyRefused, "QQQ"),
            ({"reason": " x "}, DebtRefused, "Write a reason"),
            ({"performer_id": None}, DebtRefused, "exactly one"),
            ({"studio_id": uuid7()}, DebtRefused, "exactly one"),
        ],
    )
    def test_no_debt(
        self, record: Callable[..., Debt], said: dict[str, Any], error: type[Exception], words: str
    ) -> None:
        anna, person = performer(), approver()
        charged(anna)
        before = Posting.objects.count()
        wanted = {"currency": EUR, "amount": 100, "actor": person, "reason": WHY, "performer_id": anna.pk}
        with acting(Role.FINANCE_APPROVER, user_id=person.pk), pytest.raises(error, match=words):
            record(**{**wanted, **said})
        assert (Debt.objects.count(), Posting.objects.count()) == (1, before)

    def test_nobody_charges_or_spares_themselves(self) -> None:
        anna = performer()
        charged(anna)
        RoleGrantFactory(user=anna.user, role=Role.FINANCE_APPROVER)
        for record in (debt_charge, debt_write_off):
            with (
                acting(Role.FINANCE_APPROVER, user_id=anna.pk),
                pytest.raises(DebtRefused, match="about yourself"),
            ):
                record(currency=EUR, amount=1, actor=anna.user, reason=WHY, performer_id=anna.pk)
        assert Debt.objects.count() == 1


class TestDestinations:
    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"country": "XX"}, "country|XX"),
            ({"currency": "QQQ"}, "QQQ"),
            ({"currency": "TOKEN"}, "in money"),
            ({"details": "123"}, "4 to 60 letters and digits"),
            ({"details": "1" * 61}, "4 to 60 letters and digits"),
            ({"details": "DE89 ü704"}, "4 to 60 letters and digits"),
            ({"holder_name": " A "}, "whose account"),
            ({"holder_name": "A" * 201}, "whose account"),
            ({"token": "  "}, "what the provider calls it"),
        ],
    )
    def test_no_destination(self, said: dict[str, Any], words: str) -> None:
        anna = performer()
        first = destination(anna)
        with pytest.raises((PayoutDestinationRefused, MoneyRefused), match=words):
            destination(anna, **said)
        settled()
        found = PayoutDestination.objects.masked().get()
        assert (found.pk, found.status) == (first.pk, "active")

    @pytest.mark.parametrize("is_named", [True, False])
    def test_of_two_or_of_nobody(self, is_named: bool) -> None:
        whom = {"performer_id": performer().pk, "studio_id": StudioFactory().pk} if is_named else {}
        new = NewDestination(
            kind="bank_account",  # type: ignore[arg-type]
            currency=EUR,
            country="DE",
            holder_name="Anna Beispiel",
            details=IBAN,
            token="sim_ok",
        )
        with pytest.raises(PayoutDestinationRefused, match="exactly one of the two"):
            payout_destination_add(provider_account_id=provider().pk, new=new, actor=None, **whom)
        assert not PayoutDestination.objects.masked().exists()

    def test_nobody_pauses_or_resumes_their_own(self) -> None:
        anna = payable()
        RoleGrantFactory(user=anna.user, role=Role.FINANCE)
        place = PayoutDestination.objects.masked().get()
        said = {"payoutdestination_id": place.pk, "reason": WHY}
        with acting(Role.FINANCE, user_id=anna.pk):
            with pytest.raises(PayoutDestinationRefused, match="your own destination"):
                payout_destination_pause(**said, actor=anna.user)
            with pytest.raises(PayoutDestinationRefused, match="your own destination"):
                payout_destination_resume(**said, actor=anna.user)
        person = maker()
        with acting(Role.FINANCE, user_id=person.pk):
            payout_destination_pause(**said, actor=person)
            with pytest.raises(IllegalTransition):
                payout_destination_pause(**said, actor=person)
        assert PayoutDestination.objects.masked().get().status == "paused"
