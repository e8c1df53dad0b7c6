"""Every rule of the tables, attacked with SQL by the owner: one row that fails, one that passes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from accounts.choices import UserStatus
from accounts.models import User
from tests.accounts.factories import WAY_TO, UserFactory
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

TABLES = {
    "user": {"handle": "'bruno'", "signed_up_at": "now()", "locale": "'en'", "time_zone": "'UTC'",
             "sign_up_source": "'web'", "status": "'pending'"},
    "userpassword": {"user_id": "%(user)s", "password_hash": "'argon2$x'", "changed_at": "now()"},
    "reservedhandle": {"handle": "'brand_x'", "reason": "'brand'"},
    "rolegrant": {"user_id": "%(user)s", "role": "'vbl_support'", "valid": "'[2026-01-01,2026-02-01)'",
                  "reason": "'works here'"},
    "restriction": {"user_id": "%(user)s", "kind": "'chat'", "valid": "'[2026-01-01,2026-02-01)'",
                    "reason": "'insults'"},
    "accountflag": {"user_id": "%(user)s", "kind": "'spam'", "source": "'automatic'", "confidence": "1",
                    "note": "''"},
    "viewerprofile": {"user_id": "%(user)s", "display_name": "''", "autoplay": "true", "captions": "false",
                      "quality_cap": "'automatic'", "reduced_motion": "false", "blurred_media": "true"},
    "usersession": {"user_id": "%(user)s", "token_digest": "'\\x01'", "user_agent": "''",
                    "last_used_at": "now()", "expires_at": "now() + interval '1 hour'"},
}  # fmt: skip

LATER = "'[2026-02-01,2026-03-01)'"
OVERLAP = "'[2026-01-31,)'"

# Table, rule, what fails, what passes; both differ from the row above. Rules about two rows meet that row.
RULES: list[tuple[str, str, dict[str, str], dict[str, str]]] = [
    ("user", "sign_up_source_check", {"sign_up_source": "'gift'"}, {"sign_up_source": "'import'"}),
    ("user", "status_transition", {"status": "'active'"}, {"status": "'pending'"}),
    ("user", "handle_format_check", {"handle": "'ab'"}, {"handle": "'abc'"}),
    ("user", "handle_format_check", {"handle": "repeat('a', 31)"}, {"handle": "repeat('a', 30)"}),
    ("user", "handle_format_check", {"handle": "E'abc\\n'"}, {"handle": "'ABC_09'"}),
    ("user", "handle_format_check", {"handle": "'ännä'"}, {"handle": "'a_b_c'"}),
    ("user", "locale_length_check", {"locale": "'e'"}, {"locale": "'pt-BR'"}),
    ("user", "time_zone_length_check", {"time_zone": "''"}, {"time_zone": "'Europe/London'"}),
    ("user", "country_format_check", {"country": "'gb'"}, {"country": "'GB'"}),
    ("user", "country_format_check", {"country": "'GBR'"}, {"country": "null"}),
    ("user", "closed_at_check", {"closed_at": "now()"}, {"closed_at": "null"}),
    ("user", "erased_at_check", {"erased_at": "now()"}, {"erased_at": "null"}),
    ("user", "erased_at_check", {"handle": "null"}, {"handle": "'carla'"}),
    ("user", "handle_reserved", {"handle": "'adm1n'"}, {"handle": "'admin_of_mine'"}),
    ("reservedhandle", "reason_check", {"reason": "'mood'"}, {"reason": "'system'"}),
    ("reservedhandle", "handle_format_check", {"handle": "'x'"}, {"handle": "'xyz'"}),
    ("reservedhandle", "quarantine_check", {"reason": "'quarantine'"},
     {"reason": "'quarantine'", "reserved_until": "now()"}),
    ("rolegrant", "role_check", {"role": "'vbl_owner'"}, {"role": "'vbl_administrator'"}),
    ("rolegrant", "reason_length_check", {"reason": "'x'"}, {"reason": "'xyz'"}),
    ("rolegrant", "grantor_check", {"grantor_id": "%(user)s"}, {"grantor_id": "%(other)s"}),
    ("rolegrant", "valid_check", {"valid": "'empty'"}, {"valid": "'[2026-01-01,)'"}),
    ("restriction", "kind_check", {"kind": "'breathe'"}, {"kind": "'tip'"}),
    ("restriction", "reason_length_check", {"reason": "''"}, {"reason": "'spam'"}),
    ("restriction", "decided_by_check", {"decided_by_id": "%(user)s"}, {"decided_by_id": "%(other)s"}),
    ("restriction", "valid_check", {"valid": "'empty'"}, {"valid": "'[2026-01-01,)'"}),
    ("accountflag", "kind_check", {"kind": "'rude'"}, {"kind": "'underage'"}),
    ("accountflag", "source_check", {"source": "'oracle'"}, {"source": "'authority'"}),
    ("accountflag", "note_length_check", {"note": "repeat('x', 2001)"}, {"note": "repeat('x', 2000)"}),
    ("accountflag", "confidence_check", {"confidence": "1.1"}, {"confidence": "0.5"}),
    ("accountflag", "confidence_check", {"confidence": "-0.1"}, {"confidence": "0"}),
    ("accountflag", "resolution_check", {"resolution": "'maybe'", "resolved_at": "now()"},
     {"resolution": "'dismissed'", "resolved_at": "now()"}),
    ("accountflag", "resolved_check", {"resolved_at": "now()"},
     {"resolution": "'confirmed'", "resolved_at": "now()"}),
    ("accountflag", "resolved_check", {"resolution": "'confirmed'"}, {"resolution": "null"}),
    ("viewerprofile", "quality_cap_check", {"quality_cap": "'8k'"}, {"quality_cap": "'720p'"}),
    ("viewerprofile", "display_name_length_check", {"display_name": "repeat('x', 51)"},
     {"display_name": "repeat('ß', 50)"}),
    ("viewerprofile", "display_name_format_check", {"display_name": "E'a\\u202Eb'"},
     {"display_name": "'محمد 👩‍🚀'"}),
    ("viewerprofile", "quiet_hours_check", {"quiet_from": "'22:00'"},
     {"quiet_from": "'22:00'", "quiet_until": "'07:00'"}),
    ("usersession", "user_agent_length_check", {"user_agent": "repeat('x', 401)"},
     {"user_agent": "repeat('x', 400)"}),
    ("usersession", "expires_at_check", {"expires_at": "now()"}, {"expires_at": "now() + interval '1 s'"}),
]  # fmt: skip

PAIRS: list[tuple[str, str, dict[str, str], dict[str, str]]] = [
    ("user", "handle_key", {"handle": "'BRUNO'"}, {"handle": "'brunhild'"}),
    ("user", "handle_skeleton_key", {"handle": "'brun0'"}, {"handle": "'bruna'"}),
    ("reservedhandle", "handle_skeleton_key", {"handle": "'Brand_X'"}, {"handle": "'brand_y'"}),
    ("rolegrant", "valid_excl", {"valid": OVERLAP}, {"valid": LATER}),
    ("rolegrant", "valid_excl", {"valid": OVERLAP}, {"role": "'vbl_auditor'"}),
    ("restriction", "valid_excl", {"valid": OVERLAP}, {"valid": LATER}),
    ("restriction", "valid_excl", {"valid": OVERLAP}, {"user_id": "%(other)s"}),
    ("accountflag", "user_kind_key", {"source": "'authority'"}, {"kind": "'harassment'"}),
    ("usersession", "token_digest_key", {"user_id": "%(other)s"}, {"token_digest": "'\\x02'"}),
    ("userpassword", "user_id_key", {"password_hash": "'other'"}, {"user_id": "%(other)s"}),
    ("viewerprofile", "user_id_key", {"display_name": "'other'"}, {"user_id": "%(other)s"}),
]


def insert(table: str, people: dict[str, Any], **changes: str) -> None:
    row = {**TABLES[table], **changes}
    statement = f"INSERT INTO accounts_{table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"
    run(statement % {name: f"'{key}'" for name, key in people.items()})


@contextmanager
def violated(constraint: str) -> Iterator[None]:
    """The block breaks this very rule, by the name that PostgreSQL gives back."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__.diag.constraint_name == constraint


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    return {"user": UserFactory().pk, "other": UserFactory().pk}


