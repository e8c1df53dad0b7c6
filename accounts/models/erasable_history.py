"""History that goes with its person: the base of history tables whose rows say how somebody was called."""

from django.db import models

from accounts.erasure_triggers import GoneOnErasure


class HistoryOfPerson(models.Model):
    """History of `accounts_user` itself."""

    base_triggers = (GoneOnErasure("id"),)

    class Meta:
        abstract = True


class HistoryOfOwn(models.Model):
    """History of rows with a `user`."""

    base_triggers = (GoneOnErasure("user"),)

    class Meta:
        abstract = True


class HistoryOfFreedHandle(models.Model):
    """History of reserved handles, as long as it names who had them."""

    base_triggers = (GoneOnErasure("previous_owner"),)

    class Meta:
        abstract = True
