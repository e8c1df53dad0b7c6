"""The demo's keys: made when missing, registered before anything is encrypted."""

from core.demo import DemoStep, register_step
from core.encryption.registration import keys_register


def _load() -> str:
    added = keys_register()
    return f"{len(added)} registered" if added else "registered already"


def connect() -> None:
    """Contribute to the demo, before every other part."""
    register_step(DemoStep(order=0, words="Keys", load=_load))
