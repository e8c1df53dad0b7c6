"""A schedule for tests: something each second, and what the house has."""

from config.schedule import SCHEDULE as HOUSE
from core.jobs.schedule import Scheduled

SCHEDULE = (*HOUSE, Scheduled("tick", "* * * * * *", "Writes that a second has begun."))
