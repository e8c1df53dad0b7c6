"""Blocks as the database knows them: who is told, who reads, what they end."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from core.db.roles import STAFF_ROLES, Role
from core.db.context import acting
from engagement.blocking import blocked_between, blockers_of
from engagement.models import Block, Follow
from tests.engagement.ties_data import as_person, as_worker, verified, viewer

pytestmark = pytest.mark.django_db


def test_either_direction_is_told_to_both_and_to_nobody_else() -> None:
    ann, bob, eve = viewer(), viewer(), viewer()
    with as_person(ann):
        Block.objects.create(blocker=ann, blocked=bob)
    for person in (ann, bob):
        with as_person(person):
            assert blocked_between(person_id=ann.pk, other_id=bob.pk)
            assert blocked_between(person_id=bob.pk, other_id=ann.pk)
    with as_person(bob):
        assert blockers_of(bob.pk, [ann.pk, eve.pk]) == {ann.pk}
        assert not blocked_between(person_id=bob.pk, other_id=eve.pk)
        assert blockers_of(bob.pk, []) == set()
    with as_person(eve), pytest.raises(ProgrammingError, match="their own only"), transaction.atomic():
        blocked_between(person_id=ann.pk, other_id=bob.pk)
    with as_person(eve), pytest.raises(ProgrammingError, match="their own only"), transaction.atomic():
        blockers_of(ann.pk, [bob.pk])
    with as_worker():
        assert blockers_of(ann.pk, [bob.pk, eve.pk, uuid4()]) == {bob.pk}
