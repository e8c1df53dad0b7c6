"""Sealed columns: anybody writes them, only a reveal in the process with the private key opens them."""

import os
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db.models import F

from core.encryption import Purpose, Sealed, SealedTextField, keys_for
from core.encryption.errors import CiphertextBroken, KeyMissing, KeysNotInForce
from core.encryption.openpgp import sealing_pair
from core.encryption.ring import KeyKind, ring
from core.encryption.values import MASK
from tests.core.encryption.conftest import reading
from tests.database import ROOT
from tests.kernel.models import Passport
from tests.sql import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told")]


@pytest.fixture
def passport(db: None) -> Passport:
    made = Passport.objects.create(
        name="Ada", number="X1234567", expires_on=date(2030, 1, 31), fee=Decimal("37.5"), copy=None
    )
    return Passport.objects.get(pk=made.pk)


def opened(**columns: Sealed | None) -> dict[str, Any]:
    with reading(Purpose.REVEAL):
        return {name: value and value.open() for name, value in columns.items()}


class TestSealing:
    def test_writing_needs_no_keys_and_reading_gives_a_seal(self, passport: Passport) -> None:
        assert isinstance(passport.number, Sealed)
        assert str(passport.number) == MASK
        assert passport.copy is None
        ((stored,),) = run("SELECT number FROM kernel_passport")
        assert bytes(stored)[0] == 1
        assert b"1234" not in bytes(stored)

    @pytest.mark.parametrize("purpose", list(Purpose))
    def test_no_purpose_loads_it_as_plaintext(self, passport: Passport, purpose: Purpose) -> None:
        with keys_for(purpose, actor=None, reason="a test"):
            assert isinstance(Passport.objects.get().number, Sealed)

    def test_a_reveal_opens_each_type(self, passport: Passport) -> None:
        assert opened(number=passport.number, expires_on=passport.expires_on, fee=passport.fee) == {
            "number": "X1234567",
            "expires_on": date(2030, 1, 31),
            "fee": Decimal("37.50"),
        }

    def test_it_saves_back_unchanged(self, passport: Passport) -> None:
        before = run("SELECT number, expires_on, fee FROM kernel_passport")
        passport.name = "Augusta"
        passport.save()
        Passport.objects.bulk_update([passport], ["number", "copy", "fee"])
        assert run("SELECT number, expires_on, fee FROM kernel_passport") == before

    def test_copies_are_copies(self, passport: Passport) -> None:
        Passport.objects.update(copy=F("number"))
        assert run("SELECT copy = number FROM kernel_passport") == [(True,)]
        Passport.objects.update(copy=passport.number)
        passport.refresh_from_db()
        assert opened(copy=passport.copy) == {"copy": "X1234567"}

    def test_writing_by_every_way(self, passport: Passport) -> None:
        Passport.objects.update(number="Y1", fee="1.20")
        Passport.objects.bulk_create([Passport(name="b", number="B"), Passport(name="c", number="ж漢")])
        passport.expires_on = date(2031, 1, 1)
        passport.save(update_fields=["expires_on"])
        rows = Passport.objects.order_by("id")
        assert [opened(number=row.number)["number"] for row in rows] == ["Y1", "B", "ж漢"]
        assert opened(value=rows[0].expires_on) == {"value": date(2031, 1, 1)}

    def test_a_long_text(self) -> None:
        Passport.objects.create(name="long", number="x" * 1_000_000)
        assert opened(number=Passport.objects.get().number)["number"] == "x" * 1_000_000

    def test_nothing_is_compared(self, passport: Passport) -> None:
        with pytest.raises(FieldError, match="BlindIndexField"):
            Passport.objects.filter(number="X1234567").exists()

    def test_an_encrypted_value_is_no_seal(self, ada: Any, passport: Passport) -> None:
        with pytest.raises(TypeError, match="Sealed"):
            Passport.objects.update(number=ada.value)

    def test_history_holds_seals(self, passport: Passport) -> None:
        passport.number = "Z9"
        passport.save()
        newest, oldest = Passport.history.all()
        assert [opened(n=row.number)["n"] for row in (oldest, newest)] == ["X1234567", "Z9"]
        oldest.instance.save(force_update=True)
        assert opened(n=Passport.objects.get().number) == {"n": "X1234567"}


