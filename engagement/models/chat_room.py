"""Rooms: the conversation beside a stream, and what it demands of those who write."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.db.constraints import no_overlap, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import ACTING_ROLES, Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import EffectiveDated, Versioned, Volume
from engagement.chat_choices import RoomModeKind, RoomStatus
from engagement.chat_policies import MODERATES, STAFF_MODERATORS
from engagement.chat_triggers import CloseIsNotShow
from streams.triggers import TakesPerformer

LONGEST_SLOW = 3600
LONGEST_FOLLOW = 90 * 24 * 3600
NOT_MINE = f"performer_id IS DISTINCT FROM {ME}"


class ChatRoom(Versioned):  # type: ignore[django-manager-missing]
    """One row per stream: the room in which people write while they watch.

    Written by `engagement.services.rooms`. The performer opens and closes it; staff hide it by a decision, and then
    nobody writes or reads until the decision is undone.
    """

    volume, retention = Volume.LARGE, "with its stream"
    held_by = HeldBy(person=("performer",), stream=("stream",))

    stream = models.OneToOneField(
        "streams.Stream",
        models.PROTECT,
        related_name="chat_room",
        db_comment="The stream beside which it is.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="chat_rooms",
        db_comment="Whose room it is; taken from the stream.",
    )
    status = models.TextField(
        choices=RoomStatus, default=RoomStatus.OPEN, db_comment="Whether people can write in it."
    )
    hidden_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="Since when staff hide it by a decision (UTC); null: they do not.",
    )

    status_machine = StateMachine(
        RoomStatus,
        initial=[RoomStatus.OPEN],
        moves={RoomStatus.OPEN: [RoomStatus.CLOSED], RoomStatus.CLOSED: [RoomStatus.OPEN]},
    )

    class Meta:
        db_table_comment = "One row per stream: the room beside it. Written by engagement.services.rooms."
        permissions = [("moderate_chatroom", "Can change modes of rooms, ban from rooms and remove messages")]
        constraints = [
            *policies(*ACTING_ROLES, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="performer_id IS NOT NULL"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="update", using="performer_id IS NOT NULL"),
            *policies(*STAFF_MODERATORS, command="update", using=NOT_MINE),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="A performer's page: her rooms, newest first"),
            BTree(
                fields=["hidden_at"],
                condition=Q(hidden_at__isnull=False),
                serves="engagement_hidden_rooms: what people do not read; the room of rooms, those that are hidden",
            ),
        ]
        triggers = [Immutable("stream", "performer"), TakesPerformer("stream"), CloseIsNotShow()]

    def __str__(self) -> str:
        return f"Room of {self.stream}"

    @property
    def trail_name(self) -> str:
        """The room without the title of its stream, which an erasure destroys."""
        return f"room {self.pk}"


class RoomMode(EffectiveDated):
    """One row per demand of a room, from when until when.

    Written by `engagement.services.rooms`; a trigger of the messages obeys it. The performer, her moderators and VIPs
    are free of all but `emote_only`, from which VIPs are not.
    """

    volume, retention = Volume.LARGE, "90 days after its end"
    over = Over("upper({row}.valid)")
    held_by = HeldBy(person=("performer",))

    room = models.ForeignKey(
        "engagement.ChatRoom",
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="modes",
        db_comment="The room that demands it.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="room_modes",
        db_comment="Whose room it is; taken from the room.",
    )
    kind = models.TextField(choices=RoomModeKind, db_comment="What is demanded.")
    seconds = models.IntegerField(
        null=True,
        blank=True,
        db_comment=(
            "Slow: least seconds between two messages of a person. Followers only: least seconds of following. "
            "Null: another kind of mode."
        ),
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="room_modes_set",
        db_comment="Who set it; null: the system.",
    )

    class Meta:
        db_table_comment = (
            "One row per demand of a room on those who write, dated. Written by engagement.services.rooms. "
            "Kept 90 days after its end."
        )
        constraints = [
            one_of("kind", RoomModeKind),
            rule(
                Q(kind=RoomModeKind.SLOW, seconds__isnull=False, seconds__gte=1, seconds__lte=LONGEST_SLOW)
                | Q(
                    kind=RoomModeKind.FOLLOWERS_ONLY,
                    seconds__isnull=False,
                    seconds__gte=0,
                    seconds__lte=LONGEST_FOLLOW,
                )
                | Q(
                    kind__in=(RoomModeKind.SUBSCRIBERS_ONLY, RoomModeKind.EMOTE_ONLY),
                    seconds__isnull=True,
                ),
                "seconds",
                "Slow takes 1 second to an hour, followers only 0 seconds to 90 days, the others take none.",
            ),
            no_overlap(
                "room",
                "kind",
                during="valid",
                message="The room has a mode of this kind at that time already.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(
                Role.VIEWER, Role.PERFORMER, command="insert", check=f"set_by_id = {ME} AND {MODERATES}"
            ),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=MODERATES),
            *policies(*STAFF_MODERATORS, command="insert", check=f"set_by_id = {ME} AND {NOT_MINE}"),
            *policies(*STAFF_MODERATORS, command="update", using=NOT_MINE),
        ]
        triggers = [Immutable("room", "performer", "kind", "seconds", "set_by"), TakesPerformer("room")]

    def __str__(self) -> str:
        return self.get_kind_display()
