"""Identity records and documents: facts, sealed, read by few, revealed with a reason, found nowhere in plain."""

import subprocess
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from accounts.models import User
from audit.models import SensitiveRead
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, Role
from core.embedded.binaries import find_installation
from core.encryption import Sealed
from core.encryption.reveal import RevealRefused
from performers.models import IdentityDocument, IdentityRecord
from performers.services.admission import application_submit
from performers.services.examinations import document_reveal, examination_decide, identity_reveal
from tests.accounts.factories import UserFactory, staff
from tests.database import Databases
from tests.performers.factories_admission import (
    BORN,
    LEGAL_NAME,
    IdentityDocumentFactory,
    PerformerFactory,
    declare,
    declared,
    examined,
    passport,
    verified,
)
from tests.sql import refused, run

REASON = "compares the passport with what was declared"
MARKER = "Wilhelmine Geheimnis-7f3a"
PLACE = "closed/vault-marker-9c1d"
DAY = date(1917, 3, 29)

pytestmark = pytest.mark.django_db


class TestRecords:
    def test_an_examination_is_of_what_was_declared_whatever_the_statement_says(
        self, compliance: User
    ) -> None:
        declaration, other = declared(PerformerFactory()), PerformerFactory()
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            run(
                "INSERT INTO performers_identityrecord (performer_id, declaration_id, legal_name, birth_date, verdict, "
                "adult_at_examination, examined_by_id, examined_at, documents_until) "
                "SELECT %s, %s, 'x', 'y', 'accepted', true, %s, '2001-01-01', '2199-01-01'",
                [other.pk, declaration.pk, compliance.pk],
            )
        record = IdentityRecord.objects.get(verdict="accepted")
        assert record.performer_id == declaration.performer_id
        assert bytes(record.legal_name) == bytes(IdentityRecord.objects.get(pk=declaration.pk).legal_name)
        assert record.examined_at is not None
        assert record.examined_at.year > 2020
        assert record.documents_until == declaration.documents.get().expires_at

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            ({"adult_at_examination": None}, "not-null constraint"),
            ({"adult_at_examination": False}, "adult_check"),
            ({"verdict": "maybe", "ground": None}, "verdict_check|rejection_check"),
            ({"ground": "mismatch"}, "rejection_check"),
            ({"verdict": "rejected", "ground": None}, "rejection_check"),
            ({"examined_by": None}, "examined_check"),
            ({"declaration": None}, "examined_check|documents_check"),
        ],
    )
    def test_rules_attacked_by_the_owner(self, columns: dict[str, Any], words: str) -> None:
        with refused(words):
            examined(PerformerFactory(), **columns)

    def test_facts_are_never_changed(self) -> None:
        performer = verified()
        for table in ("identityrecord", "identitydocument"):
            for role in (Role.OWNER, *ACTING_ROLES):
                with acting(role, user_id=performer.pk):
                    for statement in (
                        f"UPDATE performers_{table} SET performer_id = performer_id",
                        f"DELETE FROM performers_{table}",
                    ):
                        with refused("append-only|permission denied"):
                            run(statement)

    def test_a_declaration_is_examined_once_and_only_the_latest(self) -> None:
        performer = PerformerFactory()
        first = declared(performer)
        fields: dict[str, Any] = {
            "performer": performer, "legal_name": "x", "birth_date": BORN, "verdict": "rejected",
            "ground": "mismatch", "examined_by": UserFactory(), "examined_at": "2026-01-01T00:00Z",
        }  # fmt: skip
        made = IdentityRecord.objects.create(declaration=first, **fields)
        with refused("declaration_key"):
            IdentityRecord.objects.create(declaration=first, **fields)
        with refused("something that was declared"):
            IdentityRecord.objects.create(declaration=made, **fields)
        with refused("nobody has examined yet"):
            IdentityDocumentFactory(record=first)
        outdated = declared(PerformerFactory())
        declared(outdated.performer)
        with refused("latest declaration"):
            IdentityRecord.objects.create(declaration=outdated, **fields)

    def test_no_role_writes_for_others(self, compliance: User) -> None:
        mine, other = PerformerFactory(), PerformerFactory()
        insert = (
            "INSERT INTO performers_identityrecord (performer_id, legal_name, birth_date, verdict, declaration_id, "
            "examined_by_id, examined_at, adult_at_examination, ground) VALUES (%s, 'x', 'y', {})"
        )
        declaration = declared(mine)
        with acting(Role.PERFORMER, user_id=mine.pk):
            for statement, performer in (
                (insert.format("NULL, NULL, NULL, NULL, false, NULL"), other),
                (insert.format(f"'accepted', '{declaration.pk}', '{other.pk}', now(), true, NULL"), mine),
            ):
                with refused("row-level security"):
                    run(statement, [performer.pk])
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            for verdict in (
                "NULL, NULL, NULL, NULL, NULL, NULL",
                f"'accepted', '{declaration.pk}', '{other.pk}', now(), true, NULL",
            ):
                with refused("row-level security"):
                    run(insert.format(verdict), [mine.pk])
        own = declared(PerformerFactory(user=compliance))
        with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("row-level security|examined_by_check"):
            run(
                insert.format(f"'accepted', '{own.pk}', '{compliance.pk}', now(), true, NULL"),
                [compliance.pk],
            )

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"sha256": b"x"}, "sha256_check"),
            ({"issuing_country": "deu"}, "issuing_country_format_check"),
            ({"expires_on": None}, "expires_on_check"),
            ({"kind": "photograph"}, "expires_on_check"),
            ({"kind": "library_card"}, "kind_check"),
        ],
    )
    def test_documents_attacked_by_the_owner(self, fields: dict[str, Any], words: str) -> None:
        with refused(words):
            IdentityDocumentFactory(**fields)


