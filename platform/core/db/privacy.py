"""The privacy class of a column: declared on the field, read by masking, export, erasure and documents."""

from typing import Any, TypeVar

from django.db import models


class Privacy(models.TextChoices):
    """How a column is protected (DESIGN, sections 5 and 8)."""

    NONE = "none", "not personal"
    PERSONAL = "personal", "personal data, readable by the roles with a policy"
    ENCRYPTED = "encrypted", "encrypted with a key that workers hold"
    SEALED = "sealed", "encrypted to a public key; only the reveal service can open it"


F = TypeVar("F", bound=models.Field)


def _mark(field: F, privacy: Privacy) -> F:
    field.privacy = privacy  # type: ignore[attr-defined]
    if field.db_comment:
        field.db_comment = f"{field.db_comment} Privacy: {privacy.value}."
    return field


def personal(field: F) -> F:
    """Mark a column as personal data; its comment in the database says so too."""
    return _mark(field, Privacy.PERSONAL)


def not_personal(field: F) -> F:
    """Say of a column whose name sounds personal that it is not."""
    return _mark(field, Privacy.NONE)


def with_class(options: dict[str, Any], privacy: Privacy) -> dict[str, Any]:
    """The options of a field whose class is protected by itself; its comment says so once."""
    words = f"Privacy: {privacy.value}."
    comment = options.get("db_comment")
    if comment and not comment.endswith(words):
        return {**options, "db_comment": f"{comment} {words}"}
    return options


def privacy_of(field: models.Field) -> Privacy:
    """The declared class of a field, `Privacy.NONE` where nothing was declared."""
    return getattr(field, "privacy", Privacy.NONE)
