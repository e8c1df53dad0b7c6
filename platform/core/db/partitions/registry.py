"""The partitioned models of the project."""

from collections.abc import Iterable

from django.apps import AppConfig, apps

from core.models.partitioned import Partitioned


def partitioned_models(app_configs: Iterable[AppConfig] | None = None) -> list[type[Partitioned]]:
    """Return the models, of these apps or of all, whose tables Django makes partitioned; sorted by label."""
    configs = apps.get_app_configs() if app_configs is None else app_configs
    models = [
        model
        for config in configs
        for model in config.get_models()
        if issubclass(model, Partitioned) and model._meta.managed and not model._meta.proxy
    ]
    return sorted(models, key=lambda model: model._meta.label)
