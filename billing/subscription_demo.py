"""Plans and subscriptions of the demo."""

from core.demo import DemoStep, register_step


def load_subscriptions() -> str:
    """Plans of a few performers, and subscribers in every state that a first day can bring."""
    from billing.datasets.demo_subscriptions import demo_subscriptions_load

    return demo_subscriptions_load()


register_step(DemoStep(45, "Plans and subscriptions", load_subscriptions))
