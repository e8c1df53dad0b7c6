"""How people can be reached."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import ContactKind
from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.encryption import BlindIndexedQuerySet, BlindIndexField, EncryptedTextField
from core.models import Versioned, Volume

FINDERS = (Role.SUPPORT, Role.COMPLIANCE, Role.ADMINISTRATOR)
"""Who finds a person by an exact address, and may reveal one with a reason."""


def spelling(value: str) -> str:
    """The spelling by which contacts are equal: letter case and surrounding space aside."""
    return value.strip().casefold()


class UserContactQuerySet(BlindIndexedQuerySet):
    """Reads of contacts; values are found by their blind index, never by decrypting."""

    def verified(self) -> Self:
        """Those whose owner has shown that they can be reached there."""
        return self.filter(verified_at__isnull=False)

    def reaching(self, value: str) -> Self:
        """The contacts with exactly this address or number, letter case aside."""
        return self.filter(value_index=value)


class UserContact(Versioned):
    """One row per e-mail address or telephone number of a person.

    Written by `accounts.services.contacts`. The value is encrypted; whoever may read the row sees that there is an
    address, and reads it only by `accounts.services.contacts.contact_reveal`.
    """

    volume, retention = Volume.LARGE, "while the account lives; deleted with the contact or on erasure"
    held_by = HeldBy(person=("user",), keeps=("value", "value_index"))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="contacts",
        db_comment="Whom one reaches there.",
    )
    kind = models.TextField(choices=ContactKind, db_comment="Which kind of address.")
    value = EncryptedTextField(
        verbose_name="address",
        db_comment="The address: an e-mail address with its domain in lower case, a number in E.164.",
    )
    value_index = BlindIndexField(
        "value",
        context="accounts_usercontact.value",
        normalise=spelling,
        db_comment="Blind index of the address, letter case aside: finds it without decrypting.",
    )
    verified_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When the person showed that they are reached there (UTC); null: not yet.",
    )
    is_primary = not_personal(
        models.BooleanField(
            default=False, db_comment="Whether this is the address of its kind that we write to."
        )
    )

    objects: ClassVar[Any] = UserContactQuerySet.as_manager()

    class Meta:
        verbose_name = "contact"
        db_table_comment = (
            "One row per e-mail address or telephone number of a person, encrypted. Written by "
            "accounts.services.contacts. Deleted with the contact, or when the person is erased."
        )
        permissions = [("reveal_usercontact", "Can reveal contacts, with a reason")]
        constraints = [
            one_of("kind", ContactKind),
            unique("user", "kind", "value_index", message="The account has this contact already."),
            # An address that nobody has shown to be theirs bars nobody else from it.
            unique(
                "kind",
                "value_index",
                when=Q(verified_at__isnull=False),
                name="verified",
                message="This address belongs to another account.",
            ),
            unique(
                "user",
                "kind",
                when=Q(is_primary=True),
                name="primary",
                message="The account has another primary contact of this kind.",
            ),
            rule(
                Q(is_primary=False) | Q(verified_at__isnull=False),
                "is_primary",
                "Only a verified contact can be the primary one.",
            ),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"user_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="delete", using=f"user_id = {ME}"),
            *policies(*FINDERS, Role.AUDITOR, command="select", using=ALL),
            Policy(role=Role.COMPLIANCE, command="update", using=f"user_id IS DISTINCT FROM {ME}"),
            Policy(role=Role.COMPLIANCE, command="delete", using=f"user_id IS DISTINCT FROM {ME}"),
            Policy(role=Role.ADMINISTRATOR, command="insert", check=f"user_id IS DISTINCT FROM {ME}"),
            *policies(Role.WORKER, command="select", using=ALL),
            # In nobody's name, or in that of the very person.
            Policy(role=Role.WORKER, command="insert", check=f"{ME} IS NULL OR user_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["kind", "value_index"],
                serves="accounts.admin.search and the list of contacts: by exact address, verified or not",
            ),
        ]
        triggers = [Immutable("user", "kind"), RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.user}"

    @property
    def trail_name(self) -> str:
        """What the trail calls it: by its id, so that no handle stays there when the person is erased."""
        return f"{self._meta.verbose_name} {self.pk}"