@pytest.mark.parametrize(("table", "name", "bad", "good"), RULES)
def test_rules_about_one_row(
    people: dict[str, Any], table: str, name: str, bad: dict[str, str], good: dict[str, str]
) -> None:
    with violated(f"accounts_{table}_{name}"):
        insert(table, people, **bad)
    insert(table, people, **good)


@pytest.mark.parametrize(("table", "name", "bad", "good"), PAIRS)
def test_rules_about_two_rows(
    people: dict[str, Any], table: str, name: str, bad: dict[str, str], good: dict[str, str]
) -> None:
    insert(table, people)
    with refused(f"accounts_{table}_{name}"):
        insert(table, people, **bad)
    insert(table, people, **good)


def test_no_rule_is_forgotten() -> None:
    attacked = {f"accounts_{table}_{name}" for table, name, _, _ in (*RULES, *PAIRS)}
    kinds = (CheckConstraint, UniqueConstraint, ExclusionConstraint)
    declared = {
        constraint.name
        for table in TABLES
        for constraint in apps.get_model("accounts", table)._meta.constraints
        if isinstance(constraint, kinds)
    }
    # The trigger of the state machine speaks before the CHECK on the values: see below.
    assert declared - attacked == {"accounts_user_status_check"}


def test_an_unknown_status_is_refused_without_the_trigger_too(people: dict[str, Any]) -> None:
    run("ALTER TABLE accounts_user DISABLE TRIGGER accounts_user_40_move")
    with violated("accounts_user_status_check"):
        insert("user", people, status="'asleep'")


