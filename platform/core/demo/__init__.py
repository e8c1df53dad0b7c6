"""The demo: what each app contributes to it, in order."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class DemoStep:
    """One part of the demo.

    `load` writes through services and returns a sentence about what it did; run again, it changes nothing.
    `order` follows the floors of the house: accounts 10, performers 20, ... audit 70.
    """

    order: int
    words: str
    load: Callable[[], str]


_steps: list[DemoStep] = []


def register_step(step: DemoStep) -> DemoStep:
    """Add a part to the demo. Call it once, when the app is ready."""
    _steps.append(step)
    return step


def steps() -> list[DemoStep]:
    """Every part, in order."""
    return sorted(_steps, key=lambda step: step.order)