@pytest.mark.parametrize("table", ["identityrecord", "identitydocument"])
def test_only_the_performer_compliance_and_auditors_read(table: str) -> None:
    mine, other = verified(), verified()
    question = f"SELECT DISTINCT performer_id FROM performers_{table} ORDER BY 1"
    for role in ACTING_ROLES:
        with acting(role, user_id=mine.pk):
            if role in (Role.COMPLIANCE, Role.AUDITOR):
                assert run(question) == sorted([(mine.pk,), (other.pk,)])
            elif role is Role.PERFORMER:
                assert run(question) == [(mine.pk,)]
            else:
                with refused("permission denied"):
                    run(question)
    with acting(Role.PERFORMER):
        assert run(question) == []


class TestReveal:
    @pytest.fixture
    def record(self, db: None) -> IdentityRecord:
        return declare(PerformerFactory(), passport(storage_reference=PLACE))

    def test_an_examiner_opens_with_a_reason_and_it_is_recorded(
        self, record: IdentityRecord, compliance: User
    ) -> None:
        loaded = IdentityRecord.objects.get(pk=record.pk)
        assert isinstance(loaded.legal_name, Sealed)
        assert isinstance(loaded.birth_date, Sealed)
        with acting(Role.COMPLIANCE, user_id=compliance.pk):
            shown = identity_reveal(identity_record_id=record.pk, actor=compliance, reason=REASON)
            place = document_reveal(
                identity_document_id=record.documents.get().pk,
                actor=compliance,
                reason=REASON,
                case_reference="A-1",
            )
        assert dict(shown.values) == {"legal_name": LEGAL_NAME, "birth_date": BORN}
        assert dict(place.values) == {"storage_reference": PLACE}
        assert LEGAL_NAME not in repr(shown)
        readings = SensitiveRead.objects.order_by("pk")
        assert [(reading.actor, reading.person_id) for reading in readings] == [
            (compliance, record.performer_id)
        ] * 2

    def test_no_reason_own_data_and_other_roles(self, record: IdentityRecord, compliance: User) -> None:
        with acting(Role.COMPLIANCE, user_id=compliance.pk), pytest.raises(RevealRefused, match="reason"):
            identity_reveal(identity_record_id=record.pk, actor=compliance, reason="look")
        own = declared(PerformerFactory(user=compliance))
        with acting(Role.COMPLIANCE, user_id=compliance.pk), pytest.raises(RevealRefused, match="your own"):
            identity_reveal(identity_record_id=own.pk, actor=compliance, reason=REASON)
        stranger = UserFactory()
        with acting(Role.PERFORMER, user_id=stranger.pk), pytest.raises(NotThere):
            identity_reveal(identity_record_id=record.pk, actor=stranger, reason=REASON)


def shapes() -> list[bytes]:
    """What must not be found, as itself and as a dump writes bytes."""
    plain = [MARKER, PLACE, DAY.isoformat()]
    return [part.lower() for text in plain for part in (text.encode(), text.encode().hex().encode())]


@pytest.mark.django_db(transaction=True)
def test_the_plaintext_is_in_no_table_no_dump_and_no_running_statement(
    tmp_path: Path, test_databases: Databases
) -> None:
    """Declared, examined and revealed by the services; then a superuser looks."""
    performer, actor = PerformerFactory(), staff(Role.COMPLIANCE)
    name = connection.settings_dict["NAME"]
    done: list[Any] = []

    def work() -> None:
        try:
            done.append(
                declare(performer, passport(storage_reference=PLACE), legal_name=MARKER, birth_date=DAY)
            )
        except BaseException as error:
            done.append(error)
        finally:
            connection.close()

    with psycopg.connect(test_databases.superuser, dbname=name) as other:
        # The statement that carries the values waits for this, and is looked at meanwhile.
        other.execute("LOCK TABLE vbl.performers_identityrecord IN SHARE MODE")
        thread = threading.Thread(target=work)
        thread.start()
        seen = ""
        while 'INSERT INTO "performers_identityrecord"' not in seen:
            assert not done, done
            time.sleep(0.01)
            with psycopg.connect(test_databases.superuser) as watcher:
                seen = "\n".join(
                    text
                    for (text,) in watcher.execute(
                        "SELECT query FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'",
                        [name],
                    )
                )
    thread.join()
    assert "crypt.seal($" in seen
    assert not [shape for shape in shapes() if shape in seen.lower().encode()]
    (record,) = done
    with acting(Role.PERFORMER, user_id=performer.pk):
        application_submit(performer_id=performer.pk, actor=performer.user)
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        shown = identity_reveal(identity_record_id=record.pk, actor=actor, reason=REASON)
        assert shown.values["legal_name"] == MARKER
        examination_decide(
            performer_id=performer.pk,
            verdict="accepted",
            adult_at_examination=True,
            actor=actor,
            reason=REASON,
        )
    superuser = make_conninfo(test_databases.superuser, dbname=name)
    installation = find_installation(tmp_path)
    dump = subprocess.run(
        [installation.program("pg_dump"), "--inserts", superuser],
        env=installation.environment(),
        capture_output=True,
        check=True,
    ).stdout.lower()
    assert dump.count(b"insert into vbl.performers_identityrecord") == 2
    assert b"insert into vbl.performers_identitydocument" in dump
    assert b"insert into vbl.performers_historicalperformerprofile" in dump
    assert b"insert into vbl.audit_label" in dump
    assert not [shape for shape in shapes() if shape in dump]
    assert IdentityDocument.objects.count() == 1
