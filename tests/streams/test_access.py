"""Rules of access and private lists: services, and constraints attacked with raw SQL in the roles that act."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from streams.errors import AccessRefused
from streams.models import AccessGrant, AccessRule, Stream
from streams.services.access import access_grant, access_revoke, rule_remove, rule_set
from tests.accounts.factories import UserFactory, staff
from tests.sql import affected, refused, run
from tests.streams.factories_watching import archive, demand, invited, performer, stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(db: None) -> Stream:
    return stream()


def owner(of: Stream) -> User:
    return User.objects.get(pk=of.performer_id)


def test_a_performer_sets_changes_and_removes_rules_of_what_is_hers(mine: Stream, announced: Any) -> None:
    me = owner(mine)
    with acting(Role.PERFORMER, user_id=me.pk):
        rule = rule_set(stream_id=mine.pk, kind="minimum_age", minimum_age=18, actor=me)
        again = rule_set(stream_id=mine.pk, kind="minimum_age", minimum_age=21, actor=me)
        assert (again.pk, again.minimum_age, AccessRule.objects.get().version) == (rule.pk, 21, 2)
        where = rule_set(
            stream_id=mine.pk, kind="countries", countries=["PT", "DE", "PT"], country_mode="denied", actor=me
        )
        assert where.countries == ["DE", "PT"]
        assert where.details == "Everywhere but there: DE, PT"
        rule_remove(access_rule_id=rule.pk, actor=me)
        assert not AccessRule.objects.filter(kind="minimum_age").exists()
    assert announced.actions == ["access_rule_set"] * 3 + ["access_rule_removed"]
    assert announced.only("access_rule_removed")["subject"] == mine
    assert AccessRule.history.filter(history_type="-").count() == 1


def test_nobody_sets_rules_of_what_is_not_theirs(mine: Stream) -> None:
    other, moderator = performer(), staff(Role.MODERATOR)
    rule = demand(mine, "followers")
    with acting(Role.PERFORMER, user_id=other.pk):
        with pytest.raises(NotThere):
            rule_set(stream_id=mine.pk, kind="public", actor=other.user)
        with pytest.raises(NotThere):
            rule_remove(access_rule_id=rule.pk, actor=other.user)
        assert affected("DELETE FROM streams_accessrule") == 0
        assert run("SELECT id FROM streams_accessrule") == []
        with refused("row-level security"):
            run(
                "INSERT INTO streams_accessrule (stream_id, performer_id, kind) VALUES (%s, %s, 'public')",
                [mine.pk, other.pk],
            )
    with acting(Role.MODERATOR, user_id=moderator.pk):
        rule_remove(access_rule_id=rule.pk, actor=moderator, reason="against the guidelines")
        rule_set(stream_id=mine.pk, kind="minimum_age", minimum_age=18, actor=moderator, reason="gore in it")
    with acting(Role.MODERATOR, user_id=mine.performer_id):
        assert affected("DELETE FROM streams_accessrule") == 0, "nobody decides about their own"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"stream_id": None}, "Name a stream or an archive"),
        ({"archive_id": uuid4()}, "only one of them"),
        ({"kind": "everybody"}, "A rule of access is one of"),
        ({"kind": "minimum_age"}, "names 1 to 99 years"),
        ({"kind": "minimum_age", "minimum_age": 0}, "names 1 to 99 years"),
        ({"kind": "public", "minimum_age": 18}, "other rules name none"),
        ({"kind": "countries", "country_mode": "denied"}, "names some"),
        ({"kind": "countries", "countries": ["DE"]}, "let in or left out"),
        (
            {"kind": "countries", "countries": ["ZZ"], "country_mode": "denied"},
            "no country with the code 'ZZ'",
        ),
        (
            {"kind": "countries", "countries": ["DE"], "country_mode": "some"},
            "must be one of|let in or left out",
        ),
    ],
)
def test_rules_that_make_no_sense(mine: Stream, asked: dict[str, Any], words: str) -> None:
    me = owner(mine)
    with acting(Role.PERFORMER, user_id=me.pk), pytest.raises(AccessRefused, match=words):
        rule_set(**{"stream_id": mine.pk, "kind": "public", "actor": me, **asked})
    assert not AccessRule.objects.exists()


def test_open_to_everybody_and_to_some_contradict_one_another(mine: Stream) -> None:
    me = owner(mine)
    with acting(Role.PERFORMER, user_id=me.pk):
        rule_set(stream_id=mine.pk, kind="subscribers", actor=me)
        rule_set(stream_id=mine.pk, kind="ticket", actor=me)
        rule_set(stream_id=mine.pk, kind="minimum_age", minimum_age=18, actor=me)
        with pytest.raises(AccessRefused, match="contradict"):
            rule_set(stream_id=mine.pk, kind="public", actor=me)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("INSERT INTO streams_accessrule (performer_id, kind) VALUES (%(me)s, 'public')", "target_check"),
        ("INSERT INTO streams_accessrule (performer_id, stream_id, archive_id, kind) "
         "VALUES (%(me)s, %(stream)s, %(archive)s, 'public')", "target_check"),
        ("INSERT INTO streams_accessrule (performer_id, stream_id, kind) VALUES (%(me)s, %(stream)s, 'subscribers')",
         "stream_kind_key"),
        ("INSERT INTO streams_accessrule (performer_id, stream_id, kind) VALUES (%(me)s, %(stream)s, 'public')",
         "stream_open_excl"),
        ("INSERT INTO streams_accessrule (performer_id, stream_id, kind, countries, country_mode) "
         "VALUES (%(me)s, %(stream)s, 'countries', ARRAY['DE', NULL], 'denied')", "countries_format_check"),
        ("INSERT INTO streams_accessrule (performer_id, stream_id, kind, countries, country_mode) "
         "VALUES (%(me)s, %(stream)s, 'countries', ARRAY['de'], 'denied')", "countries_format_check"),
        ("INSERT INTO streams_accessrule (performer_id, stream_id, kind, countries, country_mode) "
         "VALUES (%(me)s, %(stream)s, 'countries', '{}', 'denied')", "countries_check"),
        ("UPDATE streams_accessrule SET kind = 'public'", "permission denied"),
        ("UPDATE streams_accessrule SET performer_id = uuidv7()", "permission denied"),
        ("INSERT INTO streams_accessgrant (performer_id, stream_id, user_id, granted_by_id, valid) "
         "VALUES (%(me)s, %(stream)s, %(fan)s, %(me)s, tstzrange(now(), NULL))", "stream_valid_excl"),
        ("INSERT INTO streams_accessgrant (performer_id, user_id, granted_by_id, valid) "
         "VALUES (%(me)s, %(fan)s, %(me)s, tstzrange(now(), NULL))", "target_check"),
        ("INSERT INTO streams_accessgrant (performer_id, archive_id, user_id, granted_by_id, valid) "
         "VALUES (%(me)s, %(archive)s, %(fan)s, %(fan)s, tstzrange(now(), NULL))", "row-level security"),
        ("INSERT INTO streams_accessgrant (performer_id, archive_id, user_id, granted_by_id, valid) "
         "VALUES (%(me)s, %(archive)s, %(me)s, %(me)s, tstzrange(now(), NULL))", "user_check"),
        ("INSERT INTO streams_accessgrant (performer_id, archive_id, user_id, granted_by_id, valid) "
         "VALUES (%(me)s, %(archive)s, %(fan)s, %(me)s, tstzrange(now(), now()))", "valid_check|beginning_check"),
        ("UPDATE streams_accessgrant SET user_id = %(me)s", "permission denied"),
        ("UPDATE streams_accessgrant SET valid = tstzrange(lower(valid) - interval '1 day', NULL)",
         "can only be ended"),
        ("DELETE FROM streams_accessgrant", "permission denied"),
        ("INSERT INTO streams_searchdocument (kind) VALUES ('stream')", "permission denied"),
        ("SELECT * FROM streams_searchdocument", "permission denied"),
        ("INSERT INTO streams_livelistingsnapshot (taken_at, stream_count) VALUES (now(), 0)", "permission denied"),
    ],
)  # fmt: skip
def test_rules_attacked_by_the_performer(mine: Stream, statement: str, words: str) -> None:
    demand(mine, "subscribers")
    fan = UserFactory()
    invited(mine, fan)
    kept = archive(stream(mine.performer, status="scheduled"))
    names = {"me": mine.performer_id, "stream": mine.pk, "archive": kept.pk, "fan": fan.pk}
    with acting(Role.PERFORMER, user_id=mine.performer_id), refused(words):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, names)


def test_a_child_belongs_to_whom_its_parent_belongs(mine: Stream) -> None:
    other = performer()
    run(
        "INSERT INTO streams_accessrule (performer_id, stream_id, kind) VALUES (%s, %s, 'public')",
        [other.pk, mine.pk],
    )
    assert AccessRule.objects.get().performer_id == mine.performer_id


def test_the_private_list(mine: Stream, announced: Any) -> None:
    me, fan = owner(mine), UserFactory()
    with acting(Role.PERFORMER, user_id=me.pk):
        grant = access_grant(
            stream_id=mine.pk, user_id=fan.pk, actor=me, until=timezone.now() + timedelta(days=1)
        )
        with pytest.raises(AccessRefused, match="on the private list already"):
            access_grant(stream_id=mine.pk, user_id=fan.pk, actor=me)
        with pytest.raises(AccessRefused, match="end lies in the past"):
            access_grant(
                stream_id=mine.pk, user_id=fan.pk, actor=me, until=timezone.now() - timedelta(days=1)
            )
        with pytest.raises(AccessRefused, match="own stream"):
            access_grant(stream_id=mine.pk, user_id=me.pk, actor=me)
        with pytest.raises(AccessRefused):
            access_grant(stream_id=mine.pk, user_id=uuid4(), actor=me)
        with pytest.raises(AccessRefused, match="Name a stream or an archive"):
            access_grant(user_id=fan.pk, actor=me)
        access_revoke(access_grant_id=grant.pk, actor=me)
        with pytest.raises(AccessRefused, match="off the list already"):
            access_revoke(access_grant_id=grant.pk, actor=me)
        access_grant(stream_id=mine.pk, user_id=fan.pk, actor=me)
    assert announced.actions == ["access_granted", "access_revoked", "access_granted"]
    assert str(fan.pk) not in str(announced.only("access_revoked")["detail"])


def test_who_reads_private_lists(mine: Stream) -> None:
    fan, stranger = UserFactory(), UserFactory()
    invited(mine, fan)
    readers = {
        Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR,
        Role.WORKER
    }  # fmt: skip
    for person, role, seen in (
        (fan.pk, Role.VIEWER, 1),
        (stranger.pk, Role.VIEWER, 0),
        (None, Role.VIEWER, 0),
        (mine.performer_id, Role.PERFORMER, 1),
        (stranger.pk, Role.PERFORMER, 0),
        *((stranger.pk, role, 1) for role in readers),
    ):
        with acting(role, user_id=person):
            assert AccessGrant.objects.count() == seen, (role, seen)
    for role in set(ACTING_ROLES) - readers - {Role.VIEWER, Role.PERFORMER}:
        with acting(role, user_id=stranger.pk), refused("permission denied"):
            AccessGrant.objects.count()


def test_nothing_is_granted_to_somebody_erased(mine: Stream) -> None:
    gone = UserFactory(status="erased")
    with acting(Role.PERFORMER, user_id=mine.performer_id), pytest.raises(AccessRefused, match="erased"):
        access_grant(stream_id=mine.pk, user_id=gone.pk, actor=owner(mine))
