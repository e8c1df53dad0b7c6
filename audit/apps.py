from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Oversight: trail, moderation and compliance."""

    name = "audit"

    def ready(self) -> None:
        from audit import (
            archive_carriers,  # noqa: F401  (carries out access and portability)
            checks,  # noqa: F401  (registers what retention asks of models)
            datasets,  # noqa: F401  (registers the data set)
            demo_filings,  # noqa: F401  (registers itself)
            demo_moderation,  # noqa: F401  (registers itself)
            demo_private_messages,  # noqa: F401  (registers itself)
            demo_requests,  # noqa: F401  (registers itself)
            demo_takedowns,  # noqa: F401  (registers itself)
            filing_announcements,  # noqa: F401  (declares what filings announce)
            hold_vetoes,  # noqa: F401  (answers what lower floors ask)
            moderation_announcements,  # noqa: F401  (declares what moderation announces)
            moderation_vetoes,  # noqa: F401  (answers what lower floors ask)
            read_alert_announcements,  # noqa: F401  (declares what is announced about alerts on readings)
            receivers,
        )
        from audit.personal_data import checks as personal_data_checks  # noqa: F401  (registers itself)
        from audit.services import (  # noqa: F401  (register their erasers)
            archive_erasure,
            filing_erasure,
            moderation_erasure,
            partition_archive_erasure,
            read_alert_erasure,
            request_erasure,
        )

        receivers.connect()
