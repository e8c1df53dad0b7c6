"""Payments of the demo, and the limits of its finance roles: what they refund alone, and what waits for a colleague."""

from core.demo import DemoStep, register_step

LIMITS = {"vbl_finance": (10_000, 50_000), "vbl_finance_approver": (50_000, 200_000)}
"""For one refund and for all of a day, in minor units of each of the currencies."""

CURRENCIES = ("EUR", "GBP", "USD")


def load_limits() -> str:
    """Set the limits that are not set yet."""
    from billing.models import StaffLimit
    from billing.payment_choices import LimitKind
    from billing.services.staff_limits import staff_limit_set
    from core.db.context import acting
    from core.db.roles import Role

    new = 0
    with acting(Role.WORKER):
        for role, (per_item, per_day) in LIMITS.items():
            for currency in CURRENCIES:
                known = StaffLimit.objects.filter(role=role, kind=LimitKind.REFUND, currency_id=currency)
                if not known.exists():
                    staff_limit_set(
                        kind=LimitKind.REFUND,
                        currency=currency,
                        per_item=per_item,
                        per_day=per_day,
                        role=role,
                        actor=None,
                        reason="limits of the demo",
                    )
                    new += 1
    return f"{new} limits of refunds are set." if new else "The limits of refunds are set already."


def load_payments() -> str:
    """Orders paid through the simulator."""
    from billing.datasets.demo_payments import demo_payments_load

    return demo_payments_load()


register_step(DemoStep(41, "Limits of refunds", load_limits))
register_step(DemoStep(44, "Orders, payments and refunds through the simulator", load_payments))
