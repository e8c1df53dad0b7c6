"""Streams, archives and viewers as the owner writes them: valid rows, without the services under test."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import AgeAssurance, User
from core.models.identity import uuid7_derived
from performers.models import PerformerProfile
from streams.models import (
    AccessGrant,
    AccessRule,
    Archive,
    ContentLabel,
    Stream,
    StreamCategory,
    StreamLabel,
    StreamTag,
    ViewerCountSample,
)
from tests.accounts.factories import UserFactory, period

WAY_TO_PERFORMER: dict[str, tuple[str, ...]] = {
    "draft": (),
    "verified": ("submitted", "verified"),
    "paused": ("submitted", "verified", "paused"),
    "expired": ("submitted", "verified", "expired"),
    "offboarded": ("submitted", "verified", "offboarded"),
}
WAY_TO_STREAM: dict[str, tuple[str, ...]] = {
    "scheduled": (),
    "starting": ("starting",),
    "live": ("starting", "live"),
    "interrupted": ("starting", "live", "interrupted"),
    "ended": ("starting", "live", "ended"),
}
WAY_TO_ARCHIVE: dict[str, tuple[str, ...]] = {
    "processing": (),
    "pending": ("pending",),
    "approved": ("pending", "approved"),
    "restricted": ("pending", "approved", "restricted"),
    "removed": ("pending", "removed"),
}


def move_performer(profile: PerformerProfile, *steps: str) -> PerformerProfile:
    """Legal moves, with the times that they bring."""
    for step in steps:
        changes: dict[str, Any] = {
            "status": step,
            "submitted_at": timezone.now(),
            "verified_at": timezone.now(),
        }
        if step == "offboarded":
            changes["offboarded_at"] = timezone.now()
        PerformerProfile.objects.filter(pk=profile.pk).update(**changes)
    return PerformerProfile.objects.get(pk=profile.pk)


def performer(stage_name: str = "", *, status: str = "verified", **fields: Any) -> PerformerProfile:
    """A performer with the id of a new person."""
    user = UserFactory()
    slug = re.sub("[^a-z0-9]+", "-", user.handle.lower()).strip("-")
    profile = PerformerProfile.objects.create(
        id=user.pk, user=user, stage_name=stage_name or user.handle, slug=slug, **fields
    )
    return move_performer(profile, *WAY_TO_PERFORMER[status])


def move_stream(stream: Stream, *steps: str) -> Stream:
    """Legal moves, with what they bring."""
    for step in steps:
        changes: dict[str, Any] = {"status": step}
        if step == "starting":
            changes |= {"lease": uuid4(), "last_heartbeat_at": timezone.now()}
        if step == "live" and stream.started_at is None:
            changes["started_at"] = timezone.now() - timedelta(minutes=5)
        if step == "ended":
            changes |= {"lease": None, "ended_at": timezone.now(), "end_reason": "performer"}
        Stream.all_objects.filter(pk=stream.pk).update(**changes)
        stream = Stream.all_objects.get(pk=stream.pk)
    return stream


def stream(owner: PerformerProfile | None = None, *, status: str = "live", **fields: Any) -> Stream:
    """A stream in a state."""
    made = Stream.objects.create(performer=owner or performer(), **{"title": "Evening show", **fields})
    return move_stream(made, *WAY_TO_STREAM[status])


def archive(
    of: Stream | None = None, *, status: str = "approved", published: datetime | None = None, **fields: Any
) -> Archive:
    """An archive in a state; approved ones were published an hour ago unless told otherwise."""
    of = of or stream(status="ended")
    made = Archive.objects.create(
        stream=of, performer_id=of.performer_id, **{"title": "Evening show", **fields}
    )
    for step in WAY_TO_ARCHIVE[status]:
        changes: dict[str, Any] = {"status": step}
        if step == "approved":
            changes["published_at"] = published or timezone.now() - timedelta(hours=1)
        Archive.all_objects.filter(pk=made.pk).update(**changes)
    return Archive.all_objects.get(pk=made.pk)


def of_age(user: User, band: str = "18_20", **fields: Any) -> AgeAssurance:
    """An assurance of age in force."""
    valid = fields.pop("valid", None) or period()
    return AgeAssurance.objects.create(
        user=user,
        method="document",
        outcome="of_age",
        age_band=band,
        provider="Proof of Age Ltd",
        receipt=f"receipt-{user.pk}",
        checked_at=valid.lower,
        valid=valid,
        **fields,
    )


def label(code: str, minimum_age: int = 0) -> ContentLabel:
    """A label of the vocabulary, made where it is missing."""
    found, _ = ContentLabel.objects.get_or_create(
        code=code, defaults={"name": code.replace("_", " "), "minimum_age": minimum_age}
    )
    return found


def labelled(on: Stream, *labels: ContentLabel) -> Stream:
    """The stream with these labels."""
    for one in labels:
        StreamLabel.objects.create(stream=on, performer_id=on.performer_id, label=one, source="self")
    return on


def described(on: Stream, *, category: Any = None, tag: Any = None) -> Stream:
    """The stream in a category, with a tag."""
    if category is not None:
        StreamCategory.objects.create(
            stream=on, performer_id=on.performer_id, category=category, is_primary=True
        )
    if tag is not None:
        StreamTag.objects.create(stream=on, performer_id=on.performer_id, tag=tag)
    return on


def watched(on: Stream, viewers: int, minutes_ago: int = 1) -> None:
    """So many watched it in a minute; the last one counts."""
    minute = (timezone.now() - timedelta(minutes=minutes_ago)).replace(second=0, microsecond=0)
    ViewerCountSample.objects.create(
        id=uuid7_derived(minute, str(on.pk)), stream=on, performer_id=on.performer_id, viewers=viewers
    )


def demand(on: Stream | Archive, kind: str, **values: Any) -> AccessRule:
    """A rule of access."""
    target = {"stream": on} if isinstance(on, Stream) else {"archive": on}
    return AccessRule.objects.create(**target, performer_id=on.performer_id, kind=kind, **values)


def invited(on: Stream | Archive, user: User, **fields: Any) -> AccessGrant:
    """A place on the private list, since yesterday."""
    target = {"stream": on} if isinstance(on, Stream) else {"archive": on}
    return AccessGrant.objects.create(
        **target,
        performer_id=on.performer_id,
        user=user,
        granted_by_id=on.performer_id,
        **{"valid": period(), **fields},
    )