class TestWhatIsRefused:
    def test_opening_outside_of_a_reveal(self, passport: Passport) -> None:
        with pytest.raises(KeysNotInForce, match="only by a reveal"):
            passport.number.open()
        with reading(Purpose.DELIVER), pytest.raises(KeysNotInForce, match="only by a reveal"):
            passport.number.open()

    def test_sql_refuses_too(self, passport: Passport) -> None:
        with pytest.raises(KeysNotInForce, match="only by a reveal"), reading(Purpose.DELIVER):
            run("SELECT crypt.open(number) FROM kernel_passport")

    @pytest.mark.parametrize("length", [0, 1, 2, 10, 200, 300])
    def test_a_cut_seal(self, passport: Passport, length: int) -> None:
        with pytest.raises(CiphertextBroken, match="cut short"), reading(Purpose.REVEAL):
            Sealed(bytes(passport.number)[:length]).open()

    def test_a_changed_seal(self, passport: Passport) -> None:
        changed = bytearray(bytes(passport.number))
        changed[-1] ^= 1
        with pytest.raises(CiphertextBroken, match="changed"), reading(Purpose.REVEAL):
            Sealed(changed).open()

    def test_another_private_key(self, passport: Passport, own_keys: Path) -> None:
        (own_keys / "sealing_1.private.asc").write_text(sealing_pair()[1])
        with pytest.raises(CiphertextBroken, match="the key is another one"), reading(Purpose.REVEAL):
            passport.number.open()

    def test_a_key_that_this_process_does_not_hold(self, passport: Passport) -> None:
        with pytest.raises(KeyMissing, match="private sealing key 7"), reading(Purpose.REVEAL):
            Sealed(b"\7" + bytes(passport.number)[1:]).open()


PROGRAM = """
import sys; sys.path[:0] = ["platform", "."]
import django; django.setup()
from core.encryption import Purpose, Sealed, keys_for
from core.encryption.errors import KeyMissing
from core.encryption.signals import keys_used
from tests.kernel.models import Passport
keys_used.connect(lambda **named: True, weak=False)
Passport.objects.create(name="by the web", number="W1")
seal = Passport.objects.get(name="by the web").number
assert isinstance(seal, Sealed)
try:
    with keys_for(Purpose.REVEAL, actor=None, reason="a test"):
        print("OPENED", seal.open())
except KeyMissing as error:
    print(error)
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_with_the_public_key_alone_seals_and_cannot_open(tmp_path: Path, settings: Any) -> None:
    from django.db import connection

    web = tmp_path / "keys of the site"
    shutil.copytree(settings.KEYS_DIRECTORY, web, ignore=shutil.ignore_patterns("*.private.*"))
    parts = connection.settings_dict
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**parts)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={
            **os.environ,
            "KEYS_DIRECTORY": str(web),
            "TEST_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "does not hold the private sealing key 1" in done.stdout
    assert "OPENED" not in done.stdout
    assert "W1" not in done.stdout + done.stderr
    assert opened(n=Passport.objects.get().number) == {"n": "W1"}


class TestKeyPair:
    def test_pgcrypto_takes_it(self) -> None:
        public, private = sealing_pair()
        ((plain, subkey, same),) = run(
            "WITH sealed AS (SELECT pgp_pub_encrypt('ж', dearmor(%s)) AS message) "
            "SELECT pgp_pub_decrypt(message, dearmor(%s)), pgp_key_id(dearmor(%s)) = pgp_key_id(message), "
            "pgp_key_id(dearmor(%s)) = pgp_key_id(message) FROM sealed",
            [public, private, public, private],
        )
        assert (plain, subkey, same) == ("ж", True, True)

    def test_one_pair_does_not_open_the_seals_of_another(self) -> None:
        public, _ = sealing_pair()
        _, private = sealing_pair()
        with pytest.raises(Exception, match="[Ww]rong key"):
            run("SELECT pgp_pub_decrypt(pgp_pub_encrypt('x', dearmor(%s)), dearmor(%s))", [public, private])

    def test_the_ring_of_the_tests_has_one(self) -> None:
        assert ring().public_key(KeyKind.SEALING, 1).startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")

    @pytest.mark.skipif(shutil.which("gpg") is None, reason="GnuPG is not installed")
    def test_gnupg_takes_it(self, tmp_path: Path) -> None:
        (tmp_path / "pair").write_text(sealing_pair()[1])
        home = tmp_path / "home"
        home.mkdir(mode=0o700)
        done = subprocess.run(
            ["gpg", "--batch", "--homedir", str(home), "--import", str(tmp_path / "pair")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "secret keys imported: 1" in done.stderr


def test_fields_say_their_class() -> None:
    field = SealedTextField(db_comment="A number.")
    assert field.db_comment == "A number. Privacy: sealed."
    assert field.clone().db_comment == field.db_comment
