"""The audience of the demo: who wrote and tipped was here, days are published, cohorts counted."""

from analytics.models import AudienceDay, RetentionCohort
from analytics.services.audience import audience_settle
from analytics.services.rollups import rollups_run
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step


def load_audience() -> str:
    """Compute what the steps before touched, publish final days, count the weeks and months of them."""
    rollups_run()
    settled = audience_settle()
    rollups_run()
    with acting(Role.WORKER):
        days = AudienceDay.objects.values("day").distinct().count()
        cells = RetentionCohort.objects.count()
    return f"{len(settled.days)} days settled; {days} days with breakdowns, {cells:,} cells of cohorts"


register_step(DemoStep(69, "Audience: breakdowns of days, and who comes back", load_audience))
