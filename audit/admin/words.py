"""Events in words: who did what to whom."""

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin.filters import user_named
from accounts.admin.links import person_url
from accounts.models import User
from audit.models import Event, SensitiveRead
from core.admin.filters import exact
from core.announcements import announcements
from core.db.roles import Role

SYSTEM = "the system"
ERASED = "erased"


def did(event: Event) -> str:
    """What was done, in the words of its announcement."""
    announcement = announcements.get(event.action)
    return announcement.words if announcement else event.action.replace("_", " ")


def who(event: Event) -> str:
    """The actor's handle at that time if it is kept, else the present one."""
    if event.actor_id is None:
        return SYSTEM
    return (event.label and event.label.actor_label) or str(event.actor)


def subject_words(event: Event | SensitiveRead) -> str:
    """What kind of thing the subject is: user, payout. The stored type where no model has that name any more."""
    try:
        return str(apps.get_model(event.subject_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return event.subject_type


def whom(event: Event) -> str:
    """What the subject was called at that time, else what kind of thing it is."""
    return (event.label and event.label.subject_label) or subject_words(event)


def whom_linked(event: Event) -> Any:
    """`whom`, leading to the person's page where the subject is a person."""
    if event.subject_type != User._meta.label_lower:
        return whom(event)
    return format_html('<a href="{}">{}</a>', person_url(event.subject_id), whom(event))


def role(event: Event) -> str:
    """The role acted in."""
    return Role(event.acting_role).label


def trail_of(user: Any, parameter: str) -> str:
    """The address of the trail narrowed to a person, as `actor` or as `subject`."""
    return f"{reverse('admin:audit_event_changelist')}?{parameter}={user.pk}"


def action_named(text: str) -> Q:
    """The condition that an event is of this action, by its name or its words.

    Raises ValidationError with a sentence.
    """
    folded = text.casefold()
    names = [
        item.action
        for item in announcements.values()
        if folded in (item.action, item.words.casefold(), item.action.replace("_", " "))
    ]
    if not names:
        raise ValidationError(f"No action is called {text}. Try restricted, or restriction_placed.")
    return Q(action__in=names) if len(names) > 1 else Q(action=names[0])


ActorFilter = exact(
    "actor", "who acted", find=lambda text: Q(actor_id=user_named(text)), help="A handle or an id."
)
SubjectFilter = exact(
    "subject",
    "to whom or what",
    find=lambda text: Q(subject_id=user_named(text)),
    help="A handle, or the id of anything.",
)
ActionFilter = exact("action", "action", find=action_named, help="restricted, or restriction_placed.")
