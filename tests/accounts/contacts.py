"""Contacts for tests: added by the service, as the person themselves."""

from typing import Any

from django.utils import timezone

from accounts.choices import ContactKind
from accounts.models import User, UserContact
from accounts.services.contacts import contact_add
from core.db.context import acting
from core.db.roles import Role

ADDRESS = "Anna.Example@example.org"
NUMBER = "+44 20 7946 0958"


def add(user: User, value: str = ADDRESS, kind: ContactKind = ContactKind.EMAIL, **state: Any) -> UserContact:
    """A contact of `user`; `state` is written as the owner, past the services."""
    with acting(Role.VIEWER, user_id=user.pk):
        contact = contact_add(user=user, kind=kind, value=value, actor=user)
    if state:
        UserContact.objects.filter(pk=contact.pk).update(**state)
        contact.refresh_from_db()
    return contact


def verified(user: User, value: str = ADDRESS, kind: ContactKind = ContactKind.EMAIL) -> UserContact:
    """A verified, primary contact."""
    return add(user, value, kind, verified_at=timezone.now(), is_primary=True)
