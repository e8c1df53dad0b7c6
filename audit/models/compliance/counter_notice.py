"""Counter-notices: a performer says that her content was disabled by mistake."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.models.compliance.readers import HANDLERS, MINE, NOT_MINE, READERS
from audit.takedown_choices import CounterNoticeStatus, NoticeSource
from audit.takedown_clocks import COUNTER_CLOCKS
from audit.takedown_elements import COUNTER_ELEMENTS
from audit.takedown_triggers import (
    LivesWhileOpen,
    RecordsMoves,
    RestoredWithContent,
    StampsMove,
)
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import Versioned, Volume

LIVE = (CounterNoticeStatus.RECEIVED, CounterNoticeStatus.INCOMPLETE, CounterNoticeStatus.VALID)
"""States in which something is still to be done about it."""

WAS_VALID = (CounterNoticeStatus.VALID, CounterNoticeStatus.RESTORED, CounterNoticeStatus.ACTION_FILED)


class CounterNoticeQuerySet(models.QuerySet):
    """Reads of counter-notices."""

    def live(self) -> Self:
        """Those about which something is to be done."""
        return self.filter(status__in=LIVE)

    def waiting(self) -> Self:
        """Those whose clock runs, the oldest first."""
        return self.filter(due_at__isnull=False).order_by("pk")

    def due(self, within: timedelta = timedelta()) -> Self:
        """Those that are overdue, or will be within that time, the longest overdue first."""
        return self.filter(due_at__lte=Now() + within).order_by("due_at", "pk")

    def to_restore(self) -> Self:
        """Valid ones whose window is open: the content has to come back, the soonest due first."""
        return self.filter(status=CounterNoticeStatus.VALID, restore_from__lte=Now()).order_by("due_at", "pk")


class CounterNotice(Versioned):
    """One row per counter-notice of a performer (17 USC 512(g)(3)).

    Written by `audit.services.counter_notices`. What it answers is in `CounterNoticeTarget`, every move of `status` in
    `CounterNoticeTransition`. The performer's name and address are those of her examined identity.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("performer",))

    notice = models.ForeignKey(
        "audit.TakedownNotice",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="counter_notices",
        db_comment="The notice that it answers.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        null=True,
        blank=True,
        related_name="counter_notices",
        db_comment="Who says so; null: imported, the source withholds it.",
    )
    source = models.TextField(choices=NoticeSource, db_comment="How it came.")
    source_reference = models.TextField(
        null=True,
        blank=True,
        db_comment="Its name where it comes from; null: none. Unique per source.",
    )
    received_at = models.DateTimeField(db_comment="When it reached the designated agent (UTC).")
    statement = personal(
        models.TextField(
            blank=True, default="", db_default="", db_comment="Why it was a mistake, in her own words."
        )
    )
    is_signed = models.BooleanField(default=False, db_default=False, db_comment="Is it signed? 512(g)(3)(A).")
    material_identified = models.BooleanField(
        default=False, db_default=False, db_comment="Does it say what was disabled and where? 512(g)(3)(B)."
    )
    mistake_sworn = models.BooleanField(
        default=False,
        db_default=False,
        db_comment="Is a mistake stated in good faith under penalty of perjury? 512(g)(3)(C).",
    )
    contact_given = models.BooleanField(
        default=False, db_default=False, db_comment="Are name, address and telephone given? 512(g)(3)(D)."
    )
    jurisdiction_consented = models.BooleanField(
        default=False,
        db_default=False,
        db_comment="Does she consent to a court and accept service of process? 512(g)(3)(D).",
    )
    is_complete = models.GeneratedField(
        expression=models.Case(
            models.When(Q(**{element.field: True for element in COUNTER_ELEMENTS}), then=models.Value(True)),
            default=models.Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        db_comment="Whether it has every element that the law asks for.",
    )
    status = models.TextField(
        choices=CounterNoticeStatus,
        default=CounterNoticeStatus.RECEIVED,
        db_comment="Where it stands; moves are enforced.",
    )
    status_since = models.DateTimeField(
        editable=False, db_default=Now(), db_comment="Since when it stands there (UTC); kept by trigger."
    )
    complete_since = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When the last element arrived (UTC), from which the days are counted; null: not complete.",
    )
    restore_from = models.DateTimeField(
        null=True, blank=True, db_comment="Not restored before (UTC): the end of the tenth business day."
    )
    restore_by = models.DateTimeField(
        null=True, blank=True, db_comment="Restored until then (UTC): the end of the fourteenth business day."
    )
    due_at = models.DateTimeField(
        null=True, blank=True, db_comment="By when the next thing has to happen (UTC); null: nothing has to."
    )
    court_reference = models.TextField(
        null=True, blank=True, db_comment="Court and number of the action that was filed; null: none was."
    )

    status_machine = StateMachine(
        CounterNoticeStatus,
        initial=[CounterNoticeStatus.RECEIVED],
        moves={
            CounterNoticeStatus.RECEIVED: [
                CounterNoticeStatus.INCOMPLETE,
                CounterNoticeStatus.VALID,
                CounterNoticeStatus.REJECTED,
                CounterNoticeStatus.MOOT,
            ],
            CounterNoticeStatus.INCOMPLETE: [
                CounterNoticeStatus.VALID,
                CounterNoticeStatus.REJECTED,
                CounterNoticeStatus.LAPSED,
                CounterNoticeStatus.MOOT,
            ],
            CounterNoticeStatus.VALID: [
                CounterNoticeStatus.RESTORED,
                CounterNoticeStatus.ACTION_FILED,
                CounterNoticeStatus.MOOT,
            ],
        },
    )

    objects: Any = CounterNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "counter-notice"
        db_table_comment = (
            "One row per counter-notice. Written by audit.services.counter_notices. Kept 7 years."
        )
        constraints = [
            unique(
                "source",
                "source_reference",
                when=Q(source_reference__isnull=False),
                message="This counter-notice was taken in before.",
            ),
            length_between("source_reference", 1, 200),
            *paragraphs("statement", 5000),
            *line("court_reference", 200),
            one_of("source", NoticeSource),
            rule(
                Q(performer__isnull=False) | Q(source=NoticeSource.IMPORT),
                "performer",
                "A counter-notice says who gives it.",
            ),
            rule(
                Q(is_complete=True) | ~Q(status__in=WAS_VALID),
                "complete",
                "A counter-notice that lacks an element of 17 USC 512(g)(3) is not valid. Ask for what is missing.",
            ),
            rule(
                Q(
                    complete_since__isnull=False,
                    restore_from__isnull=False,
                    restore_by__isnull=False,
                    restore_by__gt=F("restore_from"),
                    restore_from__gt=F("complete_since"),
                    complete_since__gte=F("received_at"),
                )
                | Q(complete_since__isnull=True, restore_from__isnull=True, restore_by__isnull=True)
                & ~Q(status__in=WAS_VALID),
                "window",
                "A valid counter-notice says between which instants the content comes back.",
            ),
            # status_since is the clock of the database, so nobody restores early, by raw SQL either.
            rule(
                ~Q(status=CounterNoticeStatus.RESTORED) | Q(status_since__gte=F("restore_from")),
                "restored",
                "The claimant has ten whole business days to file an action; content comes back after them.",
            ),
            rule(
                Q(due_at__isnull=False, status__in=list(COUNTER_CLOCKS))
                | Q(due_at__isnull=True) & ~Q(status__in=list(COUNTER_CLOCKS)),
                "due_at",
                "A clock runs exactly while something has to happen.",
            ),
            rule(
                Q(court_reference__isnull=False, status=CounterNoticeStatus.ACTION_FILED)
                | Q(court_reference__isnull=True) & ~Q(status=CounterNoticeStatus.ACTION_FILED),
                "court_reference",
                "An action is named by court and number, and nothing else is.",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=MINE),
            Policy(role=Role.PERFORMER, command="insert", check=f"{MINE} AND source = 'form'"),
            *policies(*HANDLERS, command="insert", check=f"{NOT_MINE} AND source <> 'import'"),
            *policies(*HANDLERS, command="update", using=NOT_MINE),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(fields=["notice", "-id"], serves="The page of a notice: what answers it, newest first"),
            BTree(fields=["performer", "-id"], serves="A performer's own counter-notices, newest first"),
            BTree(
                fields=["due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="%(app_label)s_%(class)s_due_idx",
                serves="docs/queries/counter_notices_due.sql: what is due, the longest overdue first",
            ),
            BTree(
                fields=["id"],
                condition=Q(due_at__isnull=False),
                name="%(app_label)s_%(class)s_waiting_idx",
                serves="Counter-notices of the back office: the queue, the oldest first",
            ),
        ]
        triggers = [
            Immutable("notice", "performer", "source", "source_reference", "received_at"),
            StampsMove(),
            RestoredWithContent(),
            LivesWhileOpen(),
            RecordsMoves("audit_counternoticetransition", "counter_notice_id"),
        ]

    def __str__(self) -> str:
        return f"counter-notice of {self.received_at:%Y-%m-%d}"

    @property
    def trail_name(self) -> str:
        """The counter-notice by its id; who gave it is found by the row."""
        return f"counter-notice {self.pk}"
