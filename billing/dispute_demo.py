"""Disputes of the demo: open ones with deadlines, one with evidence, and decided ones of every kind."""

from core.demo import DemoStep, register_step


def load_disputes() -> str:
    """Payments that are disputed at the simulator."""
    from billing.datasets.demo_disputes import demo_disputes_load

    return demo_disputes_load()


register_step(DemoStep(47, "Disputes, evidence and risk reviews through the simulator", load_disputes))
