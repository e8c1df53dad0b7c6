"""Links between the rooms of performers, and the filter by performer."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from core.admin.filters import exact
from performers.models import PerformerProfile


def performer_url(performer_id: UUID) -> str:
    """The page of a performer."""
    return reverse("admin:performers_performerprofile_change", args=[performer_id])


def performer_link(performer: Any) -> SafeString:
    """The stage name of a performer, leading to the performer's page."""
    return format_html('<a href="{}">{}</a>', performer_url(performer.pk), performer)


def performer_named(text: str) -> UUID:
    """The id of the performer with this slug, handle or id. Raises ValidationError with a sentence."""
    try:
        return UUID(text)
    except ValueError:
        pass
    found = (
        PerformerProfile.objects.with_slug(text).values_list("pk", flat=True).first()
        or User.objects.with_handle(text).values_list("pk", flat=True).first()
    )
    if found is None:
        raise ValidationError(f"No performer has the address or handle {text}.")
    return found


PerformerFilter = exact(
    "performer",
    "performer",
    find=lambda text: Q(performer_id=performer_named(text)),
    help="An address (slug), a handle or an id.",
)
