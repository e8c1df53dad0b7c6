"""Column types of figures that Django has no field for."""

from typing import Any

from django.db import models


class DateTimeMultiRangeField(models.Field):
    """`tstzmultirange`: a set of instants as ranges that do not touch. A psycopg Multirange in Python."""

    description = "Set of ranges of instants"

    def db_type(self, connection: Any) -> str:
        return "tstzmultirange"
