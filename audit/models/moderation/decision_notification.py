"""What people are told of decisions and appeals."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.decision_triggers import StampsNotification
from audit.models.moderation.appeal import Appeal
from audit.models.moderation.decision import DECISION_WRITERS, Decision
from audit.models.moderation.readers import CASE_STAFF, OVERSEERS, PEOPLE
from audit.moderation_choices import DecisionNotificationKind
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.models import Fact, Identified, Volume


class DecisionNotification(Fact, Identified):
    """One row per person who is told something, written in the transaction of what it tells.

    The person reads it from then on; channels deliver it. Written by `audit.services.decision_notifications`.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("recipient",))

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="decision_notifications",
        db_comment="Who is told.",
    )
    kind = models.TextField(choices=DecisionNotificationKind, db_comment="What they are told.")
    decision = models.ForeignKey(
        Decision,
        models.PROTECT,
        related_name="notifications",
        db_comment="The decision that it is about.",
    )
    appeal = models.ForeignKey(
        Appeal,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notifications",
        db_comment="The appeal that it is about; null: none.",
    )
    words = personal(models.TextField(db_comment="What they read; names nobody else."))
    issued_at = models.DateTimeField(db_comment="When (UTC), by the clock of the database.")

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per person who is told of a decision or an appeal. Written by "
            "audit.services.decision_notifications. Kept 7 years."
        )
        constraints = [
            one_of("kind", DecisionNotificationKind),
            length_between("words", 1, 8000),
            unique("recipient", "kind", "decision", "appeal", name="once", message="They were told already."),
            rule(
                Q(
                    kind__in=[
                        DecisionNotificationKind.APPEAL_RECEIVED,
                        DecisionNotificationKind.APPEAL_OUTCOME,
                    ]
                )
                & Q(appeal__isnull=False)
                | ~Q(
                    kind__in=[
                        DecisionNotificationKind.APPEAL_RECEIVED,
                        DecisionNotificationKind.APPEAL_OUTCOME,
                    ]
                ),
                "appeal",
                "What is told of an appeal names the appeal.",
            ),
            *policies(*CASE_STAFF, command="select", using=f"recipient_id IS DISTINCT FROM {ME}"),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"recipient_id = {ME}"),
            *policies(*DECISION_WRITERS, command="insert", check=f"recipient_id IS DISTINCT FROM {ME}"),
            *policies(*PEOPLE, command="insert", check=f"recipient_id = {ME} AND kind = 'appeal_received'"),
        ]
        indexes = [
            BTree(fields=["recipient", "-id"], serves="What a person was told, newest first"),
        ]
        triggers = [StampsNotification()]

    def __str__(self) -> str:
        return self.get_kind_display()
