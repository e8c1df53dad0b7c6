"""What may be an attack, or the beginning of one."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.choices import SecurityKind, Severity
from audit.models.trail.readers import ACTING_ROLE_CHOICES, OVERSEERS
from core.archive.declaration import Archived
from core.db.constraints import is_object, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.models import Fact
from core.models.partitioned import Partitioned, PartitionedQuerySet
from core.models.storage import Volume

URGENT = (Severity.HIGH, Severity.CRITICAL)


class SecurityEventQuerySet(PartitionedQuerySet):
    """Reads of security events."""

    def urgent(self) -> "SecurityEventQuerySet":
        """Those at which somebody should look at once."""
        return self.filter(severity__in=[severity.value for severity in URGENT])


class SecurityEvent(Fact, Partitioned):
    """One row per thing that may be an attack: refusals, guessing, use of keys.

    Written only by the function `security_record`. Partitioned although it is small on quiet days: an attack writes
    it by the million, and its network addresses leave with their partition, without a delete.
    """

    volume, retention = Volume.FIREHOSE, "2 years"
    to_archive = Archived(online="13 months", left_out=("address",))
    held_by = HeldBy(person=("actor", "person"))

    kind = models.TextField(choices=SecurityKind, db_comment="What happened.")
    severity = models.TextField(choices=Severity, db_comment="How soon somebody should look.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        # An index leads with it.
        db_index=False,
        related_name="security_events_caused",
        db_comment="Who acted; null: nobody signed in, or the system.",
    )
    acting_role = models.TextField(
        choices=ACTING_ROLE_CHOICES, db_comment="The database role in force when it happened."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        # An index leads with it.
        db_index=False,
        related_name="security_events",
        db_comment="Whose account is in danger; null where it is nobody's.",
    )
    address = personal(
        models.GenericIPAddressField(null=True, db_comment="Network address it came from; null if unknown.")
    )
    detail = models.JSONField(
        default=dict,
        blank=True,
        db_comment="What else is to be known: counts, page, method; no personal data.",
    )
    request_id = models.UUIDField(
        null=True, db_comment="The request in which it happened; null outside of one."
    )

    partitions = PartitionPlan(every=Every.MONTH)

    objects: ClassVar[Any] = SecurityEventQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per thing that may be an attack. Written by security_record. Kept 2 years, of them 13 months in "
            "the database."
        )
        constraints = [
            one_of("kind", SecurityKind),
            one_of("severity", Severity),
            one_of("acting_role", [value for value, _ in ACTING_ROLE_CHOICES]),
            rule(is_object("detail"), "detail", "The detail is a JSON object."),
            *policies(*OVERSEERS, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["actor", "-id"],
                serves="audit.admin.security: what a person was refused, newest first",
            ),
            BTree(
                fields=["person", "-id"], serves="audit.admin.security: attacks on an account, newest first"
            ),
            BTree(fields=["address", "-id"], serves="audit.admin.security: what came from an address"),
            BTree(fields=["kind", "-id"], serves="audit.admin.security: one kind, newest first"),
            BTree(
                fields=["-id"],
                name="%(app_label)s_%(class)s_urgent_idx",
                condition=Q(severity__in=[severity.value for severity in URGENT]),
                serves="audit.models.trail.security_event.urgent: the home page's card of urgent events",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
