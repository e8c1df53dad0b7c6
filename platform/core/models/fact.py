"""Facts: rows that are written once."""

from django.db import models

from core.db.triggers import AppendOnly


class Fact(models.Model):
    """An append-only row. UPDATE and DELETE are refused by trigger; only `vbl_retention` may delete.

    A correction is a new row. Combined with `Identified` or `Partitioned`, which bring the key.
    """

    base_triggers = (AppendOnly(),)

    class Meta:
        abstract = True
