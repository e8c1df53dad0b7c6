"""Settings of the worker processes that tests start: a schedule and jobs of their own."""

from config.settings.demo import *  # noqa: F403
from config.settings.demo import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.core.jobs"]
JOB_SCHEDULE = "tests.core.jobs.schedule.SCHEDULE"
