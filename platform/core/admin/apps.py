from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    """Django's admin with the project's own site as `django.contrib.admin.site`."""

    default_site = "core.admin.site.BackOffice"

    def ready(self) -> None:
        from core.admin import checks  # noqa: F401  (registers the system checks)

        super().ready()
        from core.jobs import room  # noqa: F401  (after procrastinate's own page, whose place it takes)
