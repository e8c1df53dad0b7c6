"""Template tags of the back office. This library is a template built-in (settings `TEMPLATES`)."""

from typing import Any

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.admin.roles import FORM_FIELD

register = template.Library()


class FormGuardNode(CsrfTokenNode):
    """Django's CSRF input, followed by the role in which the form was opened.

    Whatever page a form is on, Django demands `{% csrf_token %}`; so no form can forget the role.
    """

    def render(self, context: template.Context) -> SafeString:
        # Inclusion tags hand on the request as an attribute only.
        request = getattr(context, "request", None) or context.get("request")
        role = getattr(request, "acting_role", None)
        token = mark_safe(super().render(context))  # noqa: S308  (Django's own input)
        if role is None:
            return token
        return format_html('{}<input type="hidden" name="{}" value="{}">', token, FORM_FIELD, role.short)


@register.tag
def csrf_token(parser: Any, token: Any) -> FormGuardNode:
    """Replaces Django's tag of the same name."""
    return FormGuardNode()
