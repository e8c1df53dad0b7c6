"""Verifying a sealed trail: an honest one is proven, by keys and heads that were given, and the command says so."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command

from audit.models import SealLeaf
from audit.seals.head import FORMAT
from audit.services.seals import events_seal
from core.encryption.ring import KeyKind, ring
from tests.audit.sealing import Trail, faults, seal, settle, verify, write
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)


class TestHonest:
    def test_it_is_proven(self, trail: Trail) -> None:
        report = verify()
        assert faults(report) == []
        assert report.counts == {"seals": 4, "events": 14, "unsealed": 1, "expired": 0}
        assert report.head is not None
        assert report.head["number"] == 4

    def test_a_trail_that_was_never_sealed_proves_nothing(self) -> None:
        write(2)
        report = verify()
        assert faults(report) == []
        assert report.notes == ["The trail was never sealed: nothing is proven of it."]

    def test_words_that_were_erased_are_fine(self, trail: Trail) -> None:
        assert trail.tamper("DELETE FROM audit_label WHERE id = ANY(%s)", [trail.events[:6]]) == 6
        assert verify().found == 0

    def test_a_long_chain_is_read_page_by_page(self, trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("audit.seals.chain.PAGE", 3)
        assert verify().counts["seals"] == 4


class TestHeads:
    @pytest.fixture
    def head(self, trail: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
        call_command("audit_head")
        file = tmp_path / "head.json"
        file.write_text(capsys.readouterr().out)
        return file

    def verify(self, *arguments: str) -> int:
        try:
            call_command("verify_audit", *arguments)
        except CommandError as error:
            return error.returncode
        return 0

    def test_the_chain_may_go_on_after_it(self, head: Path) -> None:
        write()
        seal()
        assert self.verify("--head", str(head)) == 0

    def test_a_chain_that_was_cut_off_is_noticed_by_it_alone(
        self, head: Path, trail: Trail, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ((seal_id,),) = run("SELECT id FROM audit_seal WHERE number = 4")
        trail.tamper("DELETE FROM audit_label WHERE id = ANY(%s)", [trail.events[12:]])
        trail.tamper("DELETE FROM audit_event WHERE id = ANY(%s)", [trail.events[12:]])
        trail.tamper("DELETE FROM audit_sealleaf WHERE seal_id = %s", [seal_id])
        trail.tamper("DELETE FROM audit_seal WHERE id = %s", [seal_id])
        assert self.verify() == 0
        assert self.verify("--head", str(head)) == 1
        assert "head_missing: the head given for seal 4 is not in the chain, which ends with seal 3" in (
            capsys.readouterr().out
        )

    def test_a_head_that_nobody_signed_is_noticed(self, head: Path) -> None:
        held = json.loads(head.read_text())
        head.write_text(json.dumps({**held, "head": "00" * 32}))
        assert self.verify("--head", str(head)) == 1


@pytest.mark.django_db(transaction=False)
class TestBadInput:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{",
            '{"format": "another"}',
            json.dumps({"format": FORMAT}),
            json.dumps(
                {"format": FORMAT, "number": "4", "head": "00" * 32, "signature": "", "key_number": 1}
            ),
            json.dumps(
                {"format": FORMAT, "number": True, "head": "00" * 32, "signature": "", "key_number": 1}
            ),
            json.dumps({"format": FORMAT, "number": 4, "head": "zz", "signature": "", "key_number": 1}),
            json.dumps({"format": FORMAT, "number": 4, "head": "00", "signature": "", "key_number": 1}),
        ],
    )
    def test_a_malformed_file_is_refused_in_words(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "head.json"
        file.write_text(text)
        with pytest.raises(CommandError, match="head.json is (no|damaged)") as refusal:
            call_command("verify_audit", "--head", str(file))
        assert refusal.value.returncode == 2

    def test_a_missing_file_is_refused_in_words(self, tmp_path: Path) -> None:
        for option in ("--head", "--public-key"):
            with pytest.raises(CommandError, match="nowhere cannot be read: No such file") as refusal:
                call_command("verify_audit", option, str(tmp_path / "nowhere"))
            assert refusal.value.returncode == 2

    @pytest.mark.parametrize(
        "text", ["", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
    )
    def test_a_file_that_is_no_key_is_refused(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "key.pem"
        file.write_text(text)
        with pytest.raises(CommandError, match="holds no public key") as refusal:
            call_command("verify_audit", "--public-key", str(file))
        assert refusal.value.returncode == 2


class TestKeysGiven:
    def test_public_keys_come_from_files(self, trail: Trail, tmp_path: Path) -> None:
        right, wrong = tmp_path / "right.pem", tmp_path / "wrong.pem"
        right.write_text(ring().public_key(KeyKind.SIGNING, 1))
        other = Ed25519PrivateKey.generate().public_key()
        wrong.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        call_command("verify_audit", "--public-key", str(right))
        call_command("verify_audit", "--public-key", f"1={right}", "--public-key", str(wrong))
        for arguments in (["--public-key", str(wrong)], ["--public-key", f"2={right}"]):
            with pytest.raises(CommandError) as refusal:
                call_command("verify_audit", *arguments)
            assert refusal.value.returncode == 1


class TestCommand:
    def test_it_prints_what_it_proves(self, trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("verify_audit")
        assert "4 seals, 14 events compared, 1 not yet sealed\nproven:" in capsys.readouterr().out
        call_command("verify_audit", "--json", "--progress")
        told = capsys.readouterr()
        assert json.loads(told.out)["proven"] is True
        assert "seal 4: 2 events" in told.err

    def test_it_names_and_fails(self, trail: Trail, capsys: pytest.CaptureFixture[str]) -> None:
        trail.tamper("UPDATE audit_event SET changed = '{}' WHERE id = %s", [trail.events[6]])
        with pytest.raises(CommandError, match="1 findings") as refusal:
            call_command("verify_audit")
        assert refusal.value.returncode == 1
        assert f"event_changed: event {trail.events[6]} was changed after seal 2" in capsys.readouterr().out
        with pytest.raises(CommandError):
            call_command("verify_audit", "--json")
        report = json.loads(capsys.readouterr().out)
        assert report["findings"][0]["event"] == str(trail.events[6])

    def test_more_findings_than_anybody_reads_are_counted(
        self, trail: Trail, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("audit.seals.report.MOST_FINDINGS", 3)
        trail.tamper("UPDATE audit_event SET changed = '{}'")
        with pytest.raises(CommandError, match="14 findings"):
            call_command("verify_audit")
        assert "and 11 more" in capsys.readouterr().out


def test_it_may_run_while_others_write_and_seal(trail: Trail) -> None:
    """One snapshot: a seal that appears meanwhile is not half seen."""
    settle()
    for made in events_seal():
        assert made.number == 5
    assert SealLeaf.objects.count() == 15
    assert verify().found == 0
