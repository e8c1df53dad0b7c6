from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Models that exist for tests of the kernel only."""

    name = "tests.kernel"
    label = "kernel"
