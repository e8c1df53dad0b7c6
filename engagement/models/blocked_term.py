"""Terms that are not written in rooms, and messages that wait because of them."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from accounts.legal_triggers import PeriodOnlyEnds
from core.db.constraints import TABLE, length_between, matches, one_of, rule
from core.db.holds import HeldBy, NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line
from core.db.triggers import Immutable
from core.models import EffectiveDated, Versioned, Volume
from engagement.chat_choices import HeldStatus, HoldReason, TermAction
from engagement.chat_policies import CHAT_READERS, MODERATES, PEOPLE, STAFF_MODERATORS
from streams.triggers import TakesPerformer

LONGEST_TERM = 80


def _once(name: str, *targets: str, when: Q) -> ExclusionConstraint:
    """A term is blocked once at a time in one scope."""
    return ExclusionConstraint(
        name=f"{TABLE}_{name}_valid_excl",
        expressions=[
            ("folded", RangeOperators.EQUAL),
            *((target, RangeOperators.EQUAL) for target in targets),
            ("valid", RangeOperators.OVERLAPS),
        ],
        condition=when,
        violation_error_message="This term is blocked there at that time already.",
    )


class BlockedTerm(EffectiveDated):
    """One row per term that holds or refuses messages: everywhere, in the rooms of a performer, or in one room.

    Compared by `folded`, which `engagement.automoderation.fold` makes of the term. Written by
    `engagement.services.blocked_terms`.
    """

    volume, retention = Volume.LARGE, "90 days after its end"
    over = Over("upper({row}.valid)")
    held_by = NotHeld("It is a word in a list, of nobody.")

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="blocked_terms",
        db_comment="In whose rooms; null: on the whole platform.",
    )
    room = models.ForeignKey(
        "engagement.ChatRoom",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="blocked_terms",
        db_comment="In which room; null: in all of the performer's, or on the platform.",
    )
    term = models.TextField(db_comment="The term as somebody wrote it.")
    folded = models.TextField(
        db_comment="The term as messages are compared with it: small letters, no marks."
    )
    action = models.TextField(
        choices=TermAction, default=TermAction.HOLD, db_comment="What becomes of a message with it."
    )
    language = models.TextField(
        blank=True, default="", db_comment="Language of the term, ISO 639 code; empty: any."
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="blocked_terms_added",
        db_comment="Who added it; null: an import.",
    )

    class Meta:
        db_table_comment = (
            "One row per term that holds or refuses messages, by room, performer or platform, dated. Written by "
            "engagement.services.blocked_terms. Kept 90 days after its end."
        )
        permissions = [("keep_blockedterm", "Can add and end blocked terms of the platform")]
        constraints = [
            *line("term", LONGEST_TERM),
            length_between("folded", 1, LONGEST_TERM * 2),
            one_of("action", TermAction),
            matches(
                "language", "^([a-z]{2,3})?$", "A language is an ISO 639 code of two or three small letters."
            ),
            rule(
                Q(room__isnull=True) | Q(performer__isnull=False),
                "room",
                "A term of a room is of its performer's too.",
            ),
            _once("platform", when=Q(performer__isnull=True)),
            _once("performer", "performer", when=Q(performer__isnull=False, room__isnull=True)),
            _once("room", "room", when=Q(room__isnull=False)),
            *policies(*CHAT_READERS, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=MODERATES),
            *policies(*PEOPLE, command="insert", check=f"added_by_id = {ME} AND {MODERATES}"),
            *policies(*PEOPLE, command="update", using=MODERATES),
            *policies(*STAFF_MODERATORS, command="insert", check=f"added_by_id = {ME}"),
            *policies(*STAFF_MODERATORS, command="update", using=f"performer_id IS DISTINCT FROM {ME}"),
            Policy(role=Role.WORKER, command="insert", check="added_by_id IS NULL"),
        ]
        indexes = [
            BTree(
                fields=["folded"],
                serves="engagement_blocked_terms_in: which of the terms that a message may contain are blocked",
            ),
            BTree(
                fields=["performer", "-id"],
                condition=Q(performer__isnull=False),
                serves="A performer's own terms, newest first",
            ),
        ]
        triggers = [
            Immutable("performer", "room", "term", "folded", "language", "added_by"),
            PeriodOnlyEnds(),
            TakesPerformer("room"),
        ]

    def __str__(self) -> str:
        return self.term


class HeldMessage(Versioned):
    """One row per message that was held: why, and what somebody decided.

    Written by the function `engagement_message_hold`, which the sender's own transaction calls, and by
    `engagement.services.held_messages`.
    """

    volume, retention = Volume.LARGE, "90 days"
    over = Over()
    held_by = HeldBy(person=("sender",))

    message = models.OneToOneField(
        "engagement.ChatMessage",
        models.PROTECT,
        db_constraint=False,
        related_name="held",
        db_comment="The message; it may have left with its partition.",
    )
    room = models.ForeignKey(
        "engagement.ChatRoom",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="held_messages",
        db_comment="The room in which it waits.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="held_messages",
        db_comment="Whose room it is.",
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="held_messages",
        db_comment="Who wrote it.",
    )
    reason = not_personal(models.TextField(choices=HoldReason, db_comment="Why it was held."))
    term = models.ForeignKey(
        "engagement.BlockedTerm",
        models.PROTECT,
        related_name="held_messages",
        db_comment="The blocked term that it contains.",
    )
    matched = personal(
        models.TextField(db_comment="The part of the message that matched, as it was written.")
    )
    status = models.TextField(
        choices=HeldStatus, default=HeldStatus.PENDING, db_comment="What became of it; moves are enforced."
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="held_messages_decided",
        db_comment="Who approved or refused it; null: nobody yet, or its time ran out.",
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was decided or expired (UTC); null: it waits."
    )
    expires_at = models.DateTimeField(
        db_comment="When it is refused because nobody decided (UTC): a line that appears a day later serves nobody."
    )

    status_machine = StateMachine(
        HeldStatus,
        initial=[HeldStatus.PENDING],
        moves={HeldStatus.PENDING: [HeldStatus.APPROVED, HeldStatus.REFUSED, HeldStatus.EXPIRED]},
    )

    class Meta:
        db_table_comment = (
            "One row per message that automatic moderation held, and what was decided. Written by "
            "engagement_message_hold and engagement.services.held_messages. Kept 90 days."
        )
        permissions = [("decide_heldmessage", "Can approve and refuse held messages")]
        constraints = [
            one_of("reason", HoldReason),
            length_between("matched", 1, 500),
            rule(
                Q(status=HeldStatus.PENDING, decided_at__isnull=True, decided_by__isnull=True)
                | Q(status=HeldStatus.EXPIRED, decided_at__isnull=False, decided_by__isnull=True)
                | Q(
                    status__in=(HeldStatus.APPROVED, HeldStatus.REFUSED),
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
                "decided",
                "What was decided says when and by whom.",
            ),
            rule(
                Q(decided_by__isnull=True) | ~Q(decided_by=models.F("sender")),
                "decided_by",
                "Nobody decides about their own message.",
            ),
            *policies(*CHAT_READERS, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=MODERATES),
            *policies(*PEOPLE, command="update", using=f"sender_id <> {ME} AND {MODERATES}"),
            *policies(*STAFF_MODERATORS, command="update", using=f"sender_id <> {ME}"),
            Policy(
                role=Role.WORKER, command="update", using="decided_at IS NULL", check="status = 'expired'"
            ),
        ]
        indexes = [
            BTree(
                fields=["id"],
                condition=Q(status="pending"),
                name="%(app_label)s_%(class)s_pending_idx",
                serves="docs/queries/held_queue.sql: what waits on the platform, longest first",
            ),
            BTree(
                fields=["expires_at"],
                condition=Q(status="pending"),
                name="%(app_label)s_%(class)s_expiring_idx",
                serves="engagement.services.held_messages: what expires now",
            ),
            BTree(fields=["room", "id"], serves="A room's page: what waits in it"),
        ]
        triggers = [
            Immutable("message", "room", "performer", "sender", "reason", "term", "matched", "expires_at"),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()

    @property
    def trail_name(self) -> str:
        """The row without the words of the message."""
        return f"held message {self.message_id}"
