"""Attempts to sign in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import SignInFailure
from accounts.erasure_triggers import GoneOnErasure, RefuseErasedPerson
from core.db.constraints import length_between, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.models import Fact
from core.models.partitioned import Partitioned
from core.models.storage import Volume

READERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.COMPLIANCE,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)


class LoginEvent(Fact, Partitioned):
    """One row per attempt to sign in, successful or not.

    Written only by the function `accounts_login_record` (`accounts.services.login_events`). What was typed as
    handle is not kept where no account has it: people type passwords there.
    """

    volume, retention = Volume.FIREHOSE, "90 days"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        # An index leads with it.
        db_index=False,
        related_name="login_events",
        db_comment="The account that was tried; null: there is none with that handle.",
    )
    succeeded = models.BooleanField(db_comment="Whether the person was let in.")
    failure = models.TextField(
        choices=SignInFailure, null=True, db_comment="Why the person was not let in; null: was let in."
    )
    address = personal(
        models.GenericIPAddressField(null=True, db_comment="Network address; null if unknown.")
    )
    user_agent = personal(
        models.TextField(db_default="", db_comment="What the browser calls itself, cut to 400 characters.")
    )

    partitions = PartitionPlan(every=Every.DAY, ahead=14)

    class Meta:
        db_table_comment = "One row per attempt to sign in. Written by accounts_login_record. Kept 90 days."
        constraints = [
            one_of("failure", SignInFailure),
            rule(
                Q(succeeded=True, failure__isnull=True) | Q(succeeded=False, failure__isnull=False),
                "succeeded",
                "Either the person was let in, or there is a reason why not.",
            ),
            length_between("user_agent", 0, 400),
            *policies(*READERS, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["user", "-id"],
                serves="A person's page and own log-ins; accounts_login_record: recent failures of an account",
            ),
            BTree(
                fields=["address", "-id"],
                serves="accounts_login_record: recent failures from an address; who else came from there",
            ),
        ]
        triggers = [GoneOnErasure("user"), RefuseErasedPerson()]

    def __str__(self) -> str:
        return "Signed in" if self.succeeded else self.get_failure_display()
