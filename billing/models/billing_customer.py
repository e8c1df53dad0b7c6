"""Who a person is to a payment provider, where they live for taxes, and what they agreed to."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.payment_choices import MandateStatus
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, matches, rule, unique
from core.db.holds import HeldBy
from core.db.privacy import not_personal, personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.encryption import EncryptedTextField
from core.models import Entity, Volume


class BillingCustomer(Entity):
    """One row per person and account at a provider: the provider's name for the person.

    Written by `billing.services.payment_methods`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="billing_customers",
        db_comment="Whose name it is.",
    )
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="customers",
        db_comment="At which account with a provider.",
    )
    reference = personal(models.TextField(db_comment="The provider's name for the person, as cus_N1."))

    class Meta:
        db_table_comment = (
            "One row per person and account at a provider. Written by billing.services.payment_methods. "
            "Kept 10 years."
        )
        constraints = [
            length_between("reference", 1, 255),
            unique(
                "provider_account", "reference", message="The provider has this name for somebody already."
            ),
            unique("user", "provider_account", message="The person has a name at this provider already."),
            *payment_policies(own="user_id", update=False),
        ]
        triggers = [Immutable("user", "provider_account", "reference"), RefuseErasedPerson()]

    def __str__(self) -> str:
        return self.reference


class BillingAddress(Entity):
    """One row per address that a person gave for bills. Changed by adding another one.

    Name, street and town are encrypted. Country and the beginning of the postal code stay readable: taxes need them.
    Written by `billing.services.payment_methods`.
    """

    volume, retention = Volume.LARGE, "10 years; emptied on erasure but for the country"
    held_by = HeldBy(person=("user",), keeps=("name", "street", "town", "postal_code"))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="billing_addresses",
        db_comment="Whose address it is.",
    )
    name = EncryptedTextField(null=True, db_comment="Name on the bill; null once erased.")
    street = EncryptedTextField(null=True, db_comment="Street and number; null once erased.")
    town = EncryptedTextField(null=True, db_comment="Town and region; null once erased.")
    postal_code = EncryptedTextField(null=True, db_comment="Whole postal code; null: none, or erased.")
    country = personal(models.TextField(db_comment="Country, ISO 3166-1 alpha-2; decides the tax."))
    postal_prefix = personal(
        models.TextField(
            blank=True, default="", db_comment="First three signs of the postal code, for regions with a tax."
        )
    )

    class Meta:
        db_table_comment = (
            "One row per address that a person gave for bills, encrypted but for what taxes need. "
            "Written by billing.services.payment_methods. Kept 10 years."
        )
        constraints = [
            matches("country", "^[A-Z]{2}$", "A country is written as two capital letters."),
            matches(
                "postal_prefix", "^[0-9A-Z]{0,3}$", "At most three signs of a postal code stay readable."
            ),
            *payment_policies(own="user_id"),
        ]
        triggers = [Immutable("user", "country"), RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"{self.country} {self.postal_prefix}".strip()


class Mandate(Entity):
    """One row per agreement by which we may charge somebody later, as SEPA and the rules of card schemes ask.

    Written by `billing.services.payment_methods`.
    """

    volume, retention = Volume.LARGE, "10 years after its end"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="mandates",
        db_comment="Who agreed.",
    )
    payment_method = models.ForeignKey(
        "billing.PaymentMethod",
        models.PROTECT,
        related_name="mandates",
        db_comment="What may be charged.",
    )
    reference = not_personal(
        models.TextField(db_comment="Reference of the mandate, as the payer's bank shows it.")
    )
    wording = not_personal(models.TextField(db_comment="Version of the text that was agreed to."))
    agreed_at = models.DateTimeField(db_comment="When the person agreed (UTC).")
    status = models.TextField(
        choices=MandateStatus, default=MandateStatus.ACTIVE, db_comment="Whether it holds."
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was revoked (UTC); null while it holds."
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        MandateStatus,
        initial=[MandateStatus.ACTIVE],
        moves={MandateStatus.ACTIVE: [MandateStatus.REVOKED]},
    )

    class Meta:
        db_table_comment = (
            "One row per agreement by which we may charge somebody later. "
            "Written by billing.services.payment_methods. Kept 10 years after its end."
        )
        constraints = [
            length_between("reference", 1, 35),
            length_between("wording", 1, 60),
            rule(
                Q(status=MandateStatus.ACTIVE, revoked_at__isnull=True)
                | Q(status=MandateStatus.REVOKED, revoked_at__isnull=False),
                "revoked_at",
                "A mandate has a time of revocation when it is revoked.",
            ),
            unique("reference", message="There is a mandate with this reference."),
            *payment_policies(own="user_id"),
        ]
        triggers: ClassVar[Any] = [
            Immutable("user", "payment_method", "reference", "wording", "agreed_at"),
            RefuseErasedPerson(),
        ]

    def __str__(self) -> str:
        return self.reference
