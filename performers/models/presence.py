"""What performers are doing now."""

from django.db import models

from core.db.constraints import one_of
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from performers.choices import PresenceState
from performers.models.schedule_series import STAFF_READERS
from performers.schedule_triggers import OnlyWhileVerified


class Presence(Entity):
    """One row per performer who is here: online, in a private show, or away; no row: not here.

    Written by `performers.services.presence`, often, and announced by nobody. Only verified performers have one, so
    everybody may read it; a trigger on profiles takes it away with the status. State and time are indexed by
    nothing, so that a change touches no index.
    """

    volume, retention = Volume.LARGE, "while the performer is here"
    held_by = NotHeld("A state of this minute.")
    quiet_columns = ("state", "since")

    performer = models.OneToOneField(
        "performers.PerformerProfile", models.PROTECT, related_name="presence", db_comment="Who is here."
    )
    state = models.TextField(choices=PresenceState, db_comment="What the performer is doing.")
    since = models.DateTimeField(db_comment="Since when in this state (UTC).")

    class Meta:
        verbose_name = "presence"
        verbose_name_plural = "presences"
        db_table_comment = (
            "One row per performer who is here now. Written by performers.services.presence. "
            "Kept while the performer is here."
        )
        constraints = [
            one_of("state", PresenceState),
            *policies(Role.VIEWER, Role.PERFORMER, *STAFF_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="delete", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="since <= statement_timestamp()"),
            Policy(role=Role.WORKER, command="update", using="since <= statement_timestamp()"),
            Policy(role=Role.WORKER, command="delete", using="since <= statement_timestamp()"),
        ]
        triggers = [Immutable("performer"), OnlyWhileVerified()]

    def __str__(self) -> str:
        return f"{self.performer_id}: {self.get_state_display()}"
