"""Accounts at identity providers with which people sign in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import IdentityProvider
from accounts.erasure_triggers import RefuseErasedPerson
from accounts.link_triggers import KeepOneWayIn
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume


class IdentityProviderLink(Entity):
    """One row per provider with which a person signs in; unlinking deletes it, and the trail keeps that it was.

    Written by `accounts.services.identity_provider_links`. A subject belongs to one person, and nobody takes it over.
    """

    volume, retention = Volume.LARGE, "until it is unlinked or the account is erased"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The unique rule's index leads with it.
        db_index=False,
        related_name="identity_provider_links",
        db_comment="Who signs in with it.",
    )
    provider = models.TextField(choices=IdentityProvider, db_comment="Who vouches for the person.")
    subject = personal(
        models.TextField(
            db_comment="The provider's identifier of the person (claim sub of OpenID Connect Core 1.0)."
        )
    )
    last_used_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the person last signed in with it (UTC); null: never."
    )

    class Meta:
        verbose_name = "identity provider link"
        db_table_comment = (
            "One row per identity provider with which a person signs in. Written by "
            "accounts.services.identity_provider_links. Deleted when unlinked and on the account's erasure."
        )
        constraints = [
            one_of("provider", IdentityProvider),
            # OpenID Connect Core 1.0, section 2: at most 255 characters.
            length_between("subject", 1, 255),
            unique(
                "provider", "subject", message="This account of the provider belongs to somebody already."
            ),
            unique("user", "provider", message="An account of this provider is linked already."),
            rule(
                Q(last_used_at__isnull=True) | Q(last_used_at__gte=models.F("created_at")),
                "last_used_at",
                "A link is used after it was made.",
            ),
            Policy(role=Role.APP, command="select", using=ALL),
            Policy(role=Role.APP, command="update", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="delete", using=f"user_id = {ME}"),
        ]
        triggers = [Immutable("user", "provider", "subject"), RefuseErasedPerson(), KeepOneWayIn()]

    def __str__(self) -> str:
        return f"{self.get_provider_display()}: {self.user_id}"
