"""Requests for access and portability are carried out by making the archive; registered when the app is ready."""

from collections.abc import Iterable
from uuid import UUID

from django.apps import apps

from accounts.models import User
from audit.request_carriers import Provided, register_carrier
from audit.request_choices import RequestKind
from audit.services.personal_archives import personal_archive_make
from core.db.context import acting
from core.db.roles import Role


def provide(request_id: UUID, actor: User | None) -> Iterable[Provided]:
    """Make the archive, and say what it holds: a category for each table."""
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        archive = personal_archive_make(request_id=request_id, actor=actor)
    words = {
        model._meta.db_table: str(model._meta.verbose_name_plural)
        for model in apps.get_models(include_auto_created=True)
    }
    return [
        Provided(table, words.get(table, table), rows)
        for table, rows in sorted(archive.rows_by_table.items())
    ]


register_carrier(RequestKind.ACCESS, provide)
register_carrier(RequestKind.PORTABILITY, provide)
