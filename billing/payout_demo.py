"""Payouts of the demo: what a token is worth, where a few performers are paid, and batches in every state."""

from core.demo import DemoStep, register_step


def load_payouts() -> str:
    """Destinations, and batches done, waiting for an approval and in draft."""
    from billing.datasets.demo_payouts import demo_payouts_load

    return demo_payouts_load()


register_step(DemoStep(48, "Payouts through the simulator", load_payouts))
