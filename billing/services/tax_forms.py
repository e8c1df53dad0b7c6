"""Tax forms: sealed when they are submitted, reviewed by a person, opened with a reason, expired by their day."""

import datetime as dt
import re
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from billing.announcements import (
    tax_form_accepted,
    tax_form_expired,
    tax_form_rejected,
    tax_form_submitted,
)
from billing.errors import TaxFormRefused
from billing.invoice_choices import TaxFormKind, TaxFormStatus
from billing.models import TaxForm
from billing.places import country_check
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role
from core.encryption import Purpose, keys_for
from core.encryption.reveal import Revealed, reveal

LONGEST_NAME = 200
SEALED = ("legal_name", "tax_number")
US_NUMBER = re.compile(r"[0-9]{9}")
ANY_NUMBER = re.compile(r"[0-9A-Z]{4,30}")


@transaction.atomic
def tax_form_submit(
    *,
    kind: TaxFormKind | str,
    signed_by: User,
    legal_name: str,
    tax_number: str,
    country: str,
    signed_on: dt.date,
    actor: User | None,
    performer_id: UUID | None = None,
    studio_id: UUID | None = None,
) -> TaxForm:
    """Take a signed form in; name and number are sealed at once. The one in force stays until this one is accepted.

    A performer signs her own; `signed_by` signs for a studio. Writes as the worker. Raises: TaxFormRefused (no name, a
    number that cannot be one, a form that is not for this country or kind of taxpayer, a day ahead). Announces:
    `tax_form_submitted`.
    """
    country_check(country, TaxFormRefused)
    name = " ".join(legal_name.split())
    if not 2 <= len(name) <= LONGEST_NAME:
        raise TaxFormRefused(f"A name has 2 to {LONGEST_NAME} characters.")
    number = re.sub(r"[\s./-]", "", tax_number).upper()
    shape = US_NUMBER if kind == TaxFormKind.W9 else ANY_NUMBER
    if not shape.fullmatch(number):
        raise TaxFormRefused(
            "A number of a US taxpayer has nine digits."
            if shape is US_NUMBER
            else "A number of a taxpayer has 4 to 30 letters and digits."
        )
    with (
        acting(Role.WORKER, user_id=actor.pk if actor else None),
        keys_for(Purpose.STORE, actor=actor, reason="tax_form_submit"),
        refused_as(TaxFormRefused),
    ):
        form = TaxForm(
            performer_id=performer_id,
            studio_id=studio_id,
            signed_by=signed_by,
            kind=kind,
            legal_name=name,
            tax_number=number,
            country=country,
            signed_on=signed_on,
        )
        form.save(force_insert=True)
        form = TaxForm.objects.unsealed().get(pk=form.pk)
        tax_form_submitted.send(sender=TaxForm, actor=actor, subject=form, detail={"kind": str(form.kind)})
    return form


@transaction.atomic
def tax_form_accept(
    *, taxform_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> TaxForm:
    """Accept a form: it is in force from now on, in place of the one before.

    Locks: the forms of the taxpayer, in the order of their keys. Raises: TaxFormRefused (one's own, ended),
    IllegalTransition, NotThere, StaleVersion. Announces: `tax_form_accepted`.
    """
    return _review(taxform_id, TaxFormStatus.ACCEPTED, tax_form_accepted, actor, reason, expected_version)


@transaction.atomic
def tax_form_reject(
    *, taxform_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> TaxForm:
    """Reject a form; the one in force, if there is one, stays. Locks, raises as `tax_form_accept`.

    Announces: `tax_form_rejected`.
    """
    return _review(taxform_id, TaxFormStatus.REJECTED, tax_form_rejected, actor, reason, expected_version)


def _review(
    form_id: UUID,
    status: TaxFormStatus,
    announcement: Announcement,
    actor: User,
    reason: str,
    expected_version: int | None,
) -> TaxForm:
    with acting(Role.WORKER, user_id=actor.pk):
        form = TaxForm.objects.unsealed().filter(pk=form_id).first()
        if form is not None:
            of_taxpayer = TaxForm.objects.unsealed().filter(
                Q(performer_id=form.performer_id) if form.performer_id else Q(studio_id=form.studio_id)
            )
            rows = {row.pk: row for row in of_taxpayer.select_for_update().order_by("pk")}
            locked(TaxForm, form_id, expected_version=expected_version)
            form = rows[form_id]
        else:
            form = locked(TaxForm, form_id)
            rows = {}
        TaxForm.status_machine.check(form.status, status)
        with refused_as(TaxFormRefused):
            if status == TaxFormStatus.ACCEPTED:
                for row in rows.values():
                    if row.status == TaxFormStatus.ACCEPTED:
                        row.status = TaxFormStatus.REPLACED
                        row.save(update_fields=["status"])
            form.status, form.reason = status, reason.strip()
            form.save(update_fields=["status", "reason"])
        form.refresh_from_db(fields=["version", "reviewed_at", "reviewed_by"])
        announcement.send(
            sender=TaxForm,
            actor=actor,
            subject=form,
            reason=reason,
            changed=("status",),
            detail={"kind": str(form.kind)},
        )
    return form


def tax_form_reveal(*, tax_form_id: UUID, actor: User, reason: str, case_reference: str = "") -> Revealed:
    """Show name and number of a form once; that it was read is recorded first.

    Raises: RevealRefused, KeyMissing where this process cannot open seals, TaxForm.DoesNotExist.
    """
    form = TaxForm.objects.unsealed().get(pk=tax_form_id)
    return reveal(
        subject=form,
        fields=SEALED,
        person_id=form.signed_by_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )


def tax_forms_expire(*, limit: int = 500) -> int:
    """Mark forms whose last day is over as expired, at most `limit`; how many. Runs as the worker.

    Locks: the forms. Announces: `tax_form_expired`.
    """
    with transaction.atomic(), acting(Role.WORKER):
        today = database_now().astimezone(dt.UTC).date()
        due = list(
            TaxForm.objects.ending_before(today)
            .unsealed()
            .select_for_update(no_key=True, skip_locked=True)[:limit]
        )
        for form in due:
            form.status = TaxFormStatus.EXPIRED
            form.save(update_fields=["status"])
            tax_form_expired.send(sender=TaxForm, actor=None, subject=form, changed=("status",))
        return len(due)
