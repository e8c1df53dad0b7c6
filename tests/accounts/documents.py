"""Legal documents, consents, ages and pictures of the tests, written as the owner: valid rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.choices import (
    AgeBand,
    AgeMethod,
    AgeOutcome,
    Channel,
    ConsentPurpose,
    DocumentKind,
    IdentityProvider,
    MediaKind,
    MediaStatus,
    MediaType,
)
from accounts.models import (
    Acceptance,
    AgeAssurance,
    Consent,
    IdentityProviderLink,
    LegalDocument,
    ProfileMedia,
    User,
)
from accounts.services.profile_media import Picture, object_folder
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory

TEXT = "These are the words that everybody reads before they agree."


class DocumentFactory(DjangoModelFactory):
    """A published document in force since yesterday; `published=False` leaves a draft."""

    class Meta:
        model = LegalDocument

    kind = DocumentKind.TERMS
    version_label = factory.Sequence(lambda number: f"1.{number}")
    title = "Words to agree to"
    text = TEXT

    @classmethod
    def _create(
        cls,
        model_class: Any,
        *args: Any,
        published: bool = True,
        since: datetime | None = None,
        **fields: Any,
    ) -> LegalDocument:
        document = super()._create(model_class, *args, **fields)
        if published:
            start = since or timezone.now() - timedelta(days=1)
            LegalDocument.objects.filter(pk=document.pk).update(
                status="published", published_at=min(start, timezone.now()), effective_at=start
            )
        return LegalDocument.objects.get(pk=document.pk)


def wording(purpose: ConsentPurpose, **options: Any) -> LegalDocument:
    """A published wording of consent."""
    return DocumentFactory(kind=f"consent_{purpose.value}", **options)


class AcceptanceFactory(DjangoModelFactory):
    class Meta:
        model = Acceptance

    user = factory.SubFactory(UserFactory)
    document = factory.SubFactory(DocumentFactory)
    accepted_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))
    channel = Channel.WEB


class ConsentFactory(DjangoModelFactory):
    """A consent in force since an hour."""

    class Meta:
        model = Consent

    user = factory.SubFactory(UserFactory)
    purpose = ConsentPurpose.ANALYTICS
    wording = factory.LazyAttribute(lambda row: wording(ConsentPurpose(row.purpose)))
    explicit = factory.LazyAttribute(lambda row: row.purpose == ConsentPurpose.SPECIAL_CATEGORY)
    channel = Channel.WEB
    valid = factory.LazyFunction(lambda: DateTimeTZRange(timezone.now() - timedelta(hours=1), None, "[)"))


class AgeFactory(DjangoModelFactory):
    class Meta:
        model = AgeAssurance

    user = factory.SubFactory(UserFactory)
    method = AgeMethod.DOCUMENT
    outcome = AgeOutcome.OF_AGE
    age_band = AgeBand.FROM_25
    provider = "Proof of Age Ltd"
    receipt = factory.Sequence(lambda number: f"receipt-{number}")
    checked_at = datetime(2026, 1, 1, tzinfo=UTC)
    valid = factory.LazyFunction(lambda: DateTimeTZRange(timezone.now() - timedelta(days=2), None, "[)"))


class LinkFactory(DjangoModelFactory):
    class Meta:
        model = IdentityProviderLink

    user = factory.SubFactory(UserFactory)
    provider = IdentityProvider.GOOGLE
    subject = factory.Sequence(lambda number: f"subject-{number}")


class MediaFactory(DjangoModelFactory):
    """A picture that waits; `status` leads on by legal moves, decided by `decided_by`."""

    class Meta:
        model = ProfileMedia

    user = factory.SubFactory(UserFactory)
    kind = MediaKind.AVATAR
    object_key = factory.LazyAttribute(lambda row: f"{object_folder(row.user.pk)}{uuid7()}.webp")
    sha256 = b"\x07" * 32
    size_bytes = 120_000
    media_type = MediaType.WEBP
    width = 512
    height = 512

    @classmethod
    def _create(
        cls,
        model_class: Any,
        *args: Any,
        status: str = MediaStatus.PENDING,
        decided_by: User | None = None,
        **fields: Any,
    ) -> ProfileMedia:
        media = super()._create(model_class, *args, **fields)
        if status != MediaStatus.PENDING:
            ProfileMedia.objects.filter(pk=media.pk).update(
                status=status,
                decided_by=decided_by or UserFactory(),
                decided_at=timezone.now(),
                decision_reason="looks right",
            )
        return ProfileMedia.objects.get(pk=media.pk)


def picture(user: User, kind: MediaKind = MediaKind.AVATAR, **options: Any) -> Picture:
    """What is known of a picture that was uploaded."""
    fields: dict[str, Any] = {
        "kind": kind,
        "object_key": f"{object_folder(user.pk)}{uuid7()}.webp",
        "sha256": b"\x07" * 32,
        "size_bytes": 120_000,
        "media_type": MediaType.WEBP,
        "width": 512,
        "height": 512,
        **options,
    }
    return Picture(**fields)


def closed(days: int = 31, **options: Any) -> User:
    """A person who closed the account so many days ago."""
    user = UserFactory(**options)
    User.objects.filter(pk=user.pk).update(status="closed", closed_at=timezone.now() - timedelta(days=days))
    return User.objects.get(pk=user.pk)
