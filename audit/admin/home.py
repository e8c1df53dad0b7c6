"""What oversight adds to the home pages: what is urgent, what failed, and what one did last."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from audit.access import OPERATORS
from audit.admin import words
from audit.choices import RunOutcome
from audit.models import Event, JobRun, SecurityEvent
from audit.models.trail.readers import AREA_READERS, OVERSEERS
from audit.services.seals import seal_lag
from core.admin.home import HomeCard, RecentAct, register_card, register_recent
from core.admin.sections import Section
from core.db.asking import CountUpTo
from core.db.context import current_role
from core.models.identity import uuid7_floor

RECENT = timedelta(days=7)
READ_WORDS = (*OVERSEERS, *AREA_READERS)


def _since(instant: Any) -> str:
    return f"since={instant:%Y-%m-%d}"


register_card(
    HomeCard(
        section=Section.OVERSIGHT,
        title="Urgent security events",
        roles=OVERSEERS,
        count=lambda limit: CountUpTo(
            SecurityEvent.objects.urgent().between(timezone.now() - RECENT, None), limit
        ),
        url=lambda: (
            f"{reverse('admin:audit_securityevent_changelist')}?urgent=yes&{_since(timezone.now() - RECENT)}"
        ),
        words="Guessing and refusals of the last seven days at which somebody should look.",
    )
)
register_card(
    HomeCard(
        section=Section.OVERSIGHT,
        title="Jobs in trouble",
        roles=OPERATORS,
        count=lambda limit: CountUpTo(
            JobRun.objects.exclude(outcome=RunOutcome.SUCCEEDED).filter(
                id__gte=uuid7_floor(timezone.now() - RECENT)
            ),
            limit,
        ),
        url=lambda: (
            f"{reverse('admin:audit_jobrun_changelist')}?trouble=yes&{_since(timezone.now() - RECENT)}"
        ),
        words="Runs of the last seven days that failed or never ended.",
    )
)
register_card(
    HomeCard(
        section=Section.OVERSIGHT,
        title="Hours behind with sealing",
        roles=OVERSEERS,
        count=lambda limit: min(int((seal_lag() or 0) // 3600), limit),
        url=lambda: reverse("admin:audit_seal_changelist"),
        words="So long has the oldest event without a seal waited; more than one means that sealing stands still.",
    )
)


def own_acts(user: Any, limit: int) -> Iterator[RecentAct]:
    """What a person did last, as far as the acting role may read it."""
    events = Event.objects.of_actor(user.pk).order_by("-pk")
    reads_words = current_role() in READ_WORDS
    if reads_words:
        events = events.select_related("label")
    for event in events[:limit]:
        yield RecentAct(
            at=event.created_at,
            words=words.did(event).removesuffix(":"),
            subject=words.whom(event) if reads_words else words.subject_words(event),
            url=reverse("admin:audit_event_change", args=[event.pk]) if reads_words else "",
        )


register_recent(own_acts)
