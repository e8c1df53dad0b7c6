"""Tax forms: sealed, reviewed by somebody else, opened with a reason, over by their day."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from audit.models import SensitiveRead
from billing.errors import TaxFormRefused
from billing.models import TaxForm
from billing.services.tax_forms import (
    tax_form_accept,
    tax_form_reject,
    tax_form_reveal,
    tax_forms_expire,
)
from core.db.context import acting
from core.db.roles import Role
from core.encryption.reveal import RevealRefused
from core.errors import IllegalTransition
from tests.accounts.factories import staff
from tests.billing.factories_wallets import performer, settled
from tests.billing.invoice_data import LEGAL_NAME, TAX_NUMBER, form_of
from tests.performers.factories_schedule import StudioFactory
from tests.sql import run

pytestmark = pytest.mark.django_db
REASON = "the withholding has to be checked"


def test_name_and_number_are_nowhere_in_plain() -> None:
    form_of(performer())
    ((row,),) = run("SELECT to_jsonb(f)::text FROM billing_taxform f")
    assert LEGAL_NAME not in row
    assert TAX_NUMBER.replace(" ", "") not in row


def test_a_reveal_is_recorded_and_never_of_ones_own() -> None:
    form, reader = form_of(performer()), staff(Role.COMPLIANCE)
    with acting(Role.COMPLIANCE, user_id=reader.pk):
        shown = tax_form_reveal(tax_form_id=form.pk, actor=reader, reason=REASON)
        assert shown.values == {"legal_name": LEGAL_NAME, "tax_number": TAX_NUMBER.replace(" ", "")}
        with pytest.raises(RevealRefused, match="reason"):
            tax_form_reveal(tax_form_id=form.pk, actor=reader, reason="short")
    read = SensitiveRead.objects.get()
    assert (read.actor_id, read.person_id) == (reader.pk, form.signed_by_id)
    with acting(Role.COMPLIANCE, user_id=form.signed_by_id), pytest.raises(RevealRefused, match="own data"):
        tax_form_reveal(tax_form_id=form.pk, actor=form.signed_by, reason=REASON)


def test_a_w8_ends_with_the_third_year_and_a_w9_does_not() -> None:
    today = dt.datetime.now(dt.UTC).date()
    her = performer()
    assert form_of(her, signed_on=today).expires_on == dt.date(today.year + 3, 12, 31)
    assert form_of(her, kind="w9", country="US", tax_number="123-45-6789").expires_on is None
    old = form_of(her, signed_on=dt.date(2019, 3, 1))
    assert old.expires_on == dt.date(2022, 12, 31)
    with pytest.raises(TaxFormRefused, match="has ended"):
        tax_form_accept(taxform_id=old.pk, actor=staff(Role.COMPLIANCE), reason="complete")


def test_the_form_before_is_replaced_and_one_is_in_force() -> None:
    her, reviewer = performer(), staff(Role.COMPLIANCE)
    first, second, third = form_of(her), form_of(her), form_of(her)
    for form in (first, second):
        tax_form_accept(taxform_id=form.pk, actor=reviewer, reason="complete")
    tax_form_reject(taxform_id=third.pk, actor=reviewer, reason="the name differs")
    statuses = dict(TaxForm.objects.values_list("pk", "status"))
    assert [statuses[form.pk] for form in (first, second, third)] == ["replaced", "accepted", "rejected"]
    with pytest.raises(IllegalTransition):
        tax_form_accept(taxform_id=third.pk, actor=reviewer, reason="after all")
    late = form_of(her)
    with (
        pytest.raises(DatabaseError, match="in_force"),
        transaction.atomic(),
        acting(Role.WORKER, user_id=reviewer.pk),
    ):
        run("UPDATE billing_taxform SET status = 'accepted', reason = 'x' WHERE id = %s", [late.pk])


def test_nobody_reviews_what_they_signed_and_a_job_reviews_nothing() -> None:
    form = form_of(performer())
    with pytest.raises(TaxFormRefused, match="signed themselves"):
        tax_form_accept(taxform_id=form.pk, actor=form.signed_by, reason="mine")
    with pytest.raises(DatabaseError, match="by a person"), transaction.atomic(), acting(Role.WORKER):
        run("UPDATE billing_taxform SET status = 'accepted', reason = 'x'")
    other = staff(Role.COMPLIANCE)
    with acting(Role.WORKER, user_id=other.pk):
        run("UPDATE billing_taxform SET status = 'accepted', reason = 'x'")
    assert TaxForm.objects.get().reviewed_by == other


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"country": "US"}, "W-8"),
        ({"kind": "w9"}, "nine digits|W-9"),
        ({"kind": "w9", "country": "US"}, "nine digits"),
        ({"tax_number": "1"}, "4 to 30"),
        ({"legal_name": " "}, "2 to 200"),
        ({"country": "XX"}, "no country"),
        ({"kind": "w8ben_e"}, "company"),
        ({"signed_on": dt.date(2999, 1, 1)}, "lies ahead"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(TaxFormRefused, match=words):
        form_of(performer(), **changed)
    assert not TaxForm.objects.exists()


def test_a_studio_has_a_form_that_somebody_signs_for_it() -> None:
    studio, signer = StudioFactory(), performer()
    form = form_of(signer, kind="w8ben_e", performer_id=None, studio_id=studio.pk)
    tax_form_accept(taxform_id=form.pk, actor=staff(Role.COMPLIANCE), reason="complete")
    assert TaxForm.objects.in_force().get().studio == studio


def test_what_is_signed_is_never_changed() -> None:
    form_of(performer())
    for column in ("country = 'FR'", "signed_on = '2020-01-01'", "legal_name = tax_number"):
        with pytest.raises(DatabaseError), transaction.atomic():
            run(f"UPDATE billing_taxform SET {column}")
    with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
        run("DELETE FROM billing_taxform")


def test_over_by_its_day() -> None:
    form = form_of(performer())
    tax_form_accept(taxform_id=form.pk, actor=staff(Role.COMPLIANCE), reason="complete")
    assert tax_forms_expire() == 0
    settled()
    run("ALTER TABLE billing_taxform DISABLE TRIGGER USER")
    run("UPDATE billing_taxform SET expires_on = '2022-12-31'")
    settled()
    run("ALTER TABLE billing_taxform ENABLE TRIGGER USER")
    assert (tax_forms_expire(), tax_forms_expire()) == (1, 0)
    assert TaxForm.objects.get().status == "expired"


def test_who_sees_forms() -> None:
    form, other = form_of(performer()), performer()
    for role, user, seen in (
        (Role.PERFORMER, form.signed_by, 1),
        (Role.PERFORMER, other.user, 0),
        (Role.COMPLIANCE, staff(Role.COMPLIANCE), 1),
        (Role.FINANCE, staff(Role.FINANCE), 1),
    ):
        with acting(role, user_id=user.pk):
            assert TaxForm.objects.count() == seen
    for role in (Role.SUPPORT, Role.ADMINISTRATOR, Role.VIEWER, Role.ANALYST):
        with pytest.raises(DatabaseError), transaction.atomic(), acting(role):
            run("SELECT count(*) FROM billing_taxform")
