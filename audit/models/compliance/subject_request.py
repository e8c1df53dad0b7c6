"""Requests of people about their data: access, portability, rectification, erasure."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from accounts.erasure_triggers import RefuseErasedPerson
from audit.models.compliance.request_readers import REQUEST_POLICIES
from audit.request_choices import (
    ANSWERED,
    CONFIRMED,
    MOVES,
    OPEN,
    Asker,
    AttemptOutcome,
    IdentityMethod,
    RefusalGround,
    RequestChannel,
    RequestKind,
    RequestStatus,
)
from audit.request_triggers import (
    AnswersTruly,
    BeginsRequest,
    ClocksOfLaw,
    KeepsWords,
    RecordsRequestMoves,
)
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import personal
from core.db.retention import Over
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import Versioned, Volume

PEOPLE = ("identity_confirmed_by", "handled_by", "run_by", "answered_by", "extended_by")
"""Columns that name who of staff did something about it."""

ENDED = "coalesce({row}.answered_at, CASE WHEN {row}.status = 'withdrawn' THEN {row}.updated_at END)"
"""From when a request is over: its answer, or that it was withdrawn."""


class SubjectRequestQuerySet(models.QuerySet):
    """Reads of subject requests."""

    def open(self) -> Self:
        """Those that owe an answer, the first deadline first."""
        return self.filter(status__in=OPEN).order_by("deadline", "pk")

    def due(self, within: timedelta = timedelta()) -> Self:
        """Open ones that are overdue, or will be within that time, the longest overdue first."""
        return self.open().filter(deadline__lte=Now() + within)

    def running(self) -> Self:
        """Those that are being carried out, the oldest first."""
        return self.filter(status=RequestStatus.RUNNING).order_by("pk")


class SubjectRequest(Versioned):
    """One row per request of a person about their own data (GDPR art. 15 to 20).

    Written by `audit.services.subject_requests`. What was done about each category of data is in `RequestStep`, every
    move of `status` in `SubjectRequestTransition`. Deadlines, stamps and four eyes are kept by triggers.
    """

    volume, retention = Volume.LARGE, "6 years after its end"
    over = Over(ENDED, found=f"{{row}}.id < {{floor}} AND {ENDED} < {{cut_off}}")
    held_by = HeldBy(person=("person",), keeps=("wish", "asker"))

    reference = models.TextField(
        editable=False, db_comment="What people call it: SR-, year and month of receipt, eight signs."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="subject_requests",
        db_comment="Whose data it is about.",
    )
    kind = models.TextField(choices=RequestKind, db_comment="What is asked for.")
    channel = models.TextField(choices=RequestChannel, db_comment="How it came.")
    asked_by = models.TextField(
        choices=Asker,
        default=Asker.PERSON,
        db_default=Asker.PERSON,
        db_comment="Whether the person asks, or somebody in their name.",
    )
    asker = personal(
        models.TextField(
            blank=True,
            default="",
            db_default="",
            db_comment="Name of who asks for the person; empty: the person, or erased.",
        )
    )
    wish = personal(
        models.TextField(
            blank=True,
            default="",
            db_default="",
            db_comment="What is asked, in the words of who asks; emptied on erasure.",
        )
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="subject_requests_filed",
        db_comment="Who wrote it down: the person, or a member of staff; null: the system.",
    )
    received_at = models.DateTimeField(
        null=False, db_default=Now(), db_comment="When it reached the platform (UTC)."
    )
    due_at = models.DateTimeField(
        editable=False, db_default=Now(), db_comment="A month after receipt (UTC); set by trigger."
    )
    extended_until = models.DateTimeField(
        null=True, blank=True, db_comment="Until when it was extended (UTC); null: it was not."
    )
    extended_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="When it was extended (UTC)."
    )
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="subject_requests_extended",
        db_comment="Who extended it; null: nobody.",
    )
    extension_reason = personal(
        models.TextField(
            blank=True, default="", db_default="", db_comment="Why it takes longer, as the person is told."
        )
    )
    deadline = models.GeneratedField(
        expression=Coalesce("extended_until", "due_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
        db_comment="By when it has to be answered (UTC), extensions counted.",
    )
    identity_method = models.TextField(
        choices=IdentityMethod,
        null=True,
        blank=True,
        db_comment="How the identity of who asks was confirmed; null: it was not.",
    )
    identity_confirmed_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="When it was confirmed (UTC); null: it was not."
    )
    identity_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="subject_requests_confirmed",
        db_comment="Who confirmed it; null: nobody.",
    )
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subject_requests_handled",
        db_comment="Who works on it; null: nobody yet.",
    )
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="subject_requests_run",
        db_comment="Who had it carried out; null: nobody yet.",
    )
    attempted_at = models.DateTimeField(
        null=True, blank=True, db_comment="When carrying it out was last tried (UTC); null: never."
    )
    attempt = models.TextField(
        choices=AttemptOutcome, null=True, blank=True, db_comment="How that ended; null: never tried."
    )
    status = models.TextField(
        choices=RequestStatus,
        default=RequestStatus.RECEIVED,
        db_comment="Where it stands; moves are enforced.",
    )
    status_since = models.DateTimeField(
        editable=False, db_default=Now(), db_comment="Since when it stands there (UTC); kept by trigger."
    )
    refusal_ground = models.TextField(
        choices=RefusalGround,
        null=True,
        blank=True,
        db_comment="By which law it, or a part of it, was refused; null: it was not.",
    )
    refusal_reason = personal(
        models.TextField(
            blank=True, default="", db_default="", db_comment="Why, in the words that the person was told."
        )
    )
    answer = personal(
        models.TextField(
            blank=True, default="", db_default="", db_comment="What the person was told; emptied on erasure."
        )
    )
    answered_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="When it was answered (UTC); null: not yet."
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="subject_requests_answered",
        db_comment="Who answered it; null: nobody yet, or the system.",
    )

    status_machine = StateMachine(RequestStatus, initial=[RequestStatus.RECEIVED], moves=MOVES)

    objects: Any = SubjectRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "subject request"
        db_table_comment = (
            "One row per request of a person about their data. Written by audit.services.subject_requests. "
            "Kept 6 years after its end."
        )
        permissions = [
            ("handle_subjectrequest", "Can confirm, carry out, refuse and answer subject requests")
        ]
        constraints = [
            unique("reference", message="Another request has this reference."),
            unique(
                "person",
                "kind",
                when=Q(status__in=OPEN),
                name="open",
                message="A request of this kind is open for this person already. Work on that one.",
            ),
            matches("reference", "^SR-[0-9]{4}-[0-9A-Z]{8}$", "A reference looks like SR-2611-7K3MQ9XA."),
            one_of("kind", RequestKind),
            one_of("channel", RequestChannel),
            one_of("asked_by", Asker),
            one_of("identity_method", IdentityMethod),
            one_of("attempt", AttemptOutcome),
            one_of("refusal_ground", RefusalGround),
            *line("asker", 200, least=0),
            *paragraphs("wish", 5000),
            *paragraphs("answer", 10000),
            length_between("extension_reason", 0, 2000),
            length_between("refusal_reason", 0, 2000),
            rule(
                ~Q(asked_by=Asker.PERSON) | Q(asker=""),
                "asker",
                "Whoever asks for somebody else says who they are; a person asking for themselves is known.",
            ),
            rule(
                Q(extended_until__isnull=True, extended_at__isnull=True, extension_reason="")
                | Q(
                    extended_until__isnull=False,
                    extended_at__isnull=False,
                    extension_reason__length__gte=3,
                ),
                "extended",
                "An extension says why it takes longer (GDPR art. 12(3)).",
            ),
            rule(
                Q(identity_method__isnull=True, identity_confirmed_at__isnull=True) & ~Q(status__in=CONFIRMED)
                | Q(
                    identity_method__isnull=False,
                    identity_confirmed_at__isnull=False,
                    identity_confirmed_by__isnull=False,
                ),
                "identity",
                "The identity of who asks is confirmed first (GDPR art. 12(6)).",
            ),
            rule(
                ~Q(kind=RequestKind.ERASURE) | Q(run_by__isnull=True) | ~Q(run_by=F("identity_confirmed_by")),
                "four_eyes",
                "An erasure is carried out by somebody else than who confirmed the identity.",
            ),
            *(
                rule(
                    Q(**{f"{name}__isnull": True}) | ~Q(**{name: F("person")}),
                    f"{name}_own",
                    "Nobody handles a request about themselves. A colleague does.",
                )
                for name in PEOPLE
            ),
            rule(
                Q(
                    status__in=(RequestStatus.REFUSED, RequestStatus.PARTLY_REFUSED),
                    refusal_ground__isnull=False,
                    refusal_reason__length__gte=3,
                )
                | ~Q(status__in=(RequestStatus.REFUSED, RequestStatus.PARTLY_REFUSED))
                & Q(refusal_ground__isnull=True, refusal_reason=""),
                "refused",
                "What is refused has a ground in law and a reason, and nothing else has.",
            ),
            rule(
                Q(status__in=ANSWERED, answered_at__isnull=False)
                | ~Q(status__in=ANSWERED) & Q(answered_at__isnull=True),
                "answered",
                "An answer has its time, and an open request has none.",
            ),
            rule(
                Q(attempt__isnull=True, attempted_at__isnull=True)
                | Q(attempt__isnull=False, attempted_at__isnull=False, run_by__isnull=False),
                "attempted",
                "An attempt has its time, and somebody who had it made.",
            ),
            *REQUEST_POLICIES,
        ]
        indexes = [
            BTree(fields=["person", "-id"], serves="The page of a person: their requests, newest first"),
            BTree(
                fields=["deadline", "id"],
                condition=Q(status__in=OPEN),
                name="%(app_label)s_%(class)s_open_idx",
                serves="docs/queries/subject_requests_due.sql: the queue, the longest overdue first",
            ),
            BTree(
                fields=["id"],
                condition=Q(status=RequestStatus.RUNNING),
                name="%(app_label)s_%(class)s_running_idx",
                serves="subject_requests_run: what is being carried out, the oldest first",
            ),
        ]
        triggers = [
            BeginsRequest(),
            Immutable(
                "reference", "person", "kind", "channel", "asked_by", "filed_by", "received_at", "due_at"
            ),
            KeepsWords(),
            ClocksOfLaw(),
            AnswersTruly(),
            RefuseErasedPerson("person"),
            RecordsRequestMoves(),
        ]

    def __str__(self) -> str:
        return f"{self.reference}"

    @property
    def is_open(self) -> bool:
        """Whether an answer is owed."""
        return self.status in OPEN

    @property
    def trail_name(self) -> str:
        """The request by its reference; whose it is, is found by the row."""
        return f"subject request {self.reference}"
