"""Write-only input: what is stored is never shown, and nothing entered keeps it."""

from typing import Any, Final

from django import forms

from core.encryption.values import MASK, Ciphertext


class _Kept:
    """Stands for "nothing was entered"."""

    def __repr__(self) -> str:
        return "<kept>"


KEPT: Final = _Kept()


def is_kept(value: object) -> bool:
    """Whether a form leaves the stored value alone."""
    return isinstance(value, _Kept | Ciphertext)


class WriteOnlyInput(forms.Widget):
    """An empty input, whatever is stored; beside it a box to clear the value, where it may be cleared."""

    template_name = "admin/widgets/write_only.html"

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, may_clear: bool = False, input_type: str = "text"
    ) -> None:
        super().__init__(attrs)
        self.may_clear, self.input_type = may_clear, input_type

    def clear_name(self, name: str) -> str:
        """Name of the box."""
        return f"{name}-clear"

    def format_value(self, value: Any) -> None:
        return None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, {**(attrs or {}), "autocomplete": "off"})
        stored = isinstance(value, Ciphertext)
        context["widget"] |= {
            "type": self.input_type,
            "stored": stored,
            "clear_name": self.clear_name(name) if self.may_clear and stored else None,
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if self.may_clear and data.get(self.clear_name(name)):
            return None
        return data.get(name) or KEPT

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and self.clear_name(name) not in data


class ProtectedFormField(forms.Field):
    """The form field of encrypted and sealed columns; `inner` cleans what is entered.

    Cleans to `KEPT` when nothing was entered, to None when the value is to be cleared, to the value otherwise.
    """

    def __init__(self, *, inner: forms.Field, may_clear: bool = False, **kwargs: Any) -> None:
        self.inner, self.may_clear = inner, may_clear
        kwargs["widget"] = WriteOnlyInput(may_clear=may_clear)
        super().__init__(**kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not is_kept(data)

    def clean(self, value: Any) -> Any:
        if is_kept(value):
            return KEPT
        if value is None:
            return None
        if str(value).strip() == MASK:
            raise forms.ValidationError(
                "This is what is shown in place of the value: enter the value itself."
            )
        return self.inner.clean(value)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, Ciphertext) else None
