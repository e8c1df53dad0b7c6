"""Interaction of the demo: a goal, a menu, a poll, rewards and raids on the streams that are there."""

from core.demo import DemoStep, register_step


def load_interaction() -> str:
    """What viewers of the demo do with performers beside watching and chatting."""
    from engagement.datasets.demo_interaction import demo_interaction_load

    return demo_interaction_load()


register_step(DemoStep(54, "Goals, polls, rewards and words with tips", load_interaction))
