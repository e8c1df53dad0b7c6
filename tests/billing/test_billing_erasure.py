"""What of billing goes with a person, what stays, and what stands against it."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.choices import UserStatus
from accounts.models import User
from accounts.services.erasure import erasure_vetoes
from billing.models import BillingAddress, Mandate, Order, Payment, PaymentMethod
from billing.services.erasure import _erase, _survey
from billing.services.payment_methods import billing_address_add, mandate_record
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff
from tests.billing.paying import at, fulfilments, paid, refund, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def payer() -> User:
    payment = paid()
    user = payment.user
    billing_address_add(
        user=user,
        name="Anna Example",
        street="Example Street 1",
        town="Berlin",
        postal_code="10115",
        country="DE",
        actor=user,
    )
    mandate_record(
        payment_method_id=payment.payment_method_id,
        reference=f"M-{user.pk.hex[:20]}",
        wording="sepa_2026_1",
        agreed_at=at(0),
        actor=user,
    )
    return user


def erased(user: User) -> None:
    """The account as `accounts_person_erase` leaves it."""
    User.objects.filter(pk=user.pk).update(status=UserStatus.CLOSED, closed_at=at(0))
    User.objects.filter(pk=user.pk).update(status=UserStatus.ERASED, erased_at=at(1), handle=None)


def test_what_identifies_goes_and_money_stays() -> None:
    user, other = payer(), payer()
    officer = staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        before = {line.table: line.rows for line in _survey(user.pk).destroyed}
    assert before == {"billing_billingaddress": 1, "billing_paymentmethod": 1}
    erased(user)
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        report = _erase(user.pk)
        assert not any(line.rows for line in _erase(user.pk).destroyed)
    assert {line.table: line.rows for line in report.kept}["billing_payment"] == 1
    address = BillingAddress.objects.get(user=user)
    assert (address.name, address.street, address.town, address.postal_code) == (None,) * 4
    assert (address.country, address.postal_prefix) == ("DE", "")
    method = PaymentMethod.objects.get(user=user)
    assert (method.token, method.fingerprint, method.last_four, method.status) == (None, "", "", "detached")
    assert Mandate.objects.get(user=user).status == "revoked"
    assert Order.objects.filter(user=user).exists()
    assert Payment.objects.filter(user=user).exists()
    assert PaymentMethod.objects.get(user=other).last_four == "4242"


def test_nobody_is_emptied_before_the_account_is() -> None:
    user = payer()
    with (
        acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk),
        pytest.raises(IntegrityError, match="not erased"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM billing_person_erase(%s)", [user.pk])


def test_money_that_moves_stands_against_it() -> None:
    def words(user: User) -> str:
        with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
            return " ".join(str(veto) for veto in erasure_vetoes(user))

    still = paid().user
    assert "under way" not in words(still)
    assert "A payment of the person is under way" in words(sent().payment.user)
    asked = refund(paid(), 10, staff(Role.FINANCE))
    assert "A refund to the person is under way" in words(asked.user)
    assert "money" not in words(UserFactory()).lower()
