"""Whether people are of age, as providers said."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from accounts.choices import AgeBand, AgeEnding, AgeMethod, AgeOutcome
from accounts.erasure_triggers import RefuseErasedPerson
from accounts.legal_triggers import PeriodOnlyEnds
from core.db.constraints import length_between, no_overlap, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume

ADULT_BANDS = (AgeBand.FROM_18, AgeBand.FROM_21, AgeBand.FROM_25)
UNENDED = Q(ending__isnull=True)
END = Func(F("valid"), function="upper", output_field=models.DateTimeField())


class AgeAssuranceQuerySet(EffectiveDatedQuerySet):
    """Reads of assurances."""

    def of_age(self) -> Self:
        """Assurances in force by which a person is of age."""
        return self.in_force().filter(outcome=AgeOutcome.OF_AGE)

    def run_out(self) -> Self:
        """Assurances whose time has passed and which nobody has marked as ended, the oldest first."""
        return self.filter(UNENDED).alias(end=END).filter(end__lte=Now()).order_by("end")


class AgeAssurance(EffectiveDated):
    """One row per check of a person's age by a provider: the outcome and the receipt, never the evidence.

    Written by `accounts.services.age_assurances`. The one in force says whether the person is of age now.
    """

    volume, retention = Volume.LARGE, "5 years after its end"
    over = Over("upper({row}.valid)", alone=True, person="user")
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="age_assurances",
        db_comment="Whose age was checked.",
    )
    method = models.TextField(choices=AgeMethod, db_comment="How the provider checked.")
    outcome = models.TextField(choices=AgeOutcome, db_comment="What the provider said.")
    age_band = personal(
        models.TextField(
            null=True, blank=True, choices=AgeBand, db_comment="How old, in years; null: inconclusive."
        )
    )
    provider = models.TextField(db_comment="Who checked: the provider's name.")
    receipt = personal(
        models.TextField(db_comment="The provider's reference to its check, by which it can be asked again.")
    )
    checked_at = models.DateTimeField(db_comment="When the provider checked (UTC).")
    ending = models.TextField(
        null=True,
        blank=True,
        choices=AgeEnding,
        db_comment="Why it is over; null: in force, or not yet noticed.",
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="age_assurances_ended",
        db_comment="Who revoked it; null: nobody did.",
    )

    objects: ClassVar[Any] = AgeAssuranceQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per check of a person's age by a provider; no evidence, no date of birth. "
            "Written by accounts.services.age_assurances. Kept 5 years after its end."
        )
        permissions = [("revoke_ageassurance", "Can revoke assurances of age")]
        constraints = [
            one_of("method", AgeMethod),
            one_of("outcome", AgeOutcome),
            one_of("age_band", AgeBand),
            one_of("ending", AgeEnding),
            length_between("provider", 2, 60),
            length_between("receipt", 4, 200),
            rule(
                Q(outcome=AgeOutcome.OF_AGE, age_band__in=ADULT_BANDS, age_band__isnull=False)
                | Q(outcome=AgeOutcome.UNDER_AGE, age_band=AgeBand.UNDER_18, age_band__isnull=False)
                | Q(outcome=AgeOutcome.INCONCLUSIVE, age_band__isnull=True),
                "outcome_band",
                "The age band belongs to the outcome: none when it is inconclusive.",
            ),
            rule(
                Q(
                    valid__startswith__isnull=False,
                    checked_at__lte=models.functions.Cast(
                        Func(F("valid"), function="lower"), models.DateTimeField()
                    ),
                ),
                "checked_at",
                "An assurance holds from the check on, not from before it.",
            ),
            rule(
                Q(ending__isnull=True) | Q(valid__endswith__isnull=False),
                "ended",
                "An assurance that is over has an end.",
            ),
            rule(
                Q(ended_by__isnull=True)
                | Q(ending=AgeEnding.REVOKED, ending__isnull=False) & ~Q(ended_by=F("user")),
                "ended_by",
                "Nobody but a colleague revokes an assurance.",
            ),
            unique("provider", "receipt", message="This receipt of the provider is recorded already."),
            no_overlap(
                "user", during="valid", message="Another assurance of age is in force in that period."
            ),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.COMPLIANCE, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
            *policies(Role.COMPLIANCE, Role.WORKER, command="insert", check=f"user_id IS DISTINCT FROM {ME}"),
            *policies(Role.COMPLIANCE, Role.WORKER, command="update", using=f"user_id IS DISTINCT FROM {ME}"),
        ]
        indexes = [
            BTree(
                END,
                condition=UNENDED,
                name="%(app_label)s_%(class)s_end_idx",
                serves="accounts.services.age_assurances.age_assurances_expire: those whose time has passed",
            ),
        ]
        triggers = [
            Immutable("user", "method", "outcome", "age_band", "provider", "receipt", "checked_at"),
            RefuseErasedPerson(),
            PeriodOnlyEnds(),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.user_id}"
