"""Every roll-up, in order of dependence: each after those whose results it reads. Imported by `AppConfig.ready()`."""

from analytics.rollups.engine import register
from analytics.rollups.revenue import RevenueDays

register(RevenueDays())
