"""What the schema editor of the house does with partitioned tables."""

from typing import Any

from django.db import transaction
from django.db.models import Model
from psqlextra.backend.schema import PostgresSchemaEditor

from core.db.partitions.names import owner_policy_name


class PartitionedSchemaEditor(PostgresSchemaEditor):
    """Writes partitioned tables whole, and their partitions gently.

    psqlextra takes Django's CREATE TABLE apart and runs that statement alone, which loses the comments of the
    table and of its columns. Here PARTITION BY is added where Django writes the statement, so that all that
    Django runs after it (comments, indexes, policies) is run, and the key keeps the name `<table>_pkey`.
    """

    sql_create_partition = "CREATE TABLE %(partition)s (LIKE %(table)s INCLUDING ALL)"
    sql_attach_partition = (
        "ALTER TABLE %(table)s ATTACH PARTITION %(partition)s FOR VALUES FROM (%(lower)s) TO (%(upper)s)"
    )
    sql_secure_partition = (
        "ALTER TABLE %(partition)s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "CREATE POLICY %(policy)s ON %(partition)s TO %(owner)s USING (true) WITH CHECK (true)",
        "COMMENT ON POLICY %(policy)s ON %(partition)s IS 'Nobody else reads a partition by its own name.'",
    )

    def table_sql(self, model: type[Model]) -> tuple[str, Any]:
        """Return Django's CREATE TABLE, with PARTITION BY where the model is partitioned."""
        sql, params = super().table_sql(model)
        partitioning = getattr(model, "_partitioning_meta", None)
        if partitioning is None:
            return sql, params
        columns = {field.name: self.quote_name(field.column) for field in model._meta.local_concrete_fields}
        key = ", ".join(columns[name] for name in partitioning.key)
        return f"{sql} PARTITION BY {partitioning.method.upper()} ({key})", params

    def create_partitioned_model(self, model: type[Model]) -> None:
        """Create the table of a partitioned model; its partitions are made after `migrate`."""
        self.create_model(model)

    def add_range_partition(
        self, model: type[Model], name: str, from_values: Any, to_values: Any, comment: str | None = None
    ) -> None:
        """Make the partition `<table>_<name>` for the ids from `from_values` to before `to_values`.

        The table is made first and attached then: reads and writes of its sisters go on meanwhile, which
        CREATE TABLE ... PARTITION OF would stop. Foreign keys and row triggers come with the attachment.
        It is granted to nobody: whoever could name the partition would go round the parent's policies.
        """
        words = {
            "table": self.quote_name(model._meta.db_table),
            "partition": self.quote_name(self.create_partition_table_name(model, name)),
            "lower": self.quote_value(str(from_values)),
            "upper": self.quote_value(str(to_values)),
        }
        with transaction.atomic(using=self.connection.alias):
            self.execute(self.sql_create_partition % words, None)
            if comment:
                self.execute(self.sql_table_comment % (words["partition"], self.quote_value(comment)), None)
            self.execute(self.sql_attach_partition % words, None)

    def secure_partition(self, partition: str, owner: str) -> None:
        """Turn on the partition's own row security, with its owner as the only one who sees rows.

        No role can reach a partition without a grant; should one ever be granted by mistake, it sees nothing.
        The owner keeps the sight that FORCE takes away, and a detached partition needs nothing more.
        """
        words = {
            "partition": self.quote_name(partition),
            "policy": self.quote_name(owner_policy_name(partition)),
            "owner": self.quote_name(owner),
        }
        for sql in self.sql_secure_partition:
            self.execute(sql % words, None)
