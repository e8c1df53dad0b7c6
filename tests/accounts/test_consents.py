"""Consents: given, replaced, withdrawn as easily, and in force when asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.choices import Channel, ConsentPurpose
from accounts.errors import ConsentRefused
from accounts.models import Consent, User
from accounts.selectors import consent_in_force
from accounts.services.consents import (
    consent_end,
    consent_give,
    consent_withdraw,
    consents_import,
    wording_of,
)
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.conftest import Announced
from tests.accounts.documents import ConsentFactory, wording
from tests.accounts.factories import UserFactory, staff
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

ANALYTICS, SPECIAL = ConsentPurpose.ANALYTICS, ConsentPurpose.SPECIAL_CATEGORY


def give(
    user: User, purpose: ConsentPurpose = ANALYTICS, role: Role = Role.VIEWER, **options: Any
) -> Consent:
    shown = options.pop("shown", None) or wording_of(purpose) or wording(purpose)
    with acting(role, user_id=user.pk):
        return consent_give(
            user_id=user.pk, purpose=purpose, wording_id=shown.pk, channel=Channel.WEB, actor=user, **options
        )


def withdraw(user: User, purpose: ConsentPurpose = ANALYTICS) -> Consent | None:
    with acting(Role.VIEWER, user_id=user.pk):
        return consent_withdraw(user_id=user.pk, purpose=purpose, channel=Channel.MAIL_LINK, actor=user)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER])
def test_given_and_withdrawn(user: User, role: Role, announced: Announced) -> None:
    assert not consent_in_force(user.pk, ANALYTICS)
    consent = give(user, role=role)
    assert consent_in_force(user.pk, ANALYTICS)
    assert not consent_in_force(user.pk, ConsentPurpose.COOKIES)
    assert give(user, role=role).pk == consent.pk
    ended = withdraw(user)
    assert ended is not None
    assert (ended.pk, ended.withdrawn_channel) == (consent.pk, Channel.MAIL_LINK)
    assert not consent_in_force(user.pk, ANALYTICS)
    assert withdraw(user) is None
    assert give(user, role=role).pk != consent.pk
    assert announced.actions == ["consent_given", "consent_withdrawn", "consent_given"]
    assert announced[0][1]["detail"] == {"purpose": "analytics"}


def test_another_wording_takes_the_place_of_the_former(user: User) -> None:
    first = give(user)
    second = give(user, shown=wording(ANALYTICS))
    first.refresh_from_db()
    assert first.valid.upper == second.valid.lower
    assert first.withdrawn_channel is None
    assert Consent.objects.in_force().get() == second


def test_special_categories_need_an_explicit_statement(user: User) -> None:
    with pytest.raises(ConsentRefused, match="has to be explicit"):
        give(user, SPECIAL)
    with refused("accounts_consent_explicit_check"):
        ConsentFactory(user=user, purpose=SPECIAL, explicit=False)
    give(user, SPECIAL, explicit=True)
    assert consent_in_force(user.pk, SPECIAL)


def test_a_consent_for_a_time_ends_by_itself(user: User) -> None:
    consent = give(user, until=timezone.now() + timedelta(days=365))
    assert consent_in_force(user.pk, ANALYTICS)
    assert consent.withdrawn_channel is None
    with pytest.raises(ConsentRefused, match="ends after it was given"):
        give(user, until=timezone.now() - timedelta(days=1))
    ConsentFactory(
        purpose=ConsentPurpose.COOKIES,
        user=user,
        valid=DateTimeTZRange(timezone.now() - timedelta(hours=2), timezone.now() - timedelta(hours=1), "[)"),
    )
    assert not consent_in_force(user.pk, ConsentPurpose.COOKIES)


def test_the_wording_is_a_published_one_for_the_purpose(user: User) -> None:
    for shown in (wording(ConsentPurpose.COOKIES), wording(ANALYTICS, published=False)):
        with pytest.raises(ConsentRefused, match="published wording for its purpose"):
            give(user, shown=shown)
    with refused("not in advance"):
        ConsentFactory(user=user, valid=DateTimeTZRange(timezone.now() + timedelta(days=1), None, "[)"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("purpose = 'cookies'", "cannot be changed"),
        ("channel = 'app'", "cannot be changed"),
        ("valid = tstzrange(lower(valid) - interval '1 day', NULL)", "can only be ended"),
        ("withdrawn_channel = 'web'", "withdrawn_check"),
        ("valid = 'empty'", "can only be ended|valid_check"),
    ],
)
def test_what_was_recorded_stays(user: User, change: str, words: str) -> None:
    consent = ConsentFactory(user=user)
    with refused(words):
        run(f"UPDATE accounts_consent SET {change} WHERE id = %s", [consent.pk])


def test_a_withdrawal_is_not_taken_back(user: User) -> None:
    give(user)
    ended = withdraw(user)
    assert ended is not None
    for change in ("tstzrange(lower(valid), NULL)", "tstzrange(lower(valid), now() + interval '1 day')"):
        with acting(Role.VIEWER, user_id=user.pk), refused("can only be ended"):
            run(f"UPDATE accounts_consent SET valid = {change} WHERE id = %s", [ended.pk])


def test_nobody_consents_for_somebody_else_but_compliance_withdraws(user: User) -> None:
    compliance, consent = staff(Role.COMPLIANCE), give(user)
    statement = (
        "INSERT INTO accounts_consent (user_id, purpose, wording_id, explicit, channel, valid) "
        "VALUES (%s, 'analytics', %s, false, 'web', tstzrange(now(), NULL))"
    )
    with acting(Role.COMPLIANCE, user_id=compliance.pk):
        with refused("permission denied"):
            run(statement, [UserFactory().pk, consent.wording_id])
        consent_end(consent_id=consent.pk, actor=compliance, reason="asked by letter")
        with pytest.raises(ConsentRefused, match="ended already"):
            consent_end(consent_id=consent.pk, actor=compliance, reason="asked by letter")
    with acting(Role.VIEWER, user_id=user.pk), refused("row-level security"):
        run(statement, [UserFactory().pk, consent.wording_id])
    assert not consent_in_force(user.pk, ANALYTICS)


def test_imported_consents_respect_withdrawals(user: User) -> None:
    people = UserFactory.create_batch(3, sign_up_source="import")
    shown, special = wording(ANALYTICS), wording(SPECIAL)
    ConsentFactory(
        user=people[0],
        wording=shown,
        valid=DateTimeTZRange(timezone.now() - timedelta(hours=2), timezone.now() - timedelta(hours=1), "[)"),
        withdrawn_channel="web",
    )
    with acting(Role.WORKER):
        assert consents_import(purpose=ANALYTICS, wording=shown) == 2
        assert consents_import(purpose=ANALYTICS, wording=shown) == 0
        with pytest.raises(ConsentRefused, match="cannot be imported"):
            consents_import(purpose=SPECIAL, wording=special)
        with pytest.raises(ConsentRefused, match="published wording"):
            consents_import(purpose=ConsentPurpose.COOKIES, wording=shown)
    assert not consent_in_force(people[0].pk, ANALYTICS)


HOURS = st.integers(min_value=1, max_value=20)


@settings(max_examples=25)
@given(spans=st.lists(st.tuples(HOURS, HOURS), min_size=1, max_size=6))
def test_periods_of_one_purpose_never_overlap(spans: list[tuple[int, int]]) -> None:
    """Whatever is written in whatever order, at each instant at most one consent is in force."""
    begin = timezone.now() - timedelta(hours=22)
    with transaction.atomic():
        user, shown = UserFactory(), wording(ANALYTICS, since=begin)
        held: list[tuple[int, int]] = []
        for start, length in spans:
            end = start + length
            period = DateTimeTZRange(begin + timedelta(hours=start), begin + timedelta(hours=end), "[)")
            overlaps = any(start < upper and lower < end for lower, upper in held)
            if overlaps:
                with refused("accounts_consent_valid_excl"):
                    ConsentFactory(user=user, wording=shown, valid=period)
            else:
                ConsentFactory(user=user, wording=shown, valid=period)
                held.append((start, end))
        for hour in range(42):
            instant = begin + timedelta(hours=hour, minutes=30)
            assert Consent.objects.of(user.pk, ANALYTICS).at(instant).count() <= 1
        transaction.set_rollback(True)
