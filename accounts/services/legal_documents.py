"""Legal documents from draft to publication."""

import datetime as dt
from uuid import UUID

from django.db import connection, transaction

from accounts.announcements import document_drafted, document_published, document_revised
from accounts.choices import DocumentKind, DocumentStatus
from accounts.errors import DocumentRefused
from accounts.models import LegalDocument, User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as

TEXT_FIELDS = ("version_label", "title", "text")


@transaction.atomic
def document_draft(
    *,
    kind: DocumentKind | str,
    version_label: str,
    title: str,
    text: str,
    actor: User | None,
    language: str = "en",
    reason: str = "",
) -> LegalDocument:
    """Write a draft that only compliance sees. Raises: DocumentRefused. Announces: `document_drafted`."""
    document = LegalDocument(
        kind=DocumentKind(kind),
        version_label=version_label.strip(),
        title=title.strip(),
        text=text,
        language=language,
    )
    with refused_as(DocumentRefused):
        document.save(force_insert=True)
    document_drafted.send(sender=LegalDocument, actor=actor, subject=document, reason=reason)
    return document


@transaction.atomic
def document_revise(
    *,
    legal_document_id: UUID,
    version_label: str,
    title: str,
    text: str,
    actor: User | None,
    reason: str = "",
    expected_version: int | None = None,
) -> LegalDocument:
    """Change a draft. Locks: the document. Raises: DocumentRefused (published), NotThere, StaleVersion.

    Announces: `document_revised` unless nothing changed.
    """
    document = _draft(legal_document_id, expected_version)
    wanted = {"version_label": version_label.strip(), "title": title.strip(), "text": text}
    changed = tuple(name for name in TEXT_FIELDS if getattr(document, name) != wanted[name])
    if not changed:
        return document
    for name in changed:
        setattr(document, name, wanted[name])
    with refused_as(DocumentRefused):
        document.save(update_fields=changed)
    document_revised.send(sender=LegalDocument, actor=actor, subject=document, reason=reason, changed=changed)
    return document


def _draft(legal_document_id: UUID, expected_version: int | None) -> LegalDocument:
    published = LegalDocument.objects.published().filter(pk=legal_document_id).first()
    if published is not None:
        raise DocumentRefused(f"{published} is published and stays as it is. Draft a new version instead.")
    return locked(LegalDocument, legal_document_id, expected_version=expected_version)


@transaction.atomic
def document_publish(
    *,
    legal_document_id: UUID,
    actor: User | None,
    reason: str,
    effective_at: dt.datetime | None = None,
    expected_version: int | None = None,
) -> LegalDocument:
    """Publish a draft, for good; it takes effect at `effective_at` (UTC; None: now) and supersedes the one before.

    Locks: publication of this kind and language, then the document. Raises: DocumentRefused (published, takes effect
    in the past or not after the version before it), NotThere, StaleVersion. Announces: `document_published`.
    """
    kind = LegalDocument.objects.filter(pk=legal_document_id).values_list("kind", "language").first()
    with connection.cursor() as cursor:
        # Two publications at once: the second supersedes the first.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"accounts.document_publish {kind}"])
    document = _draft(legal_document_id, expected_version)
    now = database_now()
    start = effective_at or now
    if start < now:
        raise DocumentRefused("A document takes effect now or later. Leave the time empty for now.")
    before = (
        LegalDocument.objects.published()
        .filter(kind=document.kind, language=document.language)
        .order_by("-effective_at")
        .first()
    )
    if before is not None and before.effective_at is not None and before.effective_at >= start:
        raise DocumentRefused(
            f"{before} takes effect at {before.effective_at:%Y-%m-%d %H:%M} UTC. Let this one follow later than that."
        )
    document.status, document.published_at = DocumentStatus.PUBLISHED, now
    document.effective_at, document.supersedes = start, before
    with refused_as(DocumentRefused):
        document.save(update_fields=["status", "published_at", "effective_at", "supersedes"])
    document_published.send(
        sender=LegalDocument,
        actor=actor,
        subject=document,
        reason=reason,
        changed=("status", "published_at", "effective_at"),
        detail={"kind": document.kind, "language": document.language, "effective_at": start.isoformat()},
    )
    return document
