"""Triggers of the house on django-pgtrigger.

As shipped, that library lets anybody pass who sets `pgtrigger.ignore`, and its functions run with the
caller's search_path. These ignore nothing, fix the search_path, carry the names of the house
(`<table>_<nn>_<verb>`), comment their function and take it along when they are dropped.
"""

import hashlib
from typing import Any

import pgtrigger
from pgtrigger import compiler
from pgtrigger import utils as pgtrigger_quoting

from core.db.names import MAX_BYTES

SEARCH_PATH = "pg_catalog, vbl, extensions, pg_temp"

TEMPLATE = """
CREATE OR REPLACE FUNCTION {pgid}() RETURNS trigger LANGUAGE plpgsql{security}
SET search_path = {search_path}{settings} AS $trigger$
{declare}
BEGIN
{func}
END;
$trigger$;
COMMENT ON FUNCTION {pgid}() IS {words};
REVOKE ALL ON FUNCTION {pgid}() FROM PUBLIC;
DROP TRIGGER IF EXISTS {pgid} ON {table};
CREATE {constraint} TRIGGER {pgid} {when} {operation} ON {table} {timing} {referencing}
FOR EACH {level} {condition} EXECUTE FUNCTION {execute};
COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
"""


ROTATES = "coalesce(current_setting('app.key_purpose', true), '') = 'rotate' AND current_user = 'vbl_owner'"
"""The condition that the rotation of keys writes, which the owner's maintenance alone may run."""


def rotated_columns(model: Any) -> list[str]:
    """The columns whose bytes change when a key is rotated although the row says the same."""
    return [field.column for field in model._meta.concrete_fields if getattr(field, "is_rotated", False)]


def _row(prefix: str, columns: list[str]) -> str:
    return f"ROW({', '.join(f'{prefix}.{column}' for column in columns)})"


def only_rotates(model: Any, exempt: frozenset[str] = frozenset()) -> str:
    """The condition that an update is a rotation and changes encrypted columns alone; '' where there are none."""
    rotated = rotated_columns(model)
    if not rotated:
        return ""
    others = [
        field.column
        for field in model._meta.concrete_fields
        if not field.generated and field.column not in {*rotated, *exempt}
    ]
    return f"{ROTATES} AND {_row('NEW', others)} IS NOT DISTINCT FROM {_row('OLD', others)}"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class TriggerSql(compiler.UpsertTriggerSql):
    """The SQL that installs one trigger; migrations keep it whole, so landed ones never change."""

    def __init__(self, *, words: str, security: str = "", settings: str = "", **kwargs: Any) -> None:
        self.words, self.security, self.settings = words, security, settings
        super().__init__(**kwargs)

    def get_template(self) -> str:
        return (
            TEMPLATE.replace("{words}", quoted(self.words).replace("{", "{{").replace("}", "}}"))
            .replace("{security}", self.security)
            .replace("{search_path}", SEARCH_PATH)
            .replace("{settings}", self.settings)
        )

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        options = {"words": self.words, "security": self.security}
        if self.settings:
            options["settings"] = self.settings
        return path, args, {**kwargs, **options}


class CompiledTrigger(compiler.Trigger):
    """A trigger in a migration; dropping it drops its function."""

    @property
    def uninstall_sql(self) -> str:
        table = pgtrigger_quoting.quote(self.sql.table)
        return (
            f"DROP TRIGGER IF EXISTS {self.sql.pgid} ON {table}; DROP FUNCTION IF EXISTS {self.sql.pgid}();"
        )


