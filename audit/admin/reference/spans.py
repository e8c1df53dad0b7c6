"""Spans of time in forms, written as people say them."""

import re
from datetime import timedelta
from typing import Any

from django import forms

from audit.templatetags.workload_words import duration_words

PART = re.compile(r"(\d{1,6})\s*(min|h|d)")
WHOLE = re.compile(rf"\s*{PART.pattern}(\s+{PART.pattern})*\s*")
UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
EXAMPLES = "Such as 30 min, 4 h, or 2 d 12 h."


class SpanField(forms.CharField):
    """A span such as 30 min, 4 h or 2 d 12 h; empty means none."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", EXAMPLES)
        super().__init__(max_length=40, **options)

    def prepare_value(self, value: Any) -> Any:
        return duration_words(value) if isinstance(value, timedelta) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another span is meant, however it is written."""
        try:
            return bool(self.to_python(data) != initial)
        except forms.ValidationError:
            return True

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if not WHOLE.fullmatch(text):
            raise forms.ValidationError(f"This is no span of time. {EXAMPLES}")
        return sum((int(number) * UNITS[unit] for number, unit in PART.findall(text)), timedelta())

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The length was that of the text."""
