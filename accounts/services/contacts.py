"""How people can be reached: addresses come and go, are shown to belong to somebody, and are revealed with a reason."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.announcements import contact_added, contact_made_primary, contact_removed
from accounts.choices import ContactKind
from accounts.models import User, UserContact
from accounts.services.addresses import address_check, number_check
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.encryption import Purpose, keys_for
from core.encryption.reveal import Revealed, reveal
from core.errors import Refused


class ContactRefused(Refused):
    """The contact cannot be added or changed like this."""

    code = "contact_refused"


CHECKS = {ContactKind.EMAIL: address_check, ContactKind.PHONE: number_check}
"""What brings an address of each kind into its one spelling, or refuses it."""


@transaction.atomic
def contact_add(*, user: User, kind: ContactKind, value: str, actor: User | None) -> UserContact:
    """Keep an address of a person, encrypted and not yet verified.

    Raises: MalformedAddress, DisposableAddress, MalformedNumber, ContactRefused (the account has it already),
    KeyMissing. Announces: `contact_added`.
    """
    value = CHECKS[kind](value)
    with keys_for(Purpose.STORE, actor=actor, reason="contact_add"), refused_as(ContactRefused):
        contact = UserContact.objects.create(user=user, kind=kind, value=value)
    contact_added.send(sender=UserContact, actor=actor, subject=contact, detail={"kind": kind.value})
    return contact


@transaction.atomic
def contact_make_primary(*, contact_id: UUID, actor: User | None) -> UserContact:
    """Write to this address from now on.

    Locks: the contact. Raises: ContactRefused (not verified), NotThere. Announces: `contact_made_primary`.
    """
    contact = locked(UserContact, contact_id)
    if contact.verified_at is None:
        raise ContactRefused("Only a verified contact can be the primary one. Verify it first.")
    same_kind = UserContact.objects.filter(user_id=contact.user_id, kind=contact.kind)
    same_kind.filter(is_primary=True).exclude(pk=contact.pk).update(is_primary=False)
    same_kind.filter(pk=contact.pk).update(is_primary=True)
    contact.is_primary = True
    contact_made_primary.send(sender=UserContact, actor=actor, subject=contact, changed=("is_primary",))
    return contact


@transaction.atomic
def contact_remove(*, contact_id: UUID, actor: User | None, reason: str = "") -> None:
    """Forget an address, whatever was tried to verify it included.

    Locks: the contact. Raises: ContactRefused (the primary one while there are others), NotThere. Announces:
    `contact_removed`.
    """
    contact = locked(UserContact, contact_id)
    others = UserContact.objects.filter(user_id=contact.user_id, kind=contact.kind).exclude(pk=contact.pk)
    if contact.is_primary and others.verified().exists():
        raise ContactRefused("This is the primary contact. Make another one primary first.")
    contact_removed.send(
        sender=UserContact, actor=actor, subject=contact, reason=reason, detail={"kind": contact.kind}
    )
    contact.delete()


def contact_reveal(*, contact_id: UUID, actor: User, reason: str, case_reference: str = "") -> Revealed:
    """Decrypt one address for a member of staff, recorded and once.

    Raises: NotThere, RevealRefused, KeyMissing. Announces: `data_revealed`.
    """
    contact = UserContact.objects.select_related("user").filter(pk=contact_id).first()
    if contact is None:
        raise NotThere("There is no such contact, or your role may not see it.")
    return reveal(
        subject=contact,
        fields=["value"],
        person_id=contact.user_id,
        actor=actor,
        reason=reason,
        case_reference=case_reference,
    )


def person_reached_at(value: str) -> UUID | None:
    """The id of the person whose verified e-mail address this is, or None. For signing in, as the login role."""
    digests = UserContact._meta.get_field("value_index").digests(value)  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_person_reached(%s, %s)", [ContactKind.EMAIL.value, digests])
        (user_id,) = cursor.fetchone()
    return None if user_id is None else UUID(str(user_id))


def mark_verified(contact: UserContact) -> None:
    """Note that the person is reached there; the first of its kind becomes the primary one.

    Raises ContactRefused when another account has shown the same meanwhile.
    """
    first = not UserContact.objects.filter(
        user_id=contact.user_id, kind=contact.kind, is_primary=True
    ).exists()
    contact.verified_at, contact.is_primary = timezone.now(), first
    with refused_as(ContactRefused):
        UserContact.objects.filter(pk=contact.pk).update(verified_at=contact.verified_at, is_primary=first)


@transaction.atomic
def contacts_import(*, addresses: Mapping[UUID, str]) -> int:
    """Keep many verified primary e-mail addresses at once, by the id of their person; returns how many are new.

    Runs as the worker, for people who showed elsewhere that the addresses are theirs. People who have a primary e-mail
    address keep it. Raises: MalformedAddress, DisposableAddress, `IntegrityError` when an address belongs to somebody
    else: nothing of the batch is written then. Announces: `contact_added`.
    """
    known = UserContact.objects.filter(user_id__in=addresses, kind=ContactKind.EMAIL, is_primary=True)
    fresh = addresses.keys() - set(known.values_list("user_id", flat=True))
    now = timezone.now()
    with keys_for(Purpose.STORE, actor=None, reason="contacts_import"):
        contacts = UserContact.objects.bulk_create(
            [
                UserContact(
                    user=user,
                    kind=ContactKind.EMAIL,
                    value=address_check(addresses[user.pk]),
                    verified_at=now,
                    is_primary=True,
                )
                for user in User.objects.filter(pk__in=fresh).order_by("pk")
            ],
            batch_size=500,
        )
    for contact in contacts:
        contact_added.send(sender=UserContact, actor=None, subject=contact, detail={"kind": contact.kind})
    return len(contacts)