class Trigger(pgtrigger.Trigger):
    """Base of every trigger: `name` is `<nn>_<verb>`, the number gives the order of firing.

    `words` say what it does; `definer` makes its function run with the owner's rights. `settings` are those of
    PostgreSQL under which its function runs, such as switches of the planner: `(("enable_seqscan", "off"),)`.
    """

    words: str = ""
    definer: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    def __init__(self, *, words: str = "", **kwargs: Any) -> None:
        self.words = words or self.words
        if not self.words:
            raise ValueError("A trigger says in `words` what it does.")
        super().__init__(**kwargs)

    def bound_to(self, model: Any) -> "Trigger":
        """This trigger with what it must know of `model` beyond its fields; migrations see fields only."""
        return self

    def get_pgid(self, model: Any) -> str:
        name = f"{model._meta.db_table}_{self.name}".lower()
        if len(name.encode()) > MAX_BYTES:
            digest = hashlib.sha256(name.encode()).hexdigest()[:8]
            name = f"{model._meta.db_table[: MAX_BYTES - len(str(self.name)) - 10]}_{digest}_{self.name}"
        return name

    def compile(self, model: Any) -> CompiledTrigger:
        return CompiledTrigger(
            name=self.name,
            sql=TriggerSql(
                words=self.words,
                security=" SECURITY DEFINER" if self.definer else "",
                settings="".join(f" SET {name} = {value}" for name, value in self.settings),
                pgid=self.get_pgid(model),
                declare=self.render_declare(model),
                func=self.render_func(model),
                table=model._meta.db_table,
                constraint="CONSTRAINT" if self.timing else "",
                when=self.when,
                operation=self.operation,
                timing=f"DEFERRABLE INITIALLY {self.timing}" if self.timing else "",
                referencing=self.referencing or "",
                level=self.level,
                condition=self.render_condition(model),
                execute=self.render_execute(model),
            ),
        )


class Touch(Trigger):
    """Keeps `created_at`, `updated_at` and, where the model has one, `version`.

    Columns that the model names in `quiet_columns` change without either: that somebody was seen a minute ago
    must not make the form stale that a colleague has open.
    """

    name = "10_touch"
    words = "Sets the times of creation and last change, whatever the statement says."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def __init__(self, *, quiet: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.quiet = quiet
        super().__init__(**kwargs)

    def bound_to(self, model: Any) -> "Touch":
        return Touch(quiet=model.quiet_columns) if model.quiet_columns else self

    def get_func(self, model: Any) -> str:
        versioned = any(field.name == "version" for field in model._meta.fields)
        first = "NEW.version := 1;" if versioned else ""
        keep = "NEW.version := OLD.version;" if versioned else ""
        count = "NEW.version := OLD.version + 1;" if versioned else ""
        changed = f"NEW.updated_at := now(); {count}"
        if self.quiet:
            told = [
                field.column
                for field in model._meta.concrete_fields
                if not field.generated
                and field.name not in {*self.quiet, "id", "created_at", "updated_at", "version"}
            ]
            new, old = (", ".join(f"{row}.{column}" for column in told) for row in ("NEW", "OLD"))
            changed = f"IF ROW({new}) IS DISTINCT FROM ROW({old}) THEN {changed} END IF;"
        if rotation := only_rotates(model, frozenset({"created_at", "updated_at", "version"})):
            changed = f"IF NOT ({rotation}) THEN {changed} ELSE NEW.updated_at := OLD.updated_at; END IF;"
        return f"""
IF TG_OP = 'INSERT' THEN
  NEW.created_at := now(); NEW.updated_at := now(); {first}
ELSE
  NEW.created_at := OLD.created_at; NEW.updated_at := OLD.updated_at; {keep}
  {changed}
END IF;
RETURN NEW;"""


class AppendOnly(Trigger):
    """Refuses UPDATE always, and DELETE to everybody but the retention role."""

    name = "20_append_only"
    words = "Facts are never changed; only the retention role deletes what the retention policy names."
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        rotation = only_rotates(model)
        passes = f"""
IF TG_OP = 'UPDATE' AND {rotation} THEN
  RETURN NEW;
END IF;"""
        return f"""
IF TG_OP = 'DELETE' AND current_user = 'vbl_retention' THEN
  RETURN OLD;
END IF;{passes if rotation else ""}
RAISE EXCEPTION '% is append-only: % is refused, write a correcting row instead', TG_TABLE_NAME, TG_OP
  USING ERRCODE = 'restrict_violation';"""


class Immutable(Trigger):
    """Refuses any change of the named columns after the row was written."""

    name = "30_keep"
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def __init__(self, *fields: str, **kwargs: Any) -> None:
        self.fields = fields
        super().__init__(words=f"Never changed after the row was written: {', '.join(fields)}.", **kwargs)

    def get_func(self, model: Any) -> str:
        columns = [model._meta.get_field(field).column for field in self.fields]
        changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
        if set(columns) & set(rotated_columns(model)):
            changed = f"({changed}) AND NOT ({only_rotates(model, frozenset({'updated_at', 'version'}))})"
        return f"""
IF {changed} THEN
  RAISE EXCEPTION '% of % cannot be changed', {quoted(", ".join(columns))}, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END IF;
RETURN NEW;"""
