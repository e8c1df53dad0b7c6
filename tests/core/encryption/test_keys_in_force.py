"""Keys are in force in one block, in one transaction, for one purpose; and errors say what to do."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from core.db.context import acting
from core.db.roles import Role
from core.encryption import Encrypted, Purpose, keys_for
from core.encryption.errors import (
    CiphertextBroken,
    KeyMismatch,
    KeyMissing,
    KeyNotRegistered,
    KeysNotInForce,
    ReadingNotRecorded,
    ReasonMissing,
)
from core.encryption.force import current
from core.encryption.generation import generate
from core.encryption.ring import KeyKind, forget
from core.encryption.signals import keys_used
from tests.core.encryption.conftest import reading, storing
from tests.kernel.models import Correspondent
from tests.sql import run

pytestmark = pytest.mark.django_db


def settings_in_force() -> dict[str, str]:
    names = ["app.key_purpose", "app.data_key_1", "app.sealing_private_key_1"]
    rows = run("SELECT name, current_setting(name, true) FROM unnest(%s::text[]) AS name", [names])
    return {str(name): str(setting) for name, setting in rows if setting}


class TestBlocks:
    def test_nothing_is_in_force_before_and_after(self) -> None:
        assert current() is None
        assert settings_in_force() == {}
        with storing():
            assert set(settings_in_force()) == {"app.key_purpose", "app.data_key_1"}
        assert current() is None
        assert settings_in_force() == {}

    def test_private_keys_are_there_for_a_reveal_only(self, told: list[Any]) -> None:
        for purpose in Purpose:
            with keys_for(purpose, actor=None, reason="a test"):
                assert ("app.sealing_private_key_1" in settings_in_force()) is purpose.opens

    def test_blocks_nest(self, ada: Correspondent, told: list[Any]) -> None:
        with storing():
            with reading():
                assert Correspondent.objects.get().value == "Ada@Example.org"
                with storing():
                    assert isinstance(Correspondent.objects.get().value, Encrypted)
                with keys_for(Purpose.REVEAL, actor=None, reason="a test"):
                    pass
                assert settings_in_force()["app.key_purpose"] == "deliver"
                assert "app.sealing_private_key_1" not in settings_in_force()
                assert Correspondent.objects.get().value == "Ada@Example.org"
            assert isinstance(Correspondent.objects.get().value, Encrypted)

    def test_a_failure_takes_the_keys_away(self) -> None:
        with pytest.raises(ZeroDivisionError), storing():
            1 / 0  # noqa: B018
        assert current() is None
        assert settings_in_force() == {}
        with storing():
            with pytest.raises(ZeroDivisionError), reading():
                1 / 0  # noqa: B018
            assert settings_in_force()["app.key_purpose"] == "store"

    def test_roles_may_use_them(self, ada: Correspondent) -> None:
        run("GRANT SELECT ON kernel_correspondent TO vbl_moderator")
        with acting(Role.MODERATOR), reading():
            assert Correspondent.objects.get().value == "Ada@Example.org"
        with reading(), acting(Role.MODERATOR):
            assert Correspondent.objects.get().value == "Ada@Example.org"

    def test_the_keys_do_not_show(self) -> None:
        with storing() as keys:
            secret = settings_in_force()["app.data_key_1"]
            assert secret not in repr(keys)

    @pytest.mark.django_db(transaction=True)
    def test_they_leave_with_the_transaction(self) -> None:
        """What a pooled connection hands to its next client."""
        with storing():
            pass
        assert settings_in_force() == {}
        with pytest.raises(ZeroDivisionError), storing():
            1 / 0  # noqa: B018
        assert settings_in_force() == {}
        with transaction.atomic(), storing():
            transaction.set_rollback(True)
        assert settings_in_force() == {}


class TestTelling:
    def test_reading_is_told_with_its_reason(self, told: list[Any]) -> None:
        with storing():
            pass
        with keys_for(Purpose.EXPORT, actor=None, reason="asked for their data"):
            pass
        assert told == [(Purpose.EXPORT, "asked for their data")]

    @pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose.reads])
    def test_reading_needs_a_reason(self, purpose: Purpose, told: list[Any]) -> None:
        with pytest.raises(ReasonMissing), keys_for(purpose, actor=None, reason="  "):
            pass
        assert told == []

    def test_without_a_listener_nothing_is_revealed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keys_used, "receivers", [])
        keys_used.sender_receivers_cache.clear()
        with pytest.raises(ReadingNotRecorded), keys_for(Purpose.REVEAL, actor=None, reason="a test"):
            pass
        assert settings_in_force() == {}

    def test_a_listener_that_fails_stops_the_reading(self) -> None:
        def fail(**_: Any) -> None:
            raise RuntimeError("the trail is full")

        keys_used.connect(fail)
        try:
            with pytest.raises(RuntimeError), reading():
                pytest.fail("the keys came into force")
        finally:
            keys_used.disconnect(fail)


class TestWhatIsRefused:
    def test_sql_without_keys(self, ada: Correspondent) -> None:
        for statement in ("SELECT crypt.enc('x')", "SELECT crypt.dec(value) FROM kernel_correspondent"):
            with pytest.raises(Exception, match="No keys are in force"), transaction.atomic():
                run(statement)

    def test_sql_that_reads_in_a_purpose_that_stores(self, ada: Correspondent) -> None:
        with pytest.raises(KeysNotInForce, match="The purpose store may not read"), storing():
            run("SELECT crypt.dec(value) FROM kernel_correspondent")

    def test_an_unknown_key_number(self, ada: Correspondent) -> None:
        run("UPDATE kernel_correspondent SET note = set_byte(note, 0, 200)")
        with pytest.raises(KeyMissing, match=r"data key 200.*Mount data_200.key"), reading():
            Correspondent.objects.get()

    @pytest.mark.parametrize("length", [0, 1, 2, 14, 16, 40])
    def test_a_cut_ciphertext(self, ada: Correspondent, length: int) -> None:
        run("UPDATE kernel_correspondent SET note = substr(note, 1, %s)", [length])
        with pytest.raises(CiphertextBroken, match="cut short"), reading():
            Correspondent.objects.get()
        assert Correspondent.objects.get().name == "Ada"

    def test_a_long_one_cut(self, ada: Correspondent) -> None:
        with storing():
            Correspondent.objects.update(note="x" * 100_000)
        for length in (1_000, 20_000, 99_999):
            with pytest.raises(CiphertextBroken, match="cut short"), reading():
                run("SELECT crypt.dec(substr(note, 1, %s)) FROM kernel_correspondent", [length])

    def test_a_changed_ciphertext(self, ada: Correspondent) -> None:
        run("UPDATE kernel_correspondent SET note = set_byte(note, 40, get_byte(note, 40) # 1)")
        with pytest.raises(CiphertextBroken, match="it was changed"), reading():
            Correspondent.objects.get()

    def test_a_process_without_the_active_key(self, own_keys: Path) -> None:
        (own_keys / "data_1.key").unlink()
        with pytest.raises(KeyMissing, match=r"data key 1, which is active.*Mount data_1.key"), storing():
            Correspondent.objects.create(name="x", note="x")

    @pytest.mark.parametrize("kind", [KeyKind.DATA, KeyKind.BLIND_INDEX])
    def test_a_wrong_key_file(self, own_keys: Path, ada: Correspondent, kind: KeyKind) -> None:
        (own_keys / f"{kind.value}_1.key").unlink()
        generate(own_keys, kind, 1)
        forget()
        words = f"{kind.value}_1.key in KEYS_DIRECTORY is not the key registered as number 1"
        with pytest.raises(KeyMismatch, match=words), reading():
            pytest.fail("the keys came into force")
        with pytest.raises(KeyMismatch, match=words):
            Correspondent.objects.filter(value_index="x").exists()

    def test_no_registered_key(self, ada: Correspondent) -> None:
        run("UPDATE core_encryptionkey SET state = 'retiring' WHERE state = 'active'")
        with pytest.raises(KeyNotRegistered, match="keys_register"), storing():
            Correspondent.objects.create(name="x", note="x")
        with pytest.raises(KeyNotRegistered, match="keys_register"), storing():
            Correspondent.objects.create(name="x", value="x")


def test_a_broken_rule_shows_ciphertext_only(ada: Correspondent) -> None:
    with pytest.raises(Exception, match="violates not-null") as caught, storing():
        Correspondent.objects.create(name=None, value="marker@example.org", note="marker note")
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert "marker" not in f"{caught.value} {cause} {cause.diag.message_detail} {cause.diag.context}"
    assert connection.in_atomic_block
