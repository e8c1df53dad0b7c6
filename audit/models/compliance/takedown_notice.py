"""Copyright notices: what a claimant asks to be taken down, and where that stands."""

from datetime import timedelta
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.models.compliance.readers import HANDLERS, READERS
from audit.takedown_choices import NoticeSource, NoticeStatus, RejectionGround
from audit.takedown_clocks import NOTICE_CLOCKS
from audit.takedown_elements import NOTICE_ELEMENTS
from audit.takedown_triggers import BeginsAlone, RecordsMoves, StampsMove, WholeOrNot
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree, Gin
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import Versioned, Volume

CARRIED_OUT = (
    NoticeStatus.CONTENT_DISABLED,
    NoticeStatus.COUNTER_NOTICED,
    NoticeStatus.UPHELD,
)
"""States in which content is disabled because of the notice."""

STANDING = (NoticeStatus.CONTENT_DISABLED, NoticeStatus.UPHELD)
"""States that count against a performer: nobody answered, or the claimant went to court (17 USC 512(i))."""

NEEDS_ALL_ELEMENTS = (NoticeStatus.ACCEPTED, *CARRIED_OUT, NoticeStatus.RESTORED)
ABOUT_ME = f"performer_ids @> ARRAY[{ME}]"
NOT_ABOUT_ME = f"NOT ({ABOUT_ME})"


class TakedownNoticeQuerySet(models.QuerySet):
    """Reads of notices."""

    def waiting(self) -> Self:
        """Notices whose clock runs, the oldest first."""
        return self.filter(due_at__isnull=False).order_by("pk")

    def due(self, within: timedelta = timedelta()) -> Self:
        """Notices that are overdue, or will be within that time, the longest overdue first."""
        return self.filter(due_at__lte=Now() + within).order_by("due_at", "pk")

    def standing(self) -> Self:
        """Notices that count against whom they are about."""
        return self.filter(status__in=STANDING)


