"""Who is what in the rooms of a performer, and who may not write there."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from accounts.legal_triggers import PeriodOnlyEnds
from core.db.constraints import TABLE, length_between, no_overlap, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, Volume
from engagement.chat_choices import RoomRoleKind
from engagement.chat_policies import CHAT_READERS, MODERATES, PEOPLE, STAFF_MODERATORS
from streams.triggers import TakesPerformer


class RoomRole(EffectiveDated):
    """One row per person who is moderator or VIP in the rooms of a performer, from when until when.

    Written by `engagement.services.room_roles`.
    """

    volume, retention = Volume.LARGE, "90 days after its end"
    over = Over("upper({row}.valid)")
    held_by = HeldBy(person=("performer", "person"))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="room_roles",
        db_comment="In whose rooms.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="room_roles",
        db_comment="Who has the role.",
    )
    kind = models.TextField(choices=RoomRoleKind, db_comment="What the person is there.")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="room_roles_granted",
        db_comment="Who granted it; null: an import.",
    )

    class Meta:
        db_table_comment = (
            "One row per person who moderates or is a VIP in a performer's rooms, dated. Written by "
            "engagement.services.room_roles. Kept 90 days after its end."
        )
        constraints = [
            one_of("kind", RoomRoleKind),
            rule(~Q(person=F("performer")), "person", "The performer needs no role in her own rooms."),
            no_overlap(
                "performer",
                "person",
                during="valid",
                message="This person has a role in these rooms at that time already. End that first.",
            ),
            *policies(*CHAT_READERS, Role.SUPPORT, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"person_id = {ME} OR performer_id = {ME}"),
            Policy(
                role=Role.PERFORMER, command="insert", check=f"performer_id = {ME} AND granted_by_id = {ME}"
            ),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="granted_by_id IS NULL"),
            *policies(
                *STAFF_MODERATORS, command="update", using=f"person_id <> {ME} AND performer_id <> {ME}"
            ),
        ]
        indexes = [
            BTree(
                fields=["person", "-id"],
                serves="engagement_moderated_performers: in whose rooms somebody moderates; the person's page",
            ),
        ]
        triggers = [
            Immutable("performer", "person", "kind", "granted_by"),
            PeriodOnlyEnds(),
            RefuseErasedPerson("performer", "person"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in the rooms of {self.performer_id}"


def _once(name: str, *targets: str, when: Q) -> ExclusionConstraint:
    """Nobody is banned twice from the same at a time."""
    return ExclusionConstraint(
        name=f"{TABLE}_{name}_valid_excl",
        expressions=[
            ("person", RangeOperators.EQUAL),
            *((target, RangeOperators.EQUAL) for target in targets),
            ("valid", RangeOperators.OVERLAPS),
        ],
        condition=when,
        violation_error_message="This person is banned from there at that time already.",
    )


class RoomBan(EffectiveDated):
    """One row per person who may not write in one room, or in any room of a performer, from when until when.

    A ban from every room of the platform is a restriction (`accounts.Restriction` of kind chat). Written by
    `engagement.services.room_bans`.
    """

    volume, retention = Volume.LARGE, "13 months after its end"
    over = Over("upper({row}.valid)")
    held_by = HeldBy(person=("performer", "person"))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="room_bans",
        db_comment="From whose rooms.",
    )
    room = models.ForeignKey(
        "engagement.ChatRoom",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bans",
        db_comment="From which room; null: from all of the performer's.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The exclusion constraints' indexes lead with it.
        related_name="room_bans",
        db_comment="Who is banned.",
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who banned."))
    banned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="room_bans_made",
        db_comment="Who banned: the performer, a moderator of hers, or staff.",
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="room_bans_lifted",
        db_comment="Who ended it before its time; null: nobody did.",
    )

    class Meta:
        db_table_comment = (
            "One row per ban from a room or from all rooms of a performer, dated. Written by "
            "engagement.services.room_bans. Kept 13 months after its end."
        )
        constraints = [
            length_between("reason", 3, 500),
            rule(~Q(person=F("performer")), "person", "Nobody is banned from their own rooms."),
            rule(~Q(person=F("banned_by")), "banned_by", "Nobody bans themselves."),
            _once("room", "room", when=Q(room__isnull=False)),
            _once("performer", "performer", when=Q(room__isnull=True)),
            *policies(*CHAT_READERS, Role.SUPPORT, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"person_id = {ME} OR {MODERATES}"),
            *policies(*PEOPLE, command="insert", check=f"banned_by_id = {ME} AND {MODERATES}"),
            *policies(*PEOPLE, command="update", using=f"person_id <> {ME} AND {MODERATES}"),
            *policies(
                *STAFF_MODERATORS, command="insert", check=f"banned_by_id = {ME} AND performer_id <> {ME}"
            ),
            *policies(
                *STAFF_MODERATORS, command="update", using=f"person_id <> {ME} AND performer_id <> {ME}"
            ),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="The performer's page: who is banned, newest first"),
        ]
        triggers = [
            Immutable("performer", "room", "person", "reason", "banned_by"),
            PeriodOnlyEnds(),
            TakesPerformer("room"),
            RefuseErasedPerson("performer", "person"),
        ]

    def __str__(self) -> str:
        return f"Ban of {self.person_id}"
