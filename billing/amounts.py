"""Columns and rules of amounts: whole minor units, never more than somebody can have meant."""

from typing import Any

from django.db import models
from django.db.models import Q

from billing.models.currency import LARGEST_AMOUNT
from core.db.constraints import rule


def amount_field(words: str, **options: Any) -> models.BigIntegerField:
    """A column of minor units."""
    return models.BigIntegerField(db_comment=f"{words} In minor units of the currency.", **options)


def amount_rule(field: str, *, least: int = 0) -> models.CheckConstraint:
    """`field` lies between `least` and the largest amount that a command may have."""
    words = field.replace("_", " ")
    message = (
        f"The {words} is more than nothing and at most {LARGEST_AMOUNT} minor units."
        if least
        else f"The {words} is not negative, and at most {LARGEST_AMOUNT} minor units."
    )
    return rule(Q(**{f"{field}__gte": least, f"{field}__lte": LARGEST_AMOUNT}), field, message)
