"""Who somebody is to whom we pay money, looked at by compliance."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.sanctions_screening import FIVE_YEARS, relation_ended
from billing.reconciliation_choices import KycCause, KycRisk, KycStatus
from billing.screening_policies import compliance_policies
from billing.screening_triggers import DecidedByWhoActs
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.encryption import SealedTextField
from core.models import Versioned, Volume

K = KycStatus
UNDECIDED = (K.OPEN, K.IN_REVIEW)


class KycCaseQuerySet(models.QuerySet):
    """Reads of identity cases."""

    def undecided(self) -> Self:
        """Cases that wait for compliance."""
        return self.filter(status__in=UNDECIDED)


class KycCase(Versioned):
    """One row per time that compliance looks into who a person or studio is; one at a time for each cause.

    Written by `billing.services.kyc_cases`. Compliance alone reads it, nobody about themselves. Findings are sealed.
    """

    volume, retention = Volume.LARGE, FIVE_YEARS
    over = relation_ended("billing_kyccase")
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="kyc_cases",
        db_comment="Who is looked at; null: a studio is.",
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kyc_cases",
        db_comment="Which studio is looked at; null: a person is.",
    )
    cause = models.TextField(choices=KycCause, db_comment="Why compliance looks into it.")
    screening = models.ForeignKey(
        "billing.SanctionsScreening",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kyc_cases",
        db_comment="The screening that led to it; null: none did.",
    )
    status = models.TextField(
        choices=KycStatus, default=K.OPEN, db_default=K.OPEN, db_comment="Where it stands."
    )
    due_on = models.DateField(db_comment="The day by which it is to be decided.")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="kyc_cases_opened",
        db_comment="The officer who opened it.",
    )
    opening_reason = personal(models.TextField(db_comment="Why it was opened, in the words of the officer."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kyc_cases_owned",
        db_comment="The officer who looks into it; null: nobody yet.",
    )
    risk = models.TextField(
        choices=KycRisk, null=True, blank=True, db_comment="How great the risk is; null: not decided."
    )
    findings = SealedTextField(
        null=True,
        blank=True,
        verbose_name="findings",
        db_comment="What was found out about the person; sealed; null: not decided.",
    )
    decision_reason = personal(
        models.TextField(
            blank=True, default="", db_comment="Why it was decided so, without findings; empty: undecided."
        )
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kyc_cases_decided",
        db_comment="Who decided; null: nobody yet.",
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was decided (UTC); null: it is not."
    )

    status_machine = StateMachine(
        KycStatus,
        initial=(K.OPEN,),
        moves={K.OPEN: (K.IN_REVIEW,), K.IN_REVIEW: (K.CLEARED, K.REJECTED)},
    )

    objects: Any = KycCaseQuerySet.as_manager()

    class Meta:
        verbose_name = "identity case"
        db_table_comment = (
            "One row per time that compliance looks into who somebody is; findings are sealed. Written by "
            "billing.services.kyc_cases. Compliance alone; kept 5 years after the end of the business relationship."
        )
        permissions = [
            ("work_kyccase", "Can open, take and decide identity cases"),
            ("reveal_kyccase", "Can reveal the findings of identity cases, with a reason"),
        ]
        constraints = [
            one_of("cause", KycCause),
            one_of("risk", KycRisk),
            length_between("opening_reason", 3, 2000),
            length_between("decision_reason", 0, 2000),
            rule(
                Q(user__isnull=True, studio__isnull=False) | Q(user__isnull=False, studio__isnull=True),
                "whom",
                "A case is about a person or about a studio.",
            ),
            rule(
                Q(user__isnull=True)
                | ~Q(opened_by=F("user"))
                & (Q(owner__isnull=True) | ~Q(owner=F("user")))
                & (Q(decided_by__isnull=True) | ~Q(decided_by=F("user"))),
                "own",
                "Nobody works on a case about themselves.",
            ),
            rule(
                Q(status=K.OPEN, owner__isnull=True) | ~Q(status=K.OPEN) & Q(owner__isnull=False),
                "owner",
                "Who takes a case is named, and nobody else is.",
            ),
            rule(
                Q(
                    status__in=UNDECIDED,
                    risk__isnull=True,
                    findings__isnull=True,
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    decision_reason="",
                )
                | Q(
                    ~Q(status__in=UNDECIDED),
                    ~Q(decision_reason=""),
                    risk__isnull=False,
                    findings__isnull=False,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                "decided",
                "What is decided says how, when, by whom and why, and nothing else does.",
            ),
            unique(
                "user",
                "cause",
                when=Q(status__in=UNDECIDED, user__isnull=False),
                name="user_cause",
                message="A case of this cause about this person is under way already.",
            ),
            unique(
                "studio",
                "cause",
                when=Q(status__in=UNDECIDED, studio__isnull=False),
                name="studio_cause",
                message="A case of this cause about this studio is under way already.",
            ),
            *compliance_policies(written_by="opened_by_id", update=True),
        ]
        indexes = [
            BTree(
                fields=["user", "-id"],
                condition=Q(user__isnull=False),
                serves="A person's page: identity cases, newest first; whether payouts are barred",
            ),
            BTree(
                fields=["due_on", "id"],
                condition=Q(status__in=UNDECIDED),
                name="billing_kyccase_due_idx",
                serves="docs/queries/kyc_cases_due.sql: the queue of compliance, the most urgent first",
            ),
        ]
        triggers = [
            Immutable("user", "studio", "cause", "screening", "opened_by", "opening_reason"),
            DecidedByWhoActs(),
        ]

    def __str__(self) -> str:
        return f"identity case: {self.get_cause_display().lower()}"
