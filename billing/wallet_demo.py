"""Tokens of the demo: what viewers of the marathons gave, minute by minute, and a few of everything else."""

from core.demo import DemoStep, register_step


def load_tips() -> str:
    """Purchases and tips by the donations of the marathons."""
    from billing.datasets.marathon_tips import marathon_tips_load

    return marathon_tips_load()


def load_spends() -> str:
    """Gifts, tickets and a private show of a few viewers."""
    from billing.datasets.demo_spends import demo_spends_load

    return demo_spends_load()


register_step(DemoStep(42, "Tokens: donations of the marathons as purchases and tips", load_tips))
register_step(DemoStep(43, "Gifts, tickets and a private show", load_spends))
