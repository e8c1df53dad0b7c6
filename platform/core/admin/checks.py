"""System checks of the back office's own settings."""

from typing import Any

from django.conf import settings
from django.core import checks

FORM_TAGS = "core.templatetags.back_office"


@checks.register(checks.Tags.templates)
def forms_carry_the_role(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """core.E201: without the built-in tags, no form would carry the acting role and every POST be refused."""
    engines: list[dict[str, Any]] = settings.TEMPLATES
    for engine in engines:
        if not engine["BACKEND"].endswith("DjangoTemplates"):
            continue
        if FORM_TAGS not in engine.get("OPTIONS", {}).get("builtins", []):
            return [
                checks.Error(
                    f"TEMPLATES: OPTIONS['builtins'] lacks {FORM_TAGS!r}.",
                    hint="It makes {% csrf_token %} carry the acting role as well.",
                    id="core.E201",
                )
            ]
    return []
