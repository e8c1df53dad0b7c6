"""Which wording somebody reads: that of their language, of the language without its region, or English."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from engagement.models import NotificationTrigger, TemplateVersion
from engagement.notification_choices import NotificationChannel

FALLBACK = "en"


@dataclass(frozen=True)
class Wording:
    """One published wording, for a language."""

    locale: str
    version_id: UUID
    subject: str
    body: str


Wordings = Mapping[str, list[Wording]]
"""Wordings by channel."""


def wordings_of(trigger: NotificationTrigger) -> Wordings:
    """The wordings in use of a trigger, by channel: one query."""
    found: dict[str, list[Wording]] = defaultdict(list)
    versions = TemplateVersion.objects.in_force().filter(template__trigger=trigger).select_related("template")
    for version in versions:
        template = version.template
        found[template.channel].append(Wording(template.locale, version.pk, version.subject, version.body))
    return found


def wording_for(wordings: Wordings, channel: NotificationChannel, locale: str) -> Wording | None:
    """The wording for a language, None where the channel has none at all for it or for English."""
    by_locale = {wording.locale: wording for wording in wordings.get(channel, ())}
    language = locale.partition("-")[0]
    for candidate in (locale, language, FALLBACK):
        if candidate in by_locale:
            return by_locale[candidate]
    return None
