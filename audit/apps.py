from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Oversight: trail, moderation and compliance."""

    name = "audit"

    def ready(self) -> None:
        from audit import (
            checks,  # noqa: F401  (registers itself)
            datasets,  # noqa: F401  (registers the data set)
            demo_moderation,  # noqa: F401  (registers itself)
            demo_private_messages,  # noqa: F401  (registers itself)
            demo_takedowns,  # noqa: F401  (registers itself)
            hold_vetoes,  # noqa: F401  (answers what lower floors ask)
            moderation_announcements,  # noqa: F401  (declares what moderation announces)
            moderation_vetoes,  # noqa: F401  (answers what lower floors ask)
            receivers,
        )
        from audit.services import moderation_erasure  # noqa: F401  (registers its eraser)

        receivers.connect()
