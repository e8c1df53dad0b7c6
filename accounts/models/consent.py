"""What people agreed to, purpose by purpose."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import Channel, ConsentPurpose
from accounts.erasure_triggers import RefuseErasedPerson
from accounts.legal_triggers import PeriodOnlyEnds, WordingOfPurpose
from accounts.models.legal_document import LegalDocument
from core.db.constraints import no_overlap, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume


class ConsentQuerySet(EffectiveDatedQuerySet):
    """Reads of consents."""

    def of(self, user_id: UUID, purpose: ConsentPurpose | str) -> Self:
        """A person's consents for one purpose, past and present."""
        return self.filter(user_id=user_id, purpose=purpose)


class Consent(EffectiveDated):
    """One row per period in which a person agreed to one purpose (GDPR art. 6(1)(a), 7 and 9(2)(a)).

    Written by `accounts.services.consents`. The wording is the very text that the person saw; the period
    begins when it was given and ends when it was withdrawn, or by itself where it was given for a time.
    """

    volume, retention = Volume.LARGE, "6 years after its end"
    over = Over("upper({row}.valid)")
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="consents",
        db_comment="Who agreed.",
    )
    purpose = models.TextField(choices=ConsentPurpose, db_comment="What for; one purpose a row.")
    wording = models.ForeignKey(
        LegalDocument,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="consents",
        db_comment="The published wording that the person saw.",
    )
    explicit = models.BooleanField(
        default=False,
        db_comment="Whether it was an explicit statement; special categories need one (GDPR art. 9).",
    )
    channel = models.TextField(choices=Channel, db_comment="By which way it was given.")
    withdrawn_channel = models.TextField(
        null=True, blank=True, choices=Channel, db_comment="By which way it was withdrawn; null: it was not."
    )

    objects: ClassVar[Any] = ConsentQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per period in which a person agreed to one purpose; dated, so the record is never lost. "
            "Written by accounts.services.consents. Kept 6 years after its end."
        )
        constraints = [
            one_of("purpose", ConsentPurpose),
            one_of("channel", Channel),
            one_of("withdrawn_channel", Channel),
            rule(Q(valid__startswith__isnull=False), "given", "A consent was given at some time."),
            rule(
                ~Q(purpose=ConsentPurpose.SPECIAL_CATEGORY) | Q(explicit=True),
                "explicit",
                "Consent to special categories of data is explicit.",
            ),
            rule(
                Q(withdrawn_channel__isnull=True) | Q(valid__endswith__isnull=False),
                "withdrawn",
                "A withdrawn consent has an end.",
            ),
            no_overlap(
                "user",
                "purpose",
                during="valid",
                message="A consent for this purpose is in force in that period.",
            ),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"user_id = {ME}"),
            *policies(Role.COMPLIANCE, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
            # On a person's behalf consents are only ever ended.
            Policy(role=Role.COMPLIANCE, command="update", using=f"user_id <> {ME}"),
            Policy(role=Role.WORKER, command="insert", check="channel = 'import'"),
        ]
        indexes = [
            BTree(
                fields=["wording", "-id"],
                serves="docs/queries/consents_to_wording.sql: who agreed to this wording, newest first",
            ),
        ]
        triggers = [
            Immutable("user", "purpose", "wording", "explicit", "channel"),
            RefuseErasedPerson(),
            WordingOfPurpose(),
            PeriodOnlyEnds(),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.user_id}"
