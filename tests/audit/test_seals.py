"""Sealing: what is covered, in which order, by which key, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit.errors import AnotherCluster, NotTheKey, SealingElsewhere
from audit.models import JobRun, Seal, SealLeaf
from audit.seals.signing import RingKeys, is_genuine
from audit.services.seals import LOCK, events_seal, seal_lag
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.encryption.errors import KeyMalformed, KeyMissing
from core.encryption.generation import generate
from core.encryption.ring import KeyKind, KeyRing, forget
from core.models.identity import uuid7
from tests.audit.rows import write_events
from tests.audit.sealing import RECORD, seal, uncovered, verify, write
from tests.database import Databases
from tests.sql import refused, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A directory of keys of this test's own, with one signing key."""
    generate(tmp_path, KeyKind.SIGNING)
    settings.KEYS_DIRECTORY = tmp_path
    settings.KEYS_MADE_WHEN_MISSING = False
    forget()
    yield tmp_path
    forget()


@pytest.fixture
def elsewhere(test_databases: Databases) -> Iterator[Any]:
    """A second connection of Django's, for what happens at the same time."""
    other = connection.copy()
    yield other
    other.close()


class TestCovering:
    def test_nothing_written_is_nothing_sealed(self) -> None:
        assert seal() == []
        assert seal_lag() is None

    def test_every_event_gets_one_leaf_in_the_order_of_ids(self) -> None:
        written = write(5)
        (made,) = seal()
        assert (made.number, made.epoch, made.event_count, made.previous) == (1, 1, 5, None)
        assert (made.first_id, made.last_id) == (written[0], written[-1])
        leaves = SealLeaf.objects.order_by("place")
        assert [leaf.pk for leaf in leaves] == written
        assert {leaf.seal_id for leaf in leaves} == {made.pk}
        assert seal() == []

    def test_seals_are_chained_and_signed(self) -> None:
        write()
        (one,) = seal()
        write()
        (two,) = seal()
        two.refresh_from_db()
        assert (two.number, two.previous_id) == (2, one.pk)
        assert two.horizon > one.horizon
        assert bytes(two.head) == two.computed_head(bytes(one.head))
        key = RingKeys().find(two.key_number)
        assert key is not None
        assert is_genuine(key, bytes(two.head), bytes(two.signature))

    def test_what_still_runs_is_sealed_when_it_has_ended(self, elsewhere: Any) -> None:
        write()
        seal()
        elsewhere.set_autocommit(False)
        with elsewhere.cursor() as cursor:
            cursor.execute(RECORD, [uuid7()])
            (late,) = cursor.fetchone()
        early = write(2)
        assert list(events_seal()) == [], "the running transaction is older than both"
        assert seal_lag() is not None
        elsewhere.commit()
        (made,) = seal()
        assert made.event_count == 3
        assert set(SealLeaf.objects.filter(seal=made).values_list("id", flat=True)) == {late, *early}
        assert verify().found == 0

    def test_what_was_rolled_back_leaves_no_hole(self) -> None:
        write()
        seal()
        with pytest.raises(RuntimeError), transaction.atomic():
            run(RECORD, [uuid7()])
            raise RuntimeError
        assert seal() == []
        write()
        assert [made.event_count for made in seal()] == [1]
        assert verify().found == 0

    def test_a_seal_is_bounded_and_the_next_goes_on(self) -> None:
        write(7)
        assert [made.event_count for made in seal(most_events=3)] == [3, 3, 1]
        write(7)
        assert [made.event_count for made in seal(most_events=3)] == [3, 3, 1]
        assert uncovered() == 0
        assert verify().found == 0

    def test_one_transaction_is_never_divided(self) -> None:
        write()
        seal()
        with transaction.atomic():
            for _ in range(5):
                run(RECORD, [uuid7()])
        write()
        assert [made.event_count for made in seal(most_events=2)] == [5, 1]

    def test_events_of_months_gone_by_find_room(self) -> None:
        write()
        seal()
        write_events(50)
        assert sum(made.event_count for made in seal()) == 50
        assert uncovered() == 0

    def test_the_lag_is_that_of_the_oldest_event_without_a_seal(self) -> None:
        write()
        with acting(Role.APP):
            assert 0 <= (seal_lag() or -1) < 3600
        seal()
        assert seal_lag() is None


class TestRows:
    @pytest.fixture
    def made(self) -> Seal:
        write(2)
        return seal()[0]

    @pytest.mark.parametrize("table", ["audit_seal", "audit_sealleaf"])
    def test_nobody_writes_seals(self, table: str, made: Seal) -> None:
        for verb in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with refused("append-only"):
                run(verb)
            for role in (Role.APP, Role.RETENTION, *ACTING_ROLES):
                with acting(role), refused("permission denied"):
                    run(verb)

    def test_only_overseers_read_them(self, made: Seal) -> None:
        readers = {Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR}
        for role in ACTING_ROLES:
            with acting(role):
                if role in readers:
                    assert Seal.objects.count() == 1
                    assert SealLeaf.objects.count() == 2
                else:
                    with refused("permission denied"):
                        Seal.objects.count()

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"number": 3}, "does not follow"),
            ({"horizon": 1}, "the horizon goes back"),
            ({"epoch": 3}, "the horizon goes back, or the epoch"),
            ({"cluster": 7}, "the horizon goes back"),
            ({"event_count": 9}, "the head is not that of the row"),
            ({"previous": None, "number": 1}, "the head is not that of the row|audit_seal_number_key"),
            ({"root": b"short"}, "the head is not|audit_seal_root_check"),
        ],
    )
    def test_the_database_holds_the_chain(self, change: dict[str, Any], words: str, made: Seal) -> None:
        columns = {
            "number": 2,
            "previous": made,
            "epoch": 1,
            "cluster": made.cluster,
            "horizon": made.horizon,
            "event_count": 2,
            "first_id": made.first_id,
            "last_id": made.last_id,
            "root": made.root,
            "head": made.head,
            "signature": made.signature,
            "key_number": 1,
            "sealed_at": made.sealed_at,
        }
        with refused(words):
            Seal.objects.create(**{**columns, **change})


