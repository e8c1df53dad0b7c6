"""Accepting legal documents."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from accounts.announcements import acceptances_imported, documents_accepted
from accounts.choices import Channel, DocumentStatus, SignUpSource
from accounts.errors import DocumentRefused
from accounts.models import Acceptance, LegalDocument, User
from core.db.refusals import refused_as
from core.models.identity import uuid7

LONGEST_FAMILY = 40


@transaction.atomic
def documents_accept(
    *,
    user_id: UUID,
    document_ids: Iterable[UUID],
    actor: User | None,
    channel: Channel | str,
    address: str | None = None,
    user_agent_family: str = "",
) -> list[Acceptance]:
    """Note that a person accepts these versions; those accepted before stay as they were.

    Returns the acceptance of each version, old or new, in the order of their documents' ids; two that accept at once
    write one row. Raises: DocumentRefused (no such document, or not published). Announces: `documents_accepted`
    unless all were accepted before.
    """
    wanted = sorted(set(document_ids))
    published = set(LegalDocument.objects.published().filter(pk__in=wanted).values_list("pk", flat=True))
    if missing := [key for key in wanted if key not in published]:
        raise DocumentRefused(f"There is no published document {missing[0]}, so nobody can accept it.")
    before = set(_accepted(user_id, wanted).values_list("document_id", flat=True))
    with refused_as(DocumentRefused):
        Acceptance.objects.bulk_create(
            [
                Acceptance(
                    id=uuid7(),
                    user_id=user_id,
                    document_id=key,
                    channel=Channel(channel),
                    address=address,
                    user_agent_family=user_agent_family[:LONGEST_FAMILY],
                )
                for key in wanted
                if key not in before
            ],
            ignore_conflicts=True,
        )
    rows = list(_accepted(user_id, wanted).order_by("document_id"))
    if fresh := [row for row in rows if row.document_id not in before]:
        documents_accepted.send(
            sender=Acceptance,
            actor=actor,
            subject=User.objects.get(pk=user_id),
            detail={"documents": [str(row.document_id) for row in fresh]},
        )
    return rows


def _accepted(user_id: UUID, document_ids: list[UUID]):  # type: ignore[no-untyped-def]
    return Acceptance.objects.filter(user_id=user_id, document_id__in=document_ids)


IMPORT = """
INSERT INTO accounts_acceptance (id, user_id, document_id, accepted_at, channel, user_agent_family)
SELECT uuidv7(), u.id, %s, statement_timestamp(), 'import', ''
FROM accounts_user u
WHERE u.sign_up_source = %s AND u.erased_at IS NULL
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def acceptances_import(*, document: LegalDocument, actor: User | None = None) -> int:
    """Note that everybody who was imported accepted a version where they came from; returns how many are new.

    Runs as the worker, in one statement. Raises: DocumentRefused. Announces: `acceptances_imported`.
    """
    if document.status != DocumentStatus.PUBLISHED:
        raise DocumentRefused(f"{document} is a draft; nobody can have accepted it.")
    with connection.cursor() as cursor:
        cursor.execute(IMPORT, [document.pk, SignUpSource.IMPORT.value])
        count = int(cursor.rowcount)
    if count:
        acceptances_imported.send(sender=Acceptance, actor=actor, subject=document, detail={"people": count})
    return count
