"""After an erasure, a search of the whole database finds nothing of the person but what is declared as kept."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage, storages

from accounts.models import User
from accounts.services.erasure import user_erase
from core.db.context import acting
from core.db.roles import Role
from core.encryption.blind_index import BlindIndexField
from core.encryption.fields import protected_fields
from core.erasure import ErasureReport
from core.vetoes import erasure_requested
from engagement.models import NotificationEvent
from engagement.services.notification_spreading import notification_event_spread
from tests.audit.engaged_lives import engaged_life
from tests.audit.held_lives import moderated, whole_life
from tests.audit.moneyed_lives import moneyed_life
from tests.audit.requests.asking import filed, officer
from tests.audit.requests.searching import common_among, places_of, values_of
from tests.sql import run

pytestmark = pytest.mark.django_db


def viewed() -> User:
    """Somebody with rows in accounts, performers, streams and moderation, who asked for things before."""
    user, archive = whole_life()
    moderated(user, archive)
    # Within a minute of each event, a job spreads it to those whom it concerns.
    with acting(Role.WORKER):
        for event_id in NotificationEvent.objects.values_list("pk", flat=True):
            while notification_event_spread(event_id=event_id):
                pass
    filed(user, "access", wish="Zmarker-words of a letter", asked_by="guardian", asker="Zmarker Guardian")
    return user


def engaged() -> User:
    """Somebody who follows, writes, votes, gives and is given to."""
    return engaged_life(storages["attachments"])


LIVES: dict[str, Callable[[], User]] = {"viewed": viewed, "engaged": engaged, "moneyed": moneyed_life}

FACTORY_TITLE = "an evening"
"""Every archive that the factories make is called so: those of others keep the title, which letters repeat."""

ALLOWED: dict[tuple[str, str], str] = {
    ("audit_label", "reason"): "reasons of staff about things, without names; words about the person went",
    ("streams_clip", "title"): "words of whoever made a clip of the person's archive (GDPR art. 15(4))",
    (
        "streams_rendition",
        "object_key",
    ): "key under a random id; gone with the next archives_purge, due at once",
    (
        "streams_captiontrack",
        "object_key",
    ): "key under a random id; gone with the next archives_purge, due at once",
    (
        "accounts_reservedhandle",
        "handle",
    ): "freed handles, without the person, until nobody can be taken for them",
    ("accounts_reservedhandle", "handle_skeleton"): "the same, as look-alikes are compared",
    ("audit_decisionnotification", "words"): "the letter repeats the reasons of the decision, which are kept",
    ("audit_evidence", "content"): "a copy of what was reported, until an appeal is over",
    ("audit_evidence", "object_key"): "the key of such a copy names the object it was made of",
    ("streams_archivedecision", "reason"): "the decision repeats the reason of the case, which is kept",
}
"""Table and column in which something of the person is found although no eraser declares the table, or although it is
not the column of a kept table to which it belongs; and why.
"""

LEAST = {"viewed": 40, "engaged": 10, "moneyed": 12}
"""So many values of a life are looked for, or the life has become a poorer one."""


def erased(user: User, monkeypatch: pytest.MonkeyPatch) -> ErasureReport:
    """Erase somebody against whom money would stand: what goes is asked here, and not whether it may."""
    run(
        "UPDATE accounts_user SET status = 'closed', closed_at = now() - interval '31 days' WHERE id = %s",
        [user.pk],
    )
    monkeypatch.setattr(erasure_requested, "receivers", [])
    erasure_requested.sender_receivers_cache.clear()
    coral = officer()
    with acting(Role.COMPLIANCE, user_id=coral.pk):
        return user_erase(user_id=user.pk, actor=coral, reason="asked for it in writing")


@pytest.fixture
def attachments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(storages._storages, "attachments", InMemoryStorage())  # type: ignore[attr-defined]


@pytest.mark.parametrize("life", LIVES)
def test_nothing_is_found_but_what_is_declared_as_kept(
    life: str, attachments: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = LIVES[life]()
    theirs = values_of(user.pk)
    # A handle of its own, which is no part of another one: it stands in labels, letters and histories.
    assert (user.handle or "").lower() in theirs
    common = common_among(theirs, user.pk)
    assert len(set(theirs) - common) >= LEAST[life]
    report = erased(user, monkeypatch)
    kept = {line.table for line in report.kept if line.rows}
    left = places_of(sorted(set(theirs) - common - {FACTORY_TITLE}))
    undeclared: dict[Any, Any] = {
        place: sorted(values)[:5]
        for place, values in left.items()
        # What a kept table keeps is what it keeps in its own personal columns, and no copy of it elsewhere.
        if not (place[0] in kept and all(place in theirs[value] for value in values)) and place not in ALLOWED
    }
    assert undeclared == {}


@pytest.mark.parametrize("life", LIVES)
def test_what_is_encrypted_of_the_person_is_gone_too(
    life: str, attachments: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.apps import apps

    user = LIVES[life]()
    secrets = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field in protected_fields(model) or isinstance(field, BlindIndexField)
    }
    theirs = {value for value, places in values_of(user.pk).items() if places & secrets}
    report = erased(user, monkeypatch)
    kept = {line.table for line in report.kept if line.rows}
    left = {place for place in places_of(sorted(theirs)) if place[0] not in kept}
    assert left == set()
