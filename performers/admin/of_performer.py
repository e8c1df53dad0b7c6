"""Rows of a performer: found by name on the web or id, leading to the person's page."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.links import person_url
from core.admin.filters import exact
from performers.models import PerformerProfile
from performers.models.performer_profile import LONGEST_SLUG


def performer_named(text: str) -> UUID:
    """The id of the performer with this slug or id. Raises ValidationError with a sentence."""
    try:
        return UUID(text)
    except ValueError:
        pass
    slug = text.strip().lower()
    found = (
        PerformerProfile.objects.filter(slug=slug).values_list("pk", flat=True).first()
        if len(slug) <= LONGEST_SLUG and "\x00" not in slug
        else None
    )
    if found is None:
        raise ValidationError("No performer has this slug or id.")
    return found


PerformerFilter = exact(
    "performer",
    "performer",
    find=lambda text: Q(performer_id=performer_named(text)),
    help="The name in the address of the profile, or an id.",
)


def performer_link(performer: Any) -> SafeString:
    """The stage name of a performer, leading to the person's page."""
    return format_html('<a href="{}">{}</a>', person_url(performer.pk), performer)


def list_of_performer(model: str) -> Any:
    """A function from a performer to the list of a model, filtered: `list_of_performer("timeoff")`."""
    return lambda performer: f"{reverse(f'admin:performers_{model}_changelist')}?performer={performer.pk}"


def page_of(model: str) -> Any:
    """A function from a row to its page."""
    return lambda row: reverse(f"admin:performers_{model}_change", args=[row.pk])
