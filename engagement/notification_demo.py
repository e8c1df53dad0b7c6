"""Notifications of the demo."""

from core.demo import DemoStep, register_step


def load_notifications() -> str:
    """What performers and viewers are told, their wishes, and a delivery that failed."""
    from engagement.datasets.demo_notifications import demo_notifications_load

    return demo_notifications_load()


register_step(DemoStep(58, "Notifications: events, wishes, deliveries", load_notifications))
