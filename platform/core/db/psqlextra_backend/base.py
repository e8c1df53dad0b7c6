"""The database engine: psqlextra's, with names of the house and a server that starts when first needed.

The engine's name contains "psqlextra" because that library looks for it in the settings.
"""

from typing import Any

from django.db.models import BooleanField
from psqlextra.backend.base import DatabaseWrapper as PostgresExtraWrapper
from psqlextra.backend.operations import PostgresOperations

from core.db.names import constraint_name
from core.db.partitions.schema import PartitionedSchemaEditor


class SchemaEditor(PartitionedSchemaEditor):
    """Names what Django would name with a hash: `accounts_user_country_idx`, `..._fkey`, `..._key`.

    A generated yes or no is never null, and the table says so, which Django leaves out of every generated column. Other
    generated columns stay as Django writes them: where one came out null, the rule of what it is made from says better
    what is wrong.
    """

    def _column_generated_sql(self, field: Any) -> tuple[str, Any]:
        sql, params = super()._column_generated_sql(field)
        never_null = isinstance(field.output_field, BooleanField) and not field.output_field.null
        return (f"{sql} NOT NULL" if never_null else sql), params

    def _create_index_name(self, table_name: str, column_names: Any, suffix: str = "") -> str:
        house = "idx"
        for django_suffix, house_suffix in (
            ("_fk_", "fkey"),
            ("_uniq", "key"),
            ("_pk", "pkey"),
            ("_like", "like_idx"),
            ("_check", "check"),
        ):
            if suffix.startswith(django_suffix):
                house = house_suffix
        return constraint_name(table_name, list(column_names), house)


MOST_PARAMETERS = 65_535
"""So many a statement may have whose values are bound on the server (PostgreSQL's protocol counts them in 16 bits)."""


class Operations(PostgresOperations):
    """Splits what is written in bulk so that each statement has a number of values that PostgreSQL takes."""

    def bulk_batch_size(self, fields: Any, objs: Any) -> int:
        """Rows per statement: `bulk_update` binds a key and a value for each field, and a key more."""
        return max(1, min(len(objs) or 1, MOST_PARAMETERS // (2 * len(fields) + 1)))


class DatabaseWrapper(PostgresExtraWrapper):
    """PostgreSQL 18 by psycopg; `EMBEDDED` in the settings names the login of the project's own server."""

    SchemaEditorClass = SchemaEditor
    ops_class = Operations

    def get_connection_params(self) -> dict[str, Any]:
        login = self.settings_dict.get("EMBEDDED")
        if login:
            import environ

            from core.embedded import url

            running = environ.Env.db_url_config(url(login))
            for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
                self.settings_dict[name] = running[name]
        return super().get_connection_params()
