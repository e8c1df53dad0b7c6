"""Who may do what to figures of revenue and their proof."""

from analytics.models.revenue import REVENUE_STAFF
from core.db.access import AccessDeclaration, FunctionDeclaration, Rights, readers
from core.db.roles import Role

WRITTEN = Rights(select=True, insert=True, delete=True)

REVENUE_ACCESS: AccessDeclaration = {
    "analytics.RevenueDay": {**readers(*REVENUE_STAFF), Role.WORKER: WRITTEN},
    "analytics.RevenueBook": {
        **readers(*REVENUE_STAFF),
        Role.WORKER: Rights(
            select=True,
            insert=True,
            update=("moment", "entries", "figures", "took", "computed_at", "proven_at", "differences"),
        ),
    },
    "analytics.RevenueCheck": {**readers(*REVENUE_STAFF), Role.WORKER: WRITTEN},
}

REVENUE_FUNCTIONS: FunctionDeclaration = {
    "analytics_revenue_class(text, uuid)": (Role.WORKER,),
    "analytics_revenue_side(text, text)": (Role.WORKER,),
    "analytics_revenue_compute(date[], bigint)": (Role.WORKER,),
    "analytics_revenue_differences(date, date)": (Role.WORKER,),
    "analytics_revenue_check(date, date)": (Role.WORKER,),
}
