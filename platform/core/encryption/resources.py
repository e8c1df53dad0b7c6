"""Import and export of models with protected columns (django-import-export).

An export never has them, not even as bullets, which could come back as values. An import takes them only where the
resource says so, and then encrypts what it gets; nothing and bullets leave the stored value as it is.
"""

from typing import Any, ClassVar

from import_export import resources
from import_export.fields import Field
from tablib import Dataset

from core.encryption.blind_index import BlindIndexField
from core.encryption.columns import ProtectedField
from core.encryption.errors import ProtectedColumnImported
from core.encryption.force import keys_for
from core.encryption.purposes import Purpose
from core.encryption.values import MASK


class WriteOnlyField(Field):
    """A column of a file that is written and never read back; previews show bullets."""

    def export(self, instance: Any, **kwargs: Any) -> str:
        return MASK if self.get_value(instance) is not None else ""

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        entered = str(row.get(self.column_name) or "").strip()
        if entered not in ("", MASK):
            super().save(instance, row, is_m2m, **kwargs)


class ProtectedResource(resources.ModelResource):
    """A resource whose protected columns are left out, except for the import of those named in `accepts`."""

    accepts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in self.protected():
            kept = self.fields.pop(name, None)
            if name in self.accepts:
                widget = getattr(kept, "widget", None)
                self.fields[name] = WriteOnlyField(attribute=name, column_name=name, widget=widget)

    def protected(self) -> list[str]:
        """The names of the model's protected columns, blind indexes included."""
        return [
            field.name
            for field in self._meta.model._meta.concrete_fields
            if isinstance(field, ProtectedField | BlindIndexField)
        ]

    def get_export_fields(self, selected_fields: Any = None) -> list[Field]:
        protected = {self.fields[name] for name in self.protected() if name in self.fields}
        return [field for field in super().get_export_fields(selected_fields) if field not in protected]

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Refuse a file with protected columns that are not accepted. Raises ProtectedColumnImported."""
        super().before_import(dataset, **kwargs)
        if refused := self._refused(dataset):
            raise ProtectedColumnImported(
                f"This file has the protected columns {', '.join(refused)}, which are not imported: take them out."
            )

    def _refused(self, dataset: Dataset) -> list[str]:
        return sorted(set(dataset.headers or ()) & (set(self.protected()) - set(self.accepts)))

    def import_data(self, dataset: Dataset, *args: Any, **kwargs: Any) -> Any:
        """As of the base; what is accepted is encrypted with the keys of this process."""
        if self._refused(dataset):
            dataset = Dataset(headers=dataset.headers)  # before_import() says why, and no row comes in
        if not self.accepts:
            return super().import_data(dataset, *args, **kwargs)
        with keys_for(Purpose.STORE, actor=kwargs.get("user")):
            return super().import_data(dataset, *args, **kwargs)
