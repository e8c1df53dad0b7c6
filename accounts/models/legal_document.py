"""Terms, policies and wordings of consent, version by version."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.choices import DocumentKind, DocumentStatus
from accounts.legal_triggers import PublishedIsFixed, TextDigest
from core.db.constraints import has_bytes, length_between, matches, one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import ACTING_ROLES, Role
from core.db.states import StateMachine
from core.models import Versioned, Volume

PUBLISHED = Q(status=DocumentStatus.PUBLISHED)
EDITORS = (Role.COMPLIANCE,)
READ_PUBLISHED = tuple(role for role in (Role.APP, *ACTING_ROLES) if role not in (*EDITORS, Role.AUDITOR))
LANGUAGE = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"


class LegalDocumentQuerySet(models.QuerySet):
    """Reads of legal documents."""

    def published(self) -> Self:
        """Versions that people have seen or will see."""
        return self.filter(PUBLISHED)

    def in_force(self, kind: DocumentKind | str, language: str = "en", at: dt.datetime | None = None) -> Self:
        """The version in force at `at` (UTC; None: now, by the database's clock): one row, or none."""
        return (
            self.published()
            .filter(kind=kind, language=language, effective_at__lte=Now() if at is None else at)
            .order_by("-effective_at")[:1]
        )


class LegalDocument(Versioned):
    """One row per version of a legal document in one language, the wordings of consents included.

    Written by `accounts.services.legal_documents`. Once published, a trigger keeps every column as it is: what people
    accepted can be shown for as long as anybody may ask.
    """

    volume, retention = Volume.SMALL, "for ever: people accepted it"

    kind = models.TextField(choices=DocumentKind, db_comment="What the document is.")
    version_label = models.TextField(
        db_comment="Version as people read it, 2026-03 or 2.1; the same in every language."
    )
    language = models.TextField(default="en", db_comment="Language of the text, BCP 47 tag.")
    title = models.TextField(db_comment="Heading of the document.")
    text = models.TextField(db_comment="The whole text, as it is shown.")
    digest = not_personal(
        models.BinaryField(
            max_length=32,
            editable=False,
            db_default=b"",
            db_comment="SHA-256 of the text in UTF-8; kept by trigger.",
        )
    )
    status = models.TextField(
        choices=DocumentStatus,
        default=DocumentStatus.DRAFT,
        db_comment="Draft or published; moves are enforced.",
    )
    published_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was published (UTC); null: a draft."
    )
    effective_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="From when on it applies (UTC), not before its publication; null: a draft.",
    )
    supersedes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique rule's index leads with it.
        db_index=False,
        related_name="superseded_by",
        db_comment="The version before it in the same language; null for the first and for drafts.",
    )

    status_machine = StateMachine(
        DocumentStatus,
        initial=[DocumentStatus.DRAFT],
        moves={DocumentStatus.DRAFT: [DocumentStatus.PUBLISHED]},
    )

    objects: Any = LegalDocumentQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per version and language of a legal document. Written by accounts.services.legal_documents. "
            "Kept for ever."
        )
        permissions = [("publish_legaldocument", "Can draft and publish legal documents")]
        constraints = [
            one_of("kind", DocumentKind),
            length_between("version_label", 1, 40),
            length_between("title", 3, 200),
            length_between("text", 20, 200_000),
            matches("language", LANGUAGE, "A language is a tag such as en, pt-BR or zh-Hant."),
            rule(has_bytes("digest", 32), "digest", "A digest has 32 bytes."),
            rule(
                Q(status=DocumentStatus.DRAFT, published_at__isnull=True, effective_at__isnull=True)
                | Q(
                    status=DocumentStatus.PUBLISHED,
                    published_at__isnull=False,
                    effective_at__isnull=False,
                    effective_at__gte=F("published_at"),
                ),
                "published_at",
                "A published document says since when it is, and applies from then on at the earliest.",
            ),
            rule(
                Q(supersedes__isnull=True) | PUBLISHED & ~Q(supersedes=F("id")),
                "supersedes",
                "Only a published document supersedes one, and never itself.",
            ),
            unique(
                "kind",
                "version_label",
                "language",
                message="There is a document of this kind, version and language.",
            ),
            unique(
                "kind",
                "language",
                "effective_at",
                when=PUBLISHED,
                message="Another version takes effect at this very instant.",
            ),
            unique(
                "supersedes",
                when=Q(supersedes__isnull=False),
                message="Another version supersedes that one already.",
            ),
            *policies(*EDITORS, Role.AUDITOR, command="select", using=ALL),
            *policies(*READ_PUBLISHED, command="select", using="status = 'published'"),
            Policy(role=Role.COMPLIANCE, command="insert", check="status = 'draft'"),
            Policy(
                role=Role.COMPLIANCE,
                command="update",
                using="status = 'draft'",
                check="status = 'draft' OR published_at IS NOT NULL",
            ),
        ]
        indexes = [
            BTree(
                fields=["status", "-id"],
                serves="accounts.admin.legal_documents: drafts, and what is published, newest first",
            )
        ]
        triggers = [TextDigest(), PublishedIsFixed()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version_label} ({self.language})"
