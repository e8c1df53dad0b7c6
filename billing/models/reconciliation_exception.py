"""Where what we hold and what is reported differ, until somebody has seen to it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.currency import in_currency
from billing.models.provider_account import PROVIDER_READERS
from billing.provider_choices import ExceptionKind, ExceptionResolution, ExceptionStatus
from core.db.constraints import length_between, matches, one_of, rule
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

UNRESOLVED = (ExceptionStatus.OPEN, ExceptionStatus.ASSIGNED)
SUBJECT = "^billing[.][a-z]{1,60}$"


class ReconciliationExceptionQuerySet(models.QuerySet):
    """Reads of exceptions."""

    def unresolved(self) -> Self:
        """What somebody must still look at."""
        return self.filter(status__in=UNRESOLVED)

    def about(self, subject: models.Model) -> Self:
        """Those about one row."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


class ReconciliationException(Versioned):
    """One row per difference between what we hold and what a provider reports; it stays, resolved or not.

    Raised by `billing.services.reconciliation_exceptions`, once per kind and subject while it is unresolved. Resolving
    one corrects nothing by itself: the correction is an entry of its own.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("It is kept 10 years by tax law, whoever asks.")

    kind = models.TextField(choices=ExceptionKind, db_comment="In which way they differ.")
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="exceptions",
        db_comment="Who reported it; null: nobody, it was found here.",
    )
    subject_type = models.TextField(
        db_comment="Which model it is about, as app.model: billing.payment, billing.providerevent."
    )
    subject_id = models.UUIDField(db_comment="Identity of the row it is about.")
    provider_event = models.ForeignKey(
        "billing.ProviderEvent",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="The message that reported it; null: none did. Its partition leaves after 13 months.",
    )
    reference = models.TextField(
        blank=True,
        db_default="",
        db_comment="The provider's name of the payment or refund; empty: none is known.",
    )
    currency = in_currency(
        "reconciliation_exceptions",
        "Currency of the amounts; null: it is not about an amount.",
        null=True,
        blank=True,
    )
    expected_amount = models.BigIntegerField(
        null=True, blank=True, db_comment="What we hold, in minor units; null: not about an amount."
    )
    reported_amount = models.BigIntegerField(
        null=True, blank=True, db_comment="What is reported, in minor units, without bound; null: none is."
    )
    words = models.TextField(db_comment="What differs, in a sentence; quotes nothing of a message.")
    status = models.TextField(
        choices=ExceptionStatus, db_default=ExceptionStatus.OPEN, db_comment="Where the work on it stands."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="owned_exceptions",
        db_comment="The member of staff who looks into it; null: nobody yet.",
    )
    owned_at = models.DateTimeField(
        null=True, blank=True, db_comment="Since when somebody looks into it (UTC); null: nobody does."
    )
    resolution = models.TextField(
        choices=ExceptionResolution, null=True, blank=True, db_comment="What came of it; null: unresolved."
    )
    reason = personal(
        models.TextField(
            blank=True, db_default="", db_comment="Why it was resolved so, in the words of who resolved it."
        )
    )
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="resolved_exceptions",
        db_comment="Who resolved it; null: unresolved, or it was settled by processing the message again.",
    )
    resolved_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was resolved (UTC); null: it is not."
    )

    status_machine = StateMachine(
        ExceptionStatus,
        initial=(ExceptionStatus.OPEN,),
        moves={
            ExceptionStatus.OPEN: (ExceptionStatus.ASSIGNED, ExceptionStatus.RESOLVED),
            ExceptionStatus.ASSIGNED: (ExceptionStatus.RESOLVED,),
        },
    )

    objects: Any = ReconciliationExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = "exception of reconciliation"
        verbose_name_plural = "exceptions of reconciliation"
        db_table_comment = (
            "One row per difference between what we hold and what a provider reports. Written by "
            "billing.services.reconciliation_exceptions. Kept 10 years."
        )
        permissions = [
            ("resolve_reconciliationexception", "Can take and resolve exceptions of reconciliation")
        ]
        constraints = [
            one_of("kind", ExceptionKind),
            one_of("resolution", ExceptionResolution),
            matches("subject_type", SUBJECT, "An exception is about a row of billing, as billing.payment."),
            length_between("reference", 0, 255),
            length_between("words", 1, 2000),
            length_between("reason", 0, 2000),
            rule(
                Q(expected_amount__isnull=True, reported_amount__isnull=True) | Q(currency__isnull=False),
                "currency",
                "An amount has a currency.",
            ),
            rule(
                Q(status=ExceptionStatus.OPEN, owner__isnull=True, owned_at__isnull=True)
                | Q(status=ExceptionStatus.ASSIGNED, owner__isnull=False, owned_at__isnull=False)
                | Q(status=ExceptionStatus.RESOLVED),
                "owner",
                "Who takes an exception is named with the time, and nobody else is.",
            ),
            rule(
                Q(
                    status__in=UNRESOLVED,
                    resolution__isnull=True,
                    resolved_at__isnull=True,
                    resolved_by__isnull=True,
                    reason="",
                )
                | Q(
                    status=ExceptionStatus.RESOLVED,
                    resolution__isnull=False,
                    resolved_at__isnull=False,
                )
                & ~Q(reason=""),
                "resolved",
                "What is resolved says how, when and why, and nothing else does.",
            ),
            rule(
                Q(resolution__isnull=True)
                | Q(resolved_by__isnull=False)
                | Q(resolution=ExceptionResolution.PROCESSED),
                "resolved_by",
                "Only the processing of a message resolves an exception without a person.",
            ),
            models.UniqueConstraint(
                fields=("subject_id", "subject_type", "kind"),
                condition=Q(status__in=UNRESOLVED),
                name="%(app_label)s_%(class)s_subject_key",
                violation_error_message="This exception is raised already.",
            ),
            *policies(*PROVIDER_READERS, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["status", "-id"],
                condition=Q(status__in=UNRESOLVED),
                serves="docs/queries/exceptions_unresolved.sql: the queue, newest first, and how many wait",
            ),
            BTree(
                fields=["owner", "-id"],
                condition=Q(owner__isnull=False),
                serves="The queue: what somebody has taken",
            ),
            BTree(
                fields=["provider_event"],
                condition=Q(provider_event__isnull=False),
                serves="The page of a message: the exceptions that it led to",
            ),
            BTree(
                fields=["subject_id", "-id"],
                serves="The page of a payment: every exception about it, resolved or not",
            ),
            BTree(
                fields=["reference"],
                condition=~Q(reference=""),
                serves="The search box: exceptions by the provider's reference",
            ),
        ]
        triggers = [
            Immutable(
                "kind",
                "provider_account",
                "subject_type",
                "subject_id",
                "provider_event",
                "reference",
                "currency",
                "expected_amount",
                "reported_amount",
                "words",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
