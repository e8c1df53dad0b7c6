"""How a performer wants her streams to begin."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from performers.announcements import streaming_defaults_changed
from performers.choices import ChatMode, DefaultVisibility, LatencyMode, Resolution
from performers.errors import SettingsRefused
from performers.models import StreamingDefault
from performers.models.streaming_default import LEAST_BIT_RATE, MOST_BIT_RATE, MOST_RATE
from performers.services.calendars import announce


@dataclass(frozen=True, kw_only=True)
class StreamSettings:
    """What a stream begins with. `private_show_rate` is in tokens a minute; None: no private shows are offered."""

    latency_mode: LatencyMode | str = LatencyMode.LOW
    resolution: Resolution | str = Resolution.LINES_1080
    bit_rate_kbit: int = 6000
    chat_mode: ChatMode | str = ChatMode.EVERYBODY
    visibility: DefaultVisibility | str = DefaultVisibility.PUBLIC
    private_show_rate: int | None = None
    label_codes: Collection[str] = ()


@transaction.atomic
def streaming_defaults_set(
    *, performer_id: UUID, settings: StreamSettings, actor: User | None
) -> StreamingDefault:
    """Set all of a performer's defaults; running streams keep what they began with.

    Raises: SettingsRefused (a bit rate or price out of bounds, an unknown mode, a malformed label).
    Announces: `streaming_defaults_changed`.
    """
    if not LEAST_BIT_RATE <= settings.bit_rate_kbit <= MOST_BIT_RATE:
        raise SettingsRefused(f"The bit rate lies between {LEAST_BIT_RATE} and {MOST_BIT_RATE} kbit/s.")
    if settings.private_show_rate is not None and not 1 <= settings.private_show_rate <= MOST_RATE:
        raise SettingsRefused(f"A private show costs 1 to {MOST_RATE} tokens a minute.")
    names = [field.name for field in fields(settings)]
    values = {name: getattr(settings, name) for name in names} | {
        "label_codes": sorted(set(settings.label_codes))
    }
    with refused_as(SettingsRefused):
        StreamingDefault.objects.bulk_create(
            [StreamingDefault(performer_id=performer_id, **values)],
            update_conflicts=True,
            unique_fields=["performer"],
            update_fields=names,
        )
    announce(
        streaming_defaults_changed,
        performer_id=performer_id,
        actor=actor,
        sender=StreamingDefault,
        changed=names,
    )
    return StreamingDefault.objects.get(performer_id=performer_id)
