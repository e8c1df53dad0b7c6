"""Consents given and withdrawn; withdrawing takes as little as giving (GDPR art. 7(3))."""

import datetime as dt
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.announcements import consent_given, consent_withdrawn, consents_imported
from accounts.choices import Channel, ConsentPurpose, SignUpSource
from accounts.errors import ConsentRefused
from accounts.models import Consent, LegalDocument, User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as


def wording_of(purpose: ConsentPurpose | str, language: str = "en") -> LegalDocument | None:
    """The published wording in force to which a person consents; English where the language has none."""
    kind = f"consent_{ConsentPurpose(purpose).value}"
    return (
        LegalDocument.objects.in_force(kind, language).first()
        or LegalDocument.objects.in_force(kind, "en").first()
    )


@transaction.atomic
def consent_give(
    *,
    user_id: UUID,
    purpose: ConsentPurpose | str,
    wording_id: UUID,
    channel: Channel | str,
    actor: User | None,
    explicit: bool = False,
    until: dt.datetime | None = None,
) -> Consent:
    """Note that a person agrees to a purpose from now on, in the wording shown, until `until` (UTC; None: withdrawn).

    The same wording a second time changes nothing; another wording takes the place of the former. The caller acts as
    the person: nobody consents for somebody else. Locks: the consent in force. Raises: ConsentRefused (special
    categories without an explicit statement, a wording for something else, an end in the past).
    Announces: `consent_given` unless nothing changed.
    """
    purpose = ConsentPurpose(purpose)
    if purpose is ConsentPurpose.SPECIAL_CATEGORY and not explicit:
        raise ConsentRefused(
            "This consent has to be explicit: show the statement, and let the person confirm it."
        )
    present = _in_force(user_id, purpose)
    if present is not None and present.wording_id == wording_id and present.valid.upper == until:
        return present
    now = database_now()
    if until is not None and until <= now:
        raise ConsentRefused("A consent ends after it was given.")
    if present is not None:
        present.end(now)
        with refused_as(ConsentRefused):
            present.save(update_fields=["valid"])
    consent = Consent(
        user_id=user_id,
        purpose=purpose,
        wording_id=wording_id,
        channel=Channel(channel),
        explicit=explicit,
        valid=DateTimeTZRange(now, until, "[)"),
    )
    with refused_as(ConsentRefused):
        consent.save(force_insert=True)
    consent_given.send(
        sender=Consent, actor=actor, subject=User.objects.get(pk=user_id), detail={"purpose": purpose.value}
    )
    return consent


def _in_force(user_id: UUID, purpose: ConsentPurpose) -> Consent | None:
    return Consent.objects.of(user_id, purpose).in_force().select_for_update().first()


@transaction.atomic
def consent_withdraw(
    *,
    user_id: UUID,
    purpose: ConsentPurpose | str,
    channel: Channel | str,
    actor: User | None,
    reason: str = "",
) -> Consent | None:
    """End a consent now; no reason is asked for. Returns it, or None when there was none: that is no error.

    Locks: the consent in force. Raises: ConsentRefused (ended elsewhere at this moment).
    Announces: `consent_withdrawn` unless there was none.
    """
    consent = _in_force(user_id, ConsentPurpose(purpose))
    return None if consent is None else _end(consent, channel, actor, reason)


@transaction.atomic
def consent_end(
    *, consent_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Consent:
    """Withdraw on behalf of a person who asked for it by another way.

    Locks: the consent. Raises: ConsentRefused (it has ended), NotThere, StaleVersion. Announces: `consent_withdrawn`.
    """
    consent = locked(Consent, consent_id, expected_version=expected_version)
    if not consent.is_in_force(database_now()):
        raise ConsentRefused("This consent has ended already.")
    return _end(consent, Channel.SUPPORT, actor, reason)


def _end(consent: Consent, channel: Channel | str, actor: User | None, reason: str) -> Consent:
    consent.end(database_now())
    consent.withdrawn_channel = Channel(channel)
    with refused_as(ConsentRefused):
        consent.save(update_fields=["valid", "withdrawn_channel"])
    user = User.objects.filter(pk=consent.user_id).first()
    if user is None:
        raise NotThere("There is no such person, or your role may not see them.")
    consent_withdrawn.send(
        sender=Consent,
        actor=actor,
        subject=user,
        reason=reason,
        changed=("valid",),
        detail={"purpose": consent.purpose},
    )
    return consent


IMPORT = """
INSERT INTO accounts_consent (id, user_id, purpose, wording_id, channel, explicit, valid)
SELECT uuidv7(), u.id, %s, %s, 'import', false, tstzrange(statement_timestamp(), NULL)
FROM accounts_user u
WHERE u.sign_up_source = %s AND u.erased_at IS NULL
  AND NOT EXISTS (SELECT FROM accounts_consent c WHERE c.user_id = u.id AND c.purpose = %s)
"""


@transaction.atomic
def consents_import(*, purpose: ConsentPurpose, wording: LegalDocument, actor: User | None = None) -> int:
    """Take over consents that imported people gave where they came from; returns how many are new.

    People with any consent for the purpose, withdrawn ones included, are left alone. Runs as the worker, in one
    statement; explicit consent cannot be imported. Raises: ConsentRefused. Announces: `consents_imported`.
    """
    if purpose is ConsentPurpose.SPECIAL_CATEGORY:
        raise ConsentRefused("Explicit consent is asked for again; it cannot be imported.")
    with refused_as(ConsentRefused), connection.cursor() as cursor:
        cursor.execute(IMPORT, [purpose.value, wording.pk, SignUpSource.IMPORT.value, purpose.value])
        count = int(cursor.rowcount)
    if count:
        consents_imported.send(
            sender=Consent, actor=actor, subject=wording, detail={"people": count, "purpose": purpose.value}
        )
    return count
