"""Tax forms of performers and studios: who they are to a tax authority, sealed."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.invoice_choices import EXPIRING_FORMS, TaxFormKind, TaxFormStatus
from billing.ledger_triggers import NeverRemoved
from billing.tax_triggers import ReviewsTaxForm
from core.db.constraints import TABLE, length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.encryption import SealedTextField
from core.models import Versioned, Volume

S = TaxFormStatus
TAX_FORM_READERS = (Role.FINANCE, Role.FINANCE_APPROVER, Role.COMPLIANCE, Role.AUDITOR)


class TaxFormQuerySet(models.QuerySet):
    """Reads of tax forms."""

    def in_force(self) -> Self:
        """Those that count."""
        return self.filter(status=S.ACCEPTED)

    def waiting(self) -> Self:
        """Those that somebody has to review."""
        return self.filter(status=S.SUBMITTED)

    def ending_before(self, day: dt.date) -> Self:
        """Those in force whose last day lies before `day`, the first one first."""
        return self.in_force().filter(expires_on__lt=day).order_by("expires_on", "pk")

    def unsealed(self) -> Self:
        """Without what is sealed: lists carry nothing that they never show."""
        return self.defer("legal_name", "tax_number")


class TaxForm(Versioned):
    """One row per tax form that somebody signed. Name and tax number are sealed: only a named reveal opens them.

    One is in force for each performer or studio; a W-8 ends with the third calendar year after its signature. Written
    by `billing.services.tax_forms`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("signed_by",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="tax_forms",
        db_comment="The performer whose taxes it is about; null: a studio's.",
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="tax_forms",
        db_comment="The studio whose taxes it is about; null: a performer's.",
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="tax_forms_signed",
        db_comment="Who signed, and whose data it is: the performer, or whoever signs for the studio.",
    )
    kind = models.TextField(choices=TaxFormKind, db_comment="Which form.")
    status = models.TextField(choices=S, default=S.SUBMITTED, db_comment="Where it stands.")
    legal_name = SealedTextField(db_comment="Name of the taxpayer; sealed.")
    tax_number = SealedTextField(db_comment="Number of the taxpayer at the tax authority; sealed.")
    country = personal(models.TextField(db_comment="Country of tax residence, ISO 3166-1 alpha-2."))
    signed_on = models.DateField(db_comment="The day of the signature.")
    expires_on = models.DateField(
        null=True,
        blank=True,
        db_comment="Last day on which it counts, set by trigger; null: it does not end.",
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tax_forms_reviewed",
        db_comment="Who reviewed it, set by trigger to whoever acts; null: nobody yet.",
    )
    reviewed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was reviewed (UTC), set by trigger; null: not yet."
    )
    reason = personal(
        models.TextField(
            blank=True, default="", db_comment="Why it was accepted or rejected; empty: not reviewed."
        )
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        S,
        initial=[S.SUBMITTED],
        moves={S.SUBMITTED: [S.ACCEPTED, S.REJECTED], S.ACCEPTED: [S.REPLACED, S.EXPIRED]},
    )

    objects: ClassVar[Any] = TaxFormQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per tax form of a performer or studio, name and number sealed. Written by "
            "billing.services.tax_forms. Kept 10 years."
        )
        permissions = [
            ("review_taxform", "Can accept and reject tax forms"),
            ("reveal_taxform", "Can reveal names and numbers of taxpayers, with a reason"),
        ]
        constraints = [
            one_of("kind", TaxFormKind),
            rule(
                Q(performer__isnull=False, studio__isnull=True, signed_by=F("performer"))
                | Q(performer__isnull=True, studio__isnull=False),
                "taxpayer",
                "A form is about a performer, who signs it, or about a studio, one of the two.",
            ),
            matches("country", "^[A-Z]{2}$", "A country is written as two capital letters."),
            rule(
                Q(kind=TaxFormKind.W9, country="US")
                | Q(kind__in=EXPIRING_FORMS) & ~Q(country="US")
                | Q(kind=TaxFormKind.SELF_CERTIFICATION),
                "country",
                "A W-9 is for people taxed in the US, a W-8 for those who are not.",
            ),
            rule(
                ~Q(kind=TaxFormKind.W8BEN) | Q(performer__isnull=False),
                "person",
                "A W-8BEN is about a person.",
            ),
            rule(
                ~Q(kind=TaxFormKind.W8BEN_E) | Q(studio__isnull=False),
                "company",
                "A W-8BEN-E is about a company.",
            ),
            rule(
                Q(kind__in=EXPIRING_FORMS, expires_on__isnull=False)
                | ~Q(kind__in=EXPIRING_FORMS) & Q(expires_on__isnull=True),
                "expires_on",
                "A W-8 ends with the third calendar year after its signature; other forms do not end.",
            ),
            rule(
                Q(status=S.SUBMITTED, reviewed_by__isnull=True, reviewed_at__isnull=True, reason="")
                | ~Q(status=S.SUBMITTED)
                & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                & ~Q(reason=""),
                "reviewed",
                "A review says by whom, when and why.",
            ),
            rule(
                Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("signed_by")),
                "own",
                "Nobody reviews what they signed themselves.",
            ),
            length_between("reason", 0, 2000),
            unique(
                "performer",
                when=Q(status=S.ACCEPTED, performer__isnull=False),
                name="performer_in_force",
                message="Another form of this performer is in force.",
            ),
            unique(
                "studio",
                when=Q(status=S.ACCEPTED, studio__isnull=False),
                name="studio_in_force",
                message="Another form of this studio is in force.",
            ),
            *policies(*TAX_FORM_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                condition=Q(performer__isnull=False),
                serves="The page of a performer: tax forms, newest first",
            ),
            BTree(
                fields=["studio", "-id"],
                condition=Q(studio__isnull=False),
                serves="The page of a studio: tax forms, newest first",
            ),
            BTree(
                fields=["id"],
                condition=Q(status=S.SUBMITTED),
                name=f"{TABLE}_waiting_idx",
                serves="The card of compliance and the list of tax forms: what waits for a review",
            ),
            BTree(
                fields=["expires_on", "id"],
                condition=Q(status=S.ACCEPTED, expires_on__isnull=False),
                name=f"{TABLE}_ending_idx",
                serves="docs/queries/tax_forms_ending.sql: whose form ends soon; tax_forms_expire, every night",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "performer", "studio", "signed_by", "kind", "legal_name", "tax_number", "country", "signed_on"
            ),
            ReviewsTaxForm(),
            NeverRemoved(),
            RefuseErasedPerson("signed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_status_display().lower()}"
