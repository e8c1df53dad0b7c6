"""How long the rows of each table are kept, as data that the retention job obeys."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.choices import ISO_PERIOD, RetentionAction, RetentionDuty
from audit.retention_triggers import ChangedByTwo, NotShorterThanTheLaw
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, SOMEBODY, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from core.models.storage import TermStart

EXECUTED = (RetentionDuty.ROWS, RetentionDuty.PARTITIONS)
READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.RETENTION)


class RetentionPolicyQuerySet(models.QuerySet):
    """Reads of policies."""

    def executed(self) -> "RetentionPolicyQuerySet":
        """Those that `retention_run` obeys."""
        return self.filter(is_executed=True, period__isnull=False).order_by("table_name")


class RetentionPolicy(Versioned):
    """One row per table: how long its rows are kept, from when on, by which law, and what happens then.

    Copied from the models after each `migrate` (`audit.services.retention_policies`). Compliance proposes another
    period or basis and an administrator approves it; from then on the code no longer overwrites the two.
    """

    volume, retention = Volume.SMALL, "for ever: it answers why something was deleted"
    held_by = NotHeld("It is about a table; whoever is named decided about it.")

    table_name = models.TextField(db_comment="The table, as in the catalog: accounts_usersession.")
    words = models.TextField(db_comment="The class of retention in words, as the model declares it.")
    period = models.TextField(
        null=True,
        blank=True,
        db_comment="How long, as an ISO 8601 duration (P90D, P13M, P7Y), which keeps months and years apart from days; "
        "null: for the life of what it belongs to.",
    )
    online_period = models.TextField(
        null=True,
        blank=True,
        db_comment="How long partitions stay in the database before they leave for the archive, as an ISO 8601 "
        "duration; null: they do not go there.",
    )
    starts_from = models.TextField(choices=TermStart, db_comment="From when on the period counts.")
    basis = models.TextField(db_comment="By which law or purpose.")
    action = models.TextField(choices=RetentionAction, db_comment="What happens when the time is over.")
    is_executed = models.BooleanField(db_comment="Does manage.py retention_run obey this policy?")
    duty = models.TextField(
        choices=RetentionDuty,
        default=RetentionDuty.WAITS,
        db_default=RetentionDuty.WAITS,
        db_comment="Who obeys it.",
    )
    obeyed_by = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="Which job obeys it, with what its rows go, or why nobody obeys it yet; empty: duty says all.",
    )
    second_term = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="Another period that the words name, and who obeys it; empty: they name none.",
    )
    minimum = models.TextField(
        null=True,
        blank=True,
        db_comment="The shortest period that a law allows, as an ISO 8601 duration; null: no law names one.",
    )
    minimum_basis = models.TextField(
        blank=True, default="", db_default="", db_comment="Which law names it; empty: none does."
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="retention_policies_changed",
        db_comment="Who proposed the present period and basis; null: as the model declares.",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="retention_policies_approved",
        db_comment="Who approved them: somebody else; null: as the model declares.",
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="retention_policies_proposed",
        db_comment="Who proposes a change that nobody has approved yet; null: there is none.",
    )
    proposed_period = models.TextField(
        null=True, blank=True, db_comment="The period that is proposed; null: there is no proposal."
    )
    proposed_basis = models.TextField(
        blank=True, default="", db_default="", db_comment="The basis that is proposed; empty: no proposal."
    )
    proposed_reason = personal(
        models.TextField(
            blank=True,
            default="",
            db_default="",
            db_comment="Why the change is proposed; empty: no proposal.",
        )
    )

    objects: Any = RetentionPolicyQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = "retention policy"
        verbose_name_plural = "retention policies"
        db_table_comment = (
            "One row per table: how long its rows are kept and by which law. Written by "
            "audit.services.retention_policies, from the models and by two people. Kept for ever."
        )
        permissions = [
            ("propose_retentionpolicy", "Can propose other periods of retention"),
            ("approve_retentionpolicy", "Can approve other periods of retention"),
        ]
        constraints = [
            unique("table_name", message="This table has a policy."),
            matches("table_name", "^[a-z][a-z0-9_]{0,62}$", "A table has a name in small letters."),
            length_between("words", 3, 300),
            length_between("basis", 3, 300),
            one_of("starts_from", TermStart),
            one_of("action", RetentionAction),
            matches("period", ISO_PERIOD, "A period is written as P90D, P13M or P7Y."),
            rule(
                Q(period__isnull=True, starts_from=TermStart.LIFE)
                | Q(period__isnull=False) & ~Q(starts_from=TermStart.LIFE),
                "period",
                "What has no period goes with what it belongs to.",
            ),
            rule(
                Q(is_executed=False)
                | Q(period__isnull=False, action__in=[RetentionAction.DELETE, RetentionAction.ARCHIVE]),
                "is_executed",
                "Only rows with a period are deleted by the job.",
            ),
            matches("online_period", ISO_PERIOD, "A period is written as P90D, P13M or P7Y."),
            rule(
                Q(action=RetentionAction.ARCHIVE, online_period__isnull=False)
                | ~Q(action=RetentionAction.ARCHIVE) & Q(online_period__isnull=True),
                "online_period",
                "What goes to the archive says when.",
            ),
            one_of("duty", RetentionDuty),
            length_between("obeyed_by", 0, 300),
            length_between("second_term", 0, 300),
            rule(
                Q(is_executed=True, duty__in=EXECUTED) | Q(is_executed=False) & ~Q(duty__in=EXECUTED),
                "executed_duty",
                "The job deletes by those policies that are its duty.",
            ),
            matches("minimum", ISO_PERIOD, "A period is written as P90D, P13M or P7Y."),
            rule(
                Q(minimum__isnull=True, minimum_basis="")
                | Q(minimum__isnull=False, minimum_basis__length__range=(3, 300)),
                "minimum",
                "A shortest period names the law.",
            ),
            rule(
                Q(changed_by__isnull=True, approved_by__isnull=True)
                | Q(changed_by__isnull=False, approved_by__isnull=False) & ~Q(changed_by=F("approved_by")),
                "approved_by",
                "A change is proposed by one person and approved by another.",
            ),
            rule(
                Q(proposed_by__isnull=True, proposed_period__isnull=True)
                & Q(proposed_basis="", proposed_reason="")
                | Q(proposed_by__isnull=False, proposed_period__regex=ISO_PERIOD, period__isnull=False)
                & Q(proposed_basis__length__range=(3, 300), proposed_reason__length__range=(3, 2000)),
                "proposed_by",
                "A proposal names a period such as P90D, a basis and a reason.",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(
                role=Role.COMPLIANCE,
                command="update",
                using=SOMEBODY,
                check=f"proposed_by_id IS NULL OR proposed_by_id = {ME}",
            ),
            Policy(role=Role.ADMINISTRATOR, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("table_name"), ChangedByTwo(), NotShorterThanTheLaw()]

    def __str__(self) -> str:
        return self.table_name