@pytest.mark.parametrize("start", UserStatus.values)
def test_the_state_machine_of_people(start: str) -> None:
    moves = User.status_machine.moves
    for target in UserStatus.values:
        user = UserFactory(status=start)
        times = {"closed": "closed_at = now(), ", "erased": "erased_at = now(), handle = null, "}.get(
            target, ""
        )
        leave = "closed_at = null, " if start == "closed" and target not in ("closed", "erased") else ""
        move = f"UPDATE accounts_user SET {times or leave}status = %s WHERE id = %s"
        if target == start or target in moves.get(start, ()):
            run(
                move if target != start else "UPDATE accounts_user SET status = %s WHERE id = %s",
                [target, user.pk],
            )
        else:
            with refused(f"cannot move from {start} to {target}"):
                run(move, [target, user.pk])


def test_every_status_is_reached_by_a_legal_way() -> None:
    assert {UserFactory(status=status).status for status in WAY_TO} == set(UserStatus.values)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("user", "signed_up_at", "now()"),
        ("user", "sign_up_source", "'staff'"),
        ("restriction", "user_id", "%(other)s"),
        ("restriction", "reason", "'nothing at all'"),
        ("restriction", "kind", "'tip'"),
        ("rolegrant", "role", "'vbl_administrator'"),
        ("rolegrant", "grantor_id", "%(other)s"),
        ("accountflag", "source", "'authority'"),
        ("accountflag", "user_id", "%(other)s"),
    ],
)
def test_what_never_changes(people: dict[str, Any], table: str, column: str, value: str) -> None:
    insert(table, people)
    value = value % {name: f"'{key}'" for name, key in people.items()}
    with refused("cannot be changed"):
        run(f"UPDATE accounts_{table} SET {column} = {value}")


def test_an_erased_persons_handle_is_free_again() -> None:
    UserFactory(handle="bruno", status=UserStatus.ERASED)
    UserFactory(handle="bruno")
