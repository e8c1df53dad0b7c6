"""Signing in by an identity provider: linking, unlinking, use."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.announcements import identity_linked, identity_unlinked
from accounts.choices import IdentityProvider
from accounts.errors import LinkRefused
from accounts.models import IdentityProviderLink, User, UserPassword
from core.db.locking import locked
from core.db.refusals import refused_as


@transaction.atomic
def identity_link(
    *, user_id: UUID, provider: IdentityProvider | str, subject: str, actor: User | None
) -> IdentityProviderLink:
    """Let a person sign in with this account of a provider, which has just vouched for them.

    The caller acts as the person; the same link a second time changes nothing. Raises: LinkRefused (the subject belongs
    to somebody else, another account of the provider is linked). Announces: `identity_linked` unless nothing changed.
    """
    provider = IdentityProvider(provider)
    present = IdentityProviderLink.objects.filter(user_id=user_id, provider=provider).first()
    if present is not None and present.subject == subject:
        return present
    if present is not None:
        raise LinkRefused(f"Another account of {provider.label} is linked. Unlink that one first.")
    link = IdentityProviderLink(user_id=user_id, provider=provider, subject=subject)
    # Row-level security hides the links of others: who has the subject is not told, only that somebody has it.
    with refused_as(LinkRefused):
        link.save(force_insert=True)
    identity_linked.send(
        sender=IdentityProviderLink,
        actor=actor,
        subject=User.objects.get(pk=user_id),
        detail={"provider": provider.value},
    )
    return link


@transaction.atomic
def identity_unlink(*, identity_provider_link_id: UUID, actor: User | None) -> None:
    """Forget a link. Locks: the person. Raises: LinkRefused (no such link, or the only way to sign in).

    Announces: `identity_unlinked`.
    """
    link = IdentityProviderLink.objects.filter(pk=identity_provider_link_id).first()
    if link is None:
        raise LinkRefused("This account of the provider is not linked any more.")
    user = locked(User, link.user_id)
    others = IdentityProviderLink.objects.filter(user=user).exclude(pk=link.pk)
    if not others.exists() and not UserPassword.objects.filter(user=user).exists():
        raise LinkRefused(
            f"{link.get_provider_display()} is the only way to sign in. Set a password or link another provider first."
        )
    with refused_as(LinkRefused):
        link.delete()
    identity_unlinked.send(
        sender=IdentityProviderLink, actor=actor, subject=user, detail={"provider": link.provider}
    )


def identity_find(*, provider: IdentityProvider | str, subject: str) -> User | None:
    """The person to whom this account of a provider belongs; None: nobody has it.

    Runs as the login role, before anybody has signed in. Raises: LinkRefused (the subject is no text).
    """
    with refused_as(LinkRefused):
        link = (
            IdentityProviderLink.objects.select_related("user")
            .filter(provider=IdentityProvider(provider), subject=subject)
            .first()
        )
    return None if link is None else link.user


@transaction.atomic
def identity_used(*, user: User, provider: IdentityProvider | str) -> None:
    """Note that a person has signed in with a provider. Runs as the login role in the name of the person."""
    IdentityProviderLink.objects.filter(user=user, provider=IdentityProvider(provider)).update(
        last_used_at=timezone.now()
    )