class TestKeys:
    def test_the_highest_private_key_signs_and_older_seals_stay_proven(self, keys: Path) -> None:
        write()
        seal()
        generate(keys, KeyKind.SIGNING)
        forget()
        write()
        assert [made.key_number for made in seal()] == [2]
        assert verify().found == 0

    def test_without_a_private_key_nothing_is_written(self, keys: Path) -> None:
        (keys / "signing_1.private.pem").unlink()
        write()
        with pytest.raises(KeyMissing, match="signing_<number>.private.pem"):
            seal()
        assert not SealLeaf.objects.exists()
        assert not Seal.objects.exists()

    @pytest.mark.parametrize(
        "text", ["", "no key at all", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
    )
    def test_a_file_that_is_no_key_is_named(self, text: str, keys: Path) -> None:
        (keys / "signing_1.private.pem").write_text(text)
        write()
        with pytest.raises(KeyMalformed, match="signing_1.private.pem"):
            seal()
        assert not SealLeaf.objects.exists()

    def test_halves_of_two_keys_do_not_sign(self, keys: Path) -> None:
        other = Ed25519PrivateKey.generate()
        pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (keys / "signing_1.private.pem").write_bytes(pem)
        write()
        with pytest.raises(NotTheKey, match="not halves of one key"):
            seal()

    def test_a_key_that_was_replaced_under_its_number_does_not_sign(self, keys: Path, tmp_path: Path) -> None:
        write()
        seal()
        for path in keys.iterdir():
            path.unlink()
        generate(keys, KeyKind.SIGNING, 1)
        forget()
        write()
        with pytest.raises(NotTheKey, match="did not sign seal 1"):
            seal()
        assert Seal.objects.count() == 1
        assert KeyRing(keys).numbers(KeyKind.SIGNING) == (1,)


class TestTwoAtOnce:
    def test_the_second_is_told_and_writes_nothing(self, elsewhere: Any) -> None:
        write()
        elsewhere.set_autocommit(False)
        with elsewhere.cursor() as cursor:
            cursor.execute(LOCK)
        with pytest.raises(SealingElsewhere):
            seal()
        assert not SealLeaf.objects.exists()
        elsewhere.rollback()
        assert [made.event_count for made in seal()] == [1]


class TestCluster:
    def test_a_seal_of_another_cluster_stops_sealing(self) -> None:
        write()
        seal()
        run("ALTER TABLE audit_seal DISABLE TRIGGER USER")
        run("UPDATE audit_seal SET cluster = cluster + 1")
        run("ALTER TABLE audit_seal ENABLE TRIGGER USER")
        write()
        with pytest.raises(AnotherCluster, match="audit_rebase"):
            seal()
        assert seal_lag() is not None

    def test_transactions_that_began_anew_stop_sealing(self) -> None:
        write()
        seal()
        run("ALTER TABLE audit_seal DISABLE TRIGGER USER")
        run("UPDATE audit_seal SET horizon = '9223372036854775807'")
        run("ALTER TABLE audit_seal ENABLE TRIGGER USER")
        with pytest.raises(AnotherCluster):
            next(events_seal())


class TestCommands:
    def test_sealing_is_a_run_on_record(self, capsys: pytest.CaptureFixture[str]) -> None:
        write(3)
        call_command("audit_seal", most_events=2)
        assert "seal 2: 1 events\n3 events sealed" in capsys.readouterr().out
        row = JobRun.objects.get(name="audit_seal")
        assert (row.outcome, row.counts) == ("succeeded", {"seals": 2, "events": 3})

    def test_a_refusal_is_a_sentence_and_a_failed_run(self, keys: Path) -> None:
        (keys / "signing_1.private.pem").unlink()
        with pytest.raises(CommandError, match="holds no private key for seals"):
            call_command("audit_seal")
        assert JobRun.objects.get(name="audit_seal").outcome == "failed"

    def test_the_head_is_printed_for_keeping(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(CommandError, match="never sealed"):
            call_command("audit_head")
        write()
        (made,) = seal()
        call_command("audit_head")
        head = json.loads(capsys.readouterr().out)
        assert (head["number"], head["head"]) == (1, made.head.hex())

    def test_rebasing_is_refused_where_nothing_has_to_be_rebased(self) -> None:
        write()
        seal()
        with pytest.raises(CommandError, match="lives in the cluster"):
            call_command("audit_rebase")
        assert Seal.objects.count() == 1
        call_command("audit_rebase", force=True)
        assert [made.epoch for made in Seal.objects.order_by("number")] == [1, 2]
        assert verify().found == 0