class TakedownNotice(Versioned):
    """One row per notice of claimed infringement (17 USC 512(c)(3); notices of the European Union by DSA art. 16).

    Written by `audit.services.takedown_notices`. What it names is in `TakedownTarget`, how to reach the claimant in
    `TakedownClaimant`, every move of `status` in `TakedownTransition`.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = NotHeld("Nobody deletes a notice before its time; what it names is held by itself.")

    reference = models.TextField(
        editable=False, db_comment="What people call it: TD-, year and month of receipt, eight signs."
    )
    source = models.TextField(choices=NoticeSource, db_comment="How it came.")
    source_reference = models.TextField(
        null=True,
        blank=True,
        db_comment="Its name where it comes from: identity of the form or mail; null: none. Unique per source.",
    )
    received_at = models.DateTimeField(db_comment="When it reached the designated agent (UTC).")
    claimant_name = personal(
        models.TextField(
            null=True, blank=True, db_comment="Who claims, as signed; null: the source withholds it."
        )
    )
    claimant_organisation = personal(
        models.TextField(
            blank=True, default="", db_default="", db_comment="For whom they claim; empty: for themselves."
        )
    )
    work_described = models.TextField(
        blank=True, default="", db_default="", db_comment="The work in the words of the claimant."
    )
    jurisdiction = not_personal(
        models.TextField(
            default="US", db_default="US", db_comment="Country whose law is invoked, ISO 3166-1 alpha-2."
        )
    )
    is_signed = models.BooleanField(
        default=False, db_default=False, db_comment="Is it signed? 17 USC 512(c)(3)(A)(i)."
    )
    work_identified = models.BooleanField(
        default=False, db_default=False, db_comment="Does it say which work? 17 USC 512(c)(3)(A)(ii)."
    )
    material_identified = models.BooleanField(
        default=False, db_default=False, db_comment="Does it say where the material is? 512(c)(3)(A)(iii)."
    )
    contact_given = models.BooleanField(
        default=False, db_default=False, db_comment="Can the claimant be reached? 17 USC 512(c)(3)(A)(iv)."
    )
    good_faith_stated = models.BooleanField(
        default=False, db_default=False, db_comment="Is good faith stated? 17 USC 512(c)(3)(A)(v)."
    )
    accuracy_sworn = models.BooleanField(
        default=False,
        db_default=False,
        db_comment="Are accuracy and, under penalty of perjury, authority stated? 17 USC 512(c)(3)(A)(vi).",
    )
    is_complete = models.GeneratedField(
        expression=models.Case(
            models.When(Q(**{element.field: True for element in NOTICE_ELEMENTS}), then=models.Value(True)),
            default=models.Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        db_comment="Whether it has every element that the law asks for.",
    )
    claims_circumvention = models.BooleanField(
        default=False, db_default=False, db_comment="Does it also invoke circumvention (17 USC 1201)?"
    )
    claims_copies = models.BooleanField(
        default=False, db_default=False, db_comment="Does it claim every copy of the material too?"
    )
    urls_named = models.IntegerField(default=0, db_default=0, db_comment="How many addresses it names.")
    words_count = models.IntegerField(default=0, db_default=0, db_comment="Length of its text in words.")
    status = models.TextField(
        choices=NoticeStatus,
        default=NoticeStatus.RECEIVED,
        db_comment="Where it stands; moves are enforced.",
    )
    status_since = models.DateTimeField(
        editable=False, db_default=Now(), db_comment="Since when it stands there (UTC); kept by trigger."
    )
    due_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="By when the next thing has to happen (UTC), see audit.takedown_clocks; null: nothing has to.",
    )
    acted_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When its content was disabled and whoever provided it could read why (UTC); null: it was not.",
    )
    rejected_for = models.TextField(
        choices=RejectionGround, null=True, blank=True, db_comment="Why it was rejected; null: it was not."
    )
    performer_ids = ArrayField(
        models.UUIDField(),
        default=list,
        editable=False,
        db_comment="The performers of its targets, kept by trigger; who reads and acts follows from it.",
    )

    status_machine = StateMachine(
        NoticeStatus,
        initial=[NoticeStatus.RECEIVED],
        moves={
            NoticeStatus.RECEIVED: [
                NoticeStatus.INCOMPLETE,
                NoticeStatus.ACCEPTED,
                NoticeStatus.REJECTED,
                NoticeStatus.WITHDRAWN,
            ],
            NoticeStatus.INCOMPLETE: [
                NoticeStatus.ACCEPTED,
                NoticeStatus.REJECTED,
                NoticeStatus.LAPSED,
                NoticeStatus.WITHDRAWN,
            ],
            NoticeStatus.ACCEPTED: [
                NoticeStatus.CONTENT_DISABLED,
                NoticeStatus.REJECTED,
                NoticeStatus.WITHDRAWN,
            ],
            NoticeStatus.CONTENT_DISABLED: [NoticeStatus.COUNTER_NOTICED, NoticeStatus.WITHDRAWN],
            NoticeStatus.COUNTER_NOTICED: [
                NoticeStatus.RESTORED,
                NoticeStatus.UPHELD,
                # One of several performers got hers back; the rest stands.
                NoticeStatus.CONTENT_DISABLED,
                NoticeStatus.WITHDRAWN,
            ],
            NoticeStatus.UPHELD: [NoticeStatus.COUNTER_NOTICED, NoticeStatus.WITHDRAWN],
        },
    )
    quiet_columns = ("performer_ids",)

    objects: Any = TakedownNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "take-down notice"
        db_table_comment = (
            "One row per copyright notice. Written by audit.services.takedown_notices. Kept 7 years."
        )
        permissions = [("handle_takedownnotice", "Can take in, assess and carry out copyright notices")]
        constraints = [
            unique("reference", message="There is a notice with this reference."),
            unique(
                "source",
                "source_reference",
                when=Q(source_reference__isnull=False),
                message="This notice was taken in before.",
            ),
            matches("reference", "^TD-[0-9]{4}-[0-9A-Z]{8}$", "A reference looks like TD-2611-7K3MQ9XA."),
            matches(
                "jurisdiction", "^[A-Z]{2}$", "A country is two capital letters of ISO 3166-1, as in US."
            ),
            length_between("source_reference", 1, 200),
            *line("claimant_name", 200),
            *line("claimant_organisation", 200, least=0),
            *paragraphs("work_described", 5000),
            one_of("source", NoticeSource),
            one_of("rejected_for", RejectionGround),
            rule(
                Q(claimant_name__isnull=False) | Q(source=NoticeSource.IMPORT),
                "claimant_name",
                "A notice says who claims.",
            ),
            rule(Q(urls_named__gte=0, words_count__gte=0), "counts", "Counts are not negative."),
            rule(
                Q(is_complete=True) | ~Q(status__in=NEEDS_ALL_ELEMENTS),
                "complete",
                "A notice that lacks an element of 17 USC 512(c)(3)(A) is not accepted. Ask for what is missing.",
            ),
            rule(
                Q(due_at__isnull=False, status__in=list(NOTICE_CLOCKS))
                | Q(due_at__isnull=True) & ~Q(status__in=list(NOTICE_CLOCKS)),
                "due_at",
                "A clock runs exactly while something has to happen.",
            ),
            rule(
                Q(acted_at__isnull=False) | ~Q(status__in=[*CARRIED_OUT, NoticeStatus.RESTORED]),
                "acted_at",
                "A notice that was carried out says when.",
            ),
            rule(
                Q(acted_at__isnull=True) | Q(acted_at__gte=F("received_at")),
                "order",
                "A notice is carried out after it was received.",
            ),
            rule(
                Q(rejected_for__isnull=False, status=NoticeStatus.REJECTED)
                | Q(rejected_for__isnull=True) & ~Q(status=NoticeStatus.REJECTED),
                "ground",
                "A rejected notice says on which ground, and no other one does.",
            ),
            *policies(*READERS, command="select", using=ALL),
            # 512(g)(2)(A): the subscriber is told, and needs to know who claims in order to answer.
            Policy(role=Role.PERFORMER, command="select", using=f"acted_at IS NOT NULL AND {ABOUT_ME}"),
            *policies(*HANDLERS, command="insert", check="source <> 'import'"),
            *policies(*HANDLERS, command="update", using=NOT_ABOUT_ME),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="%(app_label)s_%(class)s_due_idx",
                serves="docs/queries/takedowns_overdue.sql: what is due, the longest overdue first",
            ),
            BTree(
                fields=["id"],
                condition=Q(due_at__isnull=False),
                name="%(app_label)s_%(class)s_waiting_idx",
                serves="docs/queries/takedowns_waiting.sql: the queue, the oldest first",
            ),
            BTree(
                fields=["status", "-id"],
                serves="Take-down notices of the back office, filtered by status, newest first",
            ),
            BTree(
                fields=["claimant_organisation", "-id"],
                condition=~Q(claimant_organisation=""),
                name="%(app_label)s_%(class)s_organisation_idx",
                serves="Take-down notices of the back office, searched by the name of an organisation",
            ),
            Gin(
                fields=["performer_ids"],
                serves="What a performer reads: notices about her; its policy asks by this list",
            ),
        ]
        triggers = [
            Immutable("reference", "source", "source_reference", "received_at", "urls_named", "words_count"),
            BeginsAlone(),
            StampsMove(),
            WholeOrNot(),
            RecordsMoves("audit_takedowntransition", "notice_id"),
        ]

    def __str__(self) -> str:
        return self.reference
