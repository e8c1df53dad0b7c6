"""System checks of the schedule."""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.management import get_commands

from core.jobs.schedule import problems, schedule


@register
def check_schedule(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """core.E301: an entry of the schedule that could not run."""
    from config.logins import OWNER_COMMANDS

    return [
        Error(problem, hint="The list is config/schedule.py.", id="core.E301")
        for problem in problems(schedule(), get_commands(), OWNER_COMMANDS)
    ]
