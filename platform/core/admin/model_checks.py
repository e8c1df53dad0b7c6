"""What a ModelAdmin of the back office must be; told by `manage.py check`."""

from typing import Any

from django.contrib.admin.checks import ModelAdminChecks
from django.contrib.admin.utils import get_fields_from_path
from django.core import checks
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from core.admin.sections import Section


class BackOfficeChecks(ModelAdminChecks):
    """Django's checks and the house's: core.E202 section, core.E203 filters, core.E204 hierarchy, core.E205
    actions."""

    def check(self, admin_obj: Any, **kwargs: Any) -> list[checks.CheckMessage]:
        return [
            *super().check(admin_obj, **kwargs),
            *self._check_section(admin_obj),
            *self._check_list_filter_is_short(admin_obj),
            *self._check_counts_nothing(admin_obj),
            *self._check_confirmed_actions(admin_obj),
        ]

    def _check_section(self, admin_obj: Any) -> list[checks.CheckMessage]:
        if isinstance(getattr(admin_obj, "section", None), Section):
            return []
        return [_error(admin_obj, "says no `section`, so no page leads to it.", "core.E202")]

    def _check_list_filter_is_short(self, admin_obj: Any) -> list[checks.CheckMessage]:
        """A filter by a relation or by free text would list every value of the table."""
        found: list[checks.CheckMessage] = []
        for name in admin_obj.list_filter:
            if not isinstance(name, str):
                continue
            try:
                field = get_fields_from_path(admin_obj.model, name)[-1]
            except FieldDoesNotExist:
                continue  # Django's own check names it
            short = bool(getattr(field, "flatchoices", None)) or isinstance(
                field, (models.BooleanField, models.DateField)
            )
            if not short:
                message = f"filters by {name!r}, which lists every value; use `core.admin.filters.exact`."
                found.append(_error(admin_obj, message, "core.E203"))
        return found

    def _check_counts_nothing(self, admin_obj: Any) -> list[checks.CheckMessage]:
        if admin_obj.date_hierarchy:
            return [_error(admin_obj, "has a `date_hierarchy`; use `TimeFilter`.", "core.E204")]
        return []

    def _check_confirmed_actions(self, admin_obj: Any) -> list[checks.CheckMessage]:
        return [
            _error(admin_obj, f"action {action.name!r}: {problem}", "core.E205")
            for action in admin_obj.confirmed_actions().values()
            for problem in action.problems(admin_obj.model)
        ]


def _error(admin_obj: Any, message: str, identity: str) -> checks.Error:
    return checks.Error(f"{type(admin_obj).__name__} {message}", obj=type(admin_obj), id=identity)
