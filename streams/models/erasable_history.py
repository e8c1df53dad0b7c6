"""History of rows of a performer, which goes when the person is erased."""

from django.db import models

from accounts.erasure_triggers import GoneOnErasure


class HistoryOfPerformer(models.Model):
    """Base of history whose rows have a `performer`, whose id is that of the person."""

    base_triggers = (GoneOnErasure("performer"),)

    class Meta:
        abstract = True
