"""Questions about people that other apps ask."""

from uuid import UUID

from django.db.models.functions import Now

from accounts.choices import ConsentPurpose, DocumentKind
from accounts.models import Acceptance, AgeAssurance, Consent, LegalDocument, User

ACCEPTED_BY_EVERYBODY = (DocumentKind.TERMS, DocumentKind.PRIVACY, DocumentKind.GUIDELINES)
"""What every person accepts; performers accept their agreement besides, and say so in `kinds`."""

FALLBACK_LANGUAGE = "en"


def consent_in_force(user_id: UUID, purpose: ConsentPurpose | str) -> bool:
    """Has the person agreed to this purpose, and not withdrawn? One query by index.

    Without it nothing is done for the purpose; for special categories of data it is explicit by constraint.
    """
    return Consent.objects.of(user_id, ConsentPurpose(purpose)).in_force().exists()


def is_of_age(user_id: UUID) -> bool:
    """Is the person of age by an assurance in force? One query by index."""
    return AgeAssurance.objects.of_age().filter(user_id=user_id).exists()


def documents_to_accept(
    user: User, kinds: tuple[DocumentKind, ...] = ACCEPTED_BY_EVERYBODY
) -> list[LegalDocument]:
    """The documents in force that the person has still to accept, in the order of `kinds`. Two queries.

    In the person's language where there is one, else in English. A version accepted in one language is accepted in
    all. A document that takes effect later is not asked for yet.
    """
    languages = [user.locale, user.locale.split("-")[0], FALLBACK_LANGUAGE]
    latest = (
        LegalDocument.objects.published()
        .filter(kind__in=kinds, language__in=languages, effective_at__lte=Now())
        .order_by("kind", "language", "-effective_at")
        .distinct("kind", "language")
    )
    by_kind: dict[str, LegalDocument] = {}
    for document in sorted(latest, key=lambda found: languages.index(found.language)):
        by_kind.setdefault(document.kind, document)
    accepted = set(
        Acceptance.objects.filter(user=user, document__kind__in=kinds).values_list(
            "document__kind", "document__version_label"
        )
    )
    return [
        by_kind[kind]
        for kind in kinds
        if kind in by_kind and (kind.value, by_kind[kind].version_label) not in accepted
    ]
