"""Settlement files, bank statements, screenings and identity cases of the demo."""

from core.demo import DemoStep, register_step


def load_settlement() -> str:
    """Reports of the simulator and statements of the bank, one report that does not foot, and work for compliance."""
    from billing.datasets.demo_settlement import demo_settlement_load

    return demo_settlement_load()


register_step(DemoStep(49, "Settlement files, bank statements, screenings", load_settlement))
