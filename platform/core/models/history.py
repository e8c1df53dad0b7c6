"""Row history: what did this row look like, and who changed it (django-simple-history, set up once).

A history row has a UUIDv7 key, names the person by id without a foreign key (staff are never hard-deleted),
leaves out what triggers keep and what the database generates, and cannot be changed. Its policies follow
from those of the model: who reads rows of the model as staff reads their history; whoever changes a row
writes history in their own name only.
"""

from typing import Any

from django.db import models
from django.db.models import NOT_PROVIDED, Q
from simple_history.models import HistoricalRecords

from core.db.context import current_actor_id
from core.db.policies import ME, Policy
from core.db.privacy import personal, privacy_of
from core.db.roles import STAFF_ROLES, Role
from core.db.triggers import AppendOnly
from core.models.identity import uuid7

KEPT_BY_DATABASE = frozenset({"created_at", "updated_at", "version"})
WRITES = frozenset({"insert", "update", "delete", "all"})
OWN_NAME = f"history_user_id IS NOT DISTINCT FROM {ME}"


class HistoryRow(models.Model):
    """Base of every history table."""

    base_triggers = (AppendOnly(),)

    class Meta:
        abstract = True


def history_policies(model: type[models.Model]) -> list[Policy]:
    """Policies of a model's history, derived from those of the model."""
    found: dict[tuple[Role, str], Policy] = {}
    for policy in model._meta.constraints:
        # Retention deletes history by rights of its own (core.db.retention), and writes none.
        if not isinstance(policy, Policy) or policy.role is Role.RETENTION:
            continue
        if policy.command in ("select", "all") and policy.role in STAFF_ROLES:
            found.setdefault(
                (policy.role, "select"), Policy(role=policy.role, command="select", using=policy.using)
            )
        if policy.command in WRITES:
            found.setdefault(
                (policy.role, "insert"), Policy(role=policy.role, command="insert", check=OWN_NAME)
            )
    return list(found.values())


class History(HistoricalRecords):
    """`history = History()` on a model keeps every state that staff or services saved.

    `subject` names the field whose column staff search by; foreign keys keep no index of their own, since
    history is read by the row it is about.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("bases", (HistoryRow,))
        options.setdefault("get_user", lambda **_: None)
        options.setdefault(
            "history_user_id_field",
            personal(
                models.UUIDField(
                    null=True,
                    blank=True,
                    db_comment="Who made the change (accounts_user.id); null: the system.",
                )
            ),
        )
        options.setdefault("history_user_getter", lambda row: row.history_user_id)
        options.setdefault("history_user_setter", lambda row, user: None)
        options.setdefault(
            "history_change_reason_field",
            personal(
                models.TextField(null=True, db_comment="Why, in the words of the person who changed it.")
            ),
        )
        super().__init__(**options)

    def fields_included(self, model: Any) -> list[models.Field]:
        return [
            field
            for field in super().fields_included(model)
            if field.name not in KEPT_BY_DATABASE and not field.generated
        ]

    def copy_fields(self, model: Any) -> dict[str, models.Field]:
        copies = super().copy_fields(model)
        for name, copy in copies.items():
            original = model._meta.get_field(name)
            copy.db_comment = original.db_comment
            copy.privacy = privacy_of(original)
            # History is written with the values of the row: a default of the database would add RETURNING,
            # and with it the need to read what a role may only write.
            copy.db_default = NOT_PROVIDED
            copy.__dict__.pop("_db_default_expression", None)
            if copy.remote_field or not original.primary_key:
                copy.db_index = False
        return copies

    def get_extra_fields(self, model: Any, fields: dict[str, models.Field]) -> dict[str, Any]:
        extra = super().get_extra_fields(model, fields)
        extra["history_date"] = models.DateTimeField(db_comment="When the row came to look like this (UTC).")
        extra["history_type"] = models.TextField(
            choices=[("+", "created"), ("~", "changed"), ("-", "deleted")],
            db_comment="+ created, ~ changed, - deleted.",
        )
        return extra

    def _get_history_id_field(self) -> models.Field:
        return models.UUIDField(
            primary_key=True,
            default=uuid7,
            editable=False,
            db_comment="Identity of the history row: UUIDv7, in order of writing.",
        )

    @property
    def _date_indexing(self) -> bool:
        return False

    def get_meta_options(self, model: Any) -> dict[str, Any]:
        return {
            **super().get_meta_options(model),
            "ordering": ("-history_id",),
            "get_latest_by": "history_id",
            "db_table_comment": (
                f"One row per state in which a row of {model._meta.db_table} was saved; "
                "written with the change, never changed."
            ),
            "constraints": [
                models.CheckConstraint(
                    condition=Q(history_type__in=["+", "~", "-"]),
                    name="%(app_label)s_%(class)s_history_type_check",
                ),
                *history_policies(model),
            ],
        }

    def create_historical_record(self, instance: Any, history_type: str, using: str | None = None) -> None:
        instance._history_user = None
        super().create_historical_record(instance, history_type, using=using)


def write_actor(sender: Any, history_instance: Any, **_: Any) -> None:
    """Put the acting person on a history row before it is written."""
    history_instance.history_user_id = current_actor_id()
