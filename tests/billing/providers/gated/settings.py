"""Settings of those workers."""

from tests.core.jobs.settings import *  # noqa: F403
from tests.core.jobs.settings import INSTALLED_APPS as JOBS

INSTALLED_APPS = [*JOBS, "tests.billing.providers.gated"]
