"""Performers of the tests and what belongs to their admission, written as the owner: valid rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.choices import ConsentPurpose
from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from performers.choices import (
    AttributeKind,
    IdentityDocumentKind,
    LanguageLevel,
    PerformerStatus,
    Verdict,
)
from performers.models import (
    AttributeDefinition,
    IdentityDocument,
    IdentityRecord,
    PerformerAttribute,
    PerformerLanguage,
    PerformerProfile,
    PerformerResidence,
)
from performers.services.examinations import SubmittedDocument, identity_declare
from tests.accounts.documents import ConsentFactory
from tests.accounts.factories import UserFactory, letters, period

BORN = date(1990, 7, 14)
LEGAL_NAME = "Anna Beispiel"

WAY_TO = {
    PerformerStatus.DRAFT: (),
    PerformerStatus.SUBMITTED: ("submitted",),
    PerformerStatus.VERIFIED: ("submitted", "verified"),
    PerformerStatus.REJECTED: ("submitted", "rejected"),
    PerformerStatus.PAUSED: ("submitted", "verified", "paused"),
    PerformerStatus.EXPIRED: ("submitted", "verified", "expired"),
    PerformerStatus.OFFBOARDED: ("offboarded",),
}
"""The moves that lead a new draft to each status."""


def in_days(days: int) -> date:
    """The day so many days from today, in UTC."""
    return datetime.now(UTC).date() + timedelta(days=days)


class PerformerFactory(DjangoModelFactory):
    """A draft; `status` leads on by legal moves. Without an identity record unless `examined(...)` makes one."""

    class Meta:
        model = PerformerProfile

    user = factory.SubFactory(UserFactory)
    id = factory.SelfAttribute("user.id")
    stage_name = factory.Sequence(lambda number: f"Stage {letters(number)}")
    slug = factory.LazyAttribute(lambda row: row.stage_name.lower().replace(" ", "-"))

    @classmethod
    def _create(
        cls, model_class: Any, *args: Any, status: str = PerformerStatus.DRAFT, **fields: Any
    ) -> PerformerProfile:
        profile = super()._create(model_class, *args, **fields)
        for step in WAY_TO[PerformerStatus(status)]:
            changes: dict[str, Any] = {"status": step}
            if step == "submitted":
                changes["submitted_at"] = timezone.now()
            if step == "verified":
                changes["verified_at"] = timezone.now()
            if step == "offboarded":
                changes["offboarded_at"] = timezone.now()
            PerformerProfile.objects.filter(pk=profile.pk).update(**changes)
        return PerformerProfile.objects.get(pk=profile.pk)


class DeclarationFactory(DjangoModelFactory):
    """A declaration with no document yet."""

    class Meta:
        model = IdentityRecord

    performer = factory.SubFactory(PerformerFactory)
    legal_name = LEGAL_NAME
    birth_date = BORN


class IdentityDocumentFactory(DjangoModelFactory):
    """A passport that is valid for a year."""

    class Meta:
        model = IdentityDocument

    record = factory.SubFactory(DeclarationFactory)
    performer = factory.SelfAttribute("record.performer")
    kind = IdentityDocumentKind.PASSPORT
    storage_reference = factory.LazyFunction(lambda: f"closed/{uuid7()}")
    sha256 = factory.LazyFunction(lambda: uuid7().bytes * 2)
    issuing_country = "DE"
    expires_on = factory.LazyFunction(lambda: in_days(365))


class LanguageFactory(DjangoModelFactory):
    class Meta:
        model = PerformerLanguage

    performer = factory.SubFactory(PerformerFactory)
    language = "de"
    level = LanguageLevel.NATIVE


class ResidenceFactory(DjangoModelFactory):
    class Meta:
        model = PerformerResidence

    performer = factory.SubFactory(PerformerFactory)
    country = "DE"
    valid = factory.LazyFunction(period)


class DefinitionFactory(DjangoModelFactory):
    class Meta:
        model = AttributeDefinition

    code = factory.Sequence(lambda number: f"code_{letters(number)}")
    label = "Something"
    kind = AttributeKind.TEXT


class AttributeFactory(DjangoModelFactory):
    """A public text."""

    class Meta:
        model = PerformerAttribute

    performer = factory.SubFactory(PerformerFactory)
    definition = factory.SubFactory(DefinitionFactory)
    words = "likes the rain"
    visibility = "public"


def declared(performer: PerformerProfile, expires_on: date | None = None) -> IdentityRecord:
    """A declaration with a passport."""
    record = DeclarationFactory(performer=performer)
    IdentityDocumentFactory(record=record, expires_on=expires_on or in_days(365))
    return record


def examined(
    performer: PerformerProfile,
    verdict: Verdict = Verdict.ACCEPTED,
    *,
    expires_on: date | None = None,
    examiner: User | None = None,
    **fields: Any,
) -> IdentityRecord:
    """An examination as of a long time ago, of a declaration made for it."""
    declaration = declared(performer, expires_on)
    accepts = verdict is Verdict.ACCEPTED
    return IdentityRecord.objects.create(
        **{
            "performer": performer,
            "declaration": declaration,
            "legal_name": declaration.legal_name,
            "birth_date": declaration.birth_date,
            "verdict": verdict,
            "ground": None if accepts else "mismatch",
            "adult_at_examination": accepts,
            "examined_by": examiner or UserFactory(),
            "examined_at": datetime(2020, 1, 1, tzinfo=UTC),
            **fields,
        }
    )


def verified(expires_on: date | None = None, status: str = "verified", **fields: Any) -> PerformerProfile:
    """A verified performer whose documents are valid, unless `expires_on` has passed."""
    performer = PerformerFactory(status=status, **fields)
    examined(performer, expires_on=expires_on)
    return performer


def passport(**fields: Any) -> SubmittedDocument:
    """A passport as it was uploaded."""
    return SubmittedDocument(
        **{
            "kind": IdentityDocumentKind.PASSPORT,
            "storage_reference": f"closed/{uuid7()}",
            "sha256": uuid7().bytes * 2,
            "issuing_country": "DE",
            "expires_on": in_days(365),
            **fields,
        }
    )


def declare(performer: PerformerProfile, *documents: SubmittedDocument, **fields: Any) -> IdentityRecord:
    """Declare by the service, as the performer."""
    with acting(Role.PERFORMER, user_id=performer.pk):
        return identity_declare(
            performer_id=performer.pk,
            documents=documents or [passport()],
            actor=performer.user,
            **{"legal_name": LEGAL_NAME, "birth_date": BORN, **fields},
        )


def explicit_consent(performer: PerformerProfile) -> Any:
    """The performer's explicit consent to special categories, in force."""
    return ConsentFactory(user=performer.user, purpose=ConsentPurpose.SPECIAL_CATEGORY)
