"""The proof of one event: whoever has it and the public key needs nobody's word."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.errors import EventNotFound, NotProvable, ProofMalformed
from audit.models import Event
from audit.seals.merkle import MerkleTree, audit_path, root_of_path
from audit.seals.proof import event_proof, proof_check
from audit.seals.report import Fault
from audit.seals.signing import GivenKeys, RingKeys
from audit.services.event_proofs import event_proof_make
from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.errors import NotPermitted
from core.models.identity import uuid7
from tests.audit.conftest import person
from tests.audit.sealing import Trail

hashes = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70)


@given(hashes, st.data())
def test_a_path_leads_from_its_leaf_to_the_root_and_from_no_other(leaves: list[bytes], data: Any) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    root, count, path = audit_path(iter(leaves), place)
    assert (root, count) == (MerkleTree(leaves).root, len(leaves))
    assert root_of_path(leaves[place], place, count, path) == root
    other = data.draw(st.integers(0, len(leaves) - 1))
    if leaves[other] != leaves[place]:
        assert root_of_path(leaves[other], place, count, path) != root
        assert root_of_path(leaves[place], other, count, path) != root
    assert root_of_path(leaves[place], place, count, [*path, root]) != root
    if path:
        assert root_of_path(leaves[place], place, count, path[:-1]) != root
    for outside in (-1, count):
        assert root_of_path(leaves[place], outside, count, path) is None


@given(hashes)
def test_there_is_no_path_from_outside(leaves: list[bytes]) -> None:
    with pytest.raises(IndexError, match="There is no leaf"):
        audit_path(leaves, len(leaves))


@pytest.mark.django_db(transaction=True)
class TestProofs:
    def proof(self, event: UUID, *, with_words: bool = True) -> Any:
        with transaction.atomic():
            return json.loads(json.dumps(event_proof(event, with_words=with_words)))

    def found(self, proof: Any) -> list[str]:
        return [finding.fault.value for finding in proof_check(proof, RingKeys()).findings]

    def test_every_sealed_event_is_proven_with_and_without_its_words(self, trail: Trail) -> None:
        for event in trail.events[:-1]:
            assert self.found(self.proof(event)) == []
        silent = self.proof(trail.events[3], with_words=False)
        assert silent["words"] is None
        assert self.found(silent) == []
        assert "spam" not in json.dumps(silent)
        assert self.proof(trail.events[3])["words"]["reason"] == "spam"

    @pytest.mark.parametrize(
        ("where", "value", "fault"),
        [
            (("event", "action"), "restriction_lifted", Fault.EVENT_CHANGED),
            (("event", "actor_id"), str(UUID(int=7)), Fault.EVENT_CHANGED),
            (("event", "detail"), '{"kind": "comment"}', Fault.EVENT_CHANGED),
            (("event", "xact"), 3, Fault.EVENT_CHANGED),
            (("place",), 0, Fault.EVENT_CHANGED),
            (("path",), [], Fault.EVENT_CHANGED),
            (("words", "reason"), "insult", Fault.LABEL_CHANGED),
            (("words", "salt"), "00" * 16, Fault.LABEL_CHANGED),
            (("seal", "sealed_at"), "2020-01-01T00:00:00+00:00", Fault.SEAL_CHANGED),
            (("seal", "previous_head"), None, Fault.SEAL_CHANGED),
            (("seal", "signature"), "00" * 64, Fault.SEAL_FORGED),
            (("seal", "key_number"), 9, Fault.KEY_UNKNOWN),
        ],
    )
    def test_whatever_is_changed_in_it_is_noticed(
        self, trail: Trail, where: tuple[str, ...], value: Any, fault: Fault
    ) -> None:
        proof = self.proof(trail.events[6])
        *parts, last = where
        held = proof
        for part in parts:
            held = held[part]
        assert held[last] != value
        held[last] = value
        assert fault.value in self.found(proof)

    def test_one_who_changes_root_and_head_too_has_no_signature(self, trail: Trail) -> None:
        mine, other = self.proof(trail.events[6]), self.proof(trail.events[0])
        mine["seal"] = other["seal"]
        assert Fault.EVENT_CHANGED.value in self.found(mine)

    def test_what_is_not_sealed_or_not_there_is_not_proven(self, trail: Trail) -> None:
        with pytest.raises(NotProvable, match="No seal covers this event yet"):
            self.proof(trail.events[-1])
        with pytest.raises(EventNotFound, match="no event with this id"):
            self.proof(uuid7())

    def test_a_seal_whose_leaves_were_tampered_with_proves_nothing(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_sealleaf SET digest = sha256('x') WHERE id = %s", [trail.events[5]])
        with pytest.raises(NotProvable, match="do not give its root"):
            self.proof(trail.events[6])
        trail.tamper("DELETE FROM audit_sealleaf WHERE id = %s", [trail.events[1]])
        with pytest.raises(NotProvable, match="do not give its root"):
            self.proof(trail.events[0])

    def test_a_changed_event_gives_a_proof_that_does_not_hold(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_event SET action = 'restriction_lifted' WHERE id = %s", [trail.events[6]])
        assert self.found(self.proof(trail.events[6])) == [Fault.EVENT_CHANGED.value]

    @pytest.mark.parametrize("damage", ["event", "seal", "path", "words", "format"])
    def test_a_damaged_file_is_refused_with_a_sentence(self, trail: Trail, damage: str) -> None:
        proof = self.proof(trail.events[6])
        for value in (..., None if damage != "words" else 7, 7, "zz", {"id": 1}):
            broken = deepcopy(proof)
            if value is ...:
                del broken[damage]
            else:
                broken[damage] = value
            with pytest.raises(ProofMalformed):
                proof_check(broken, RingKeys())
        with pytest.raises(ProofMalformed):
            proof_check([], RingKeys())  # type: ignore[arg-type]

    def test_without_the_key_nothing_is_proven(self, trail: Trail) -> None:
        report = proof_check(self.proof(trail.events[6]), GivenKeys({}))
        assert [finding.fault for finding in report.findings] == [Fault.KEY_UNKNOWN]

    def test_the_command_checks_a_file_without_the_database(
        self,
        trail: Trail,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        django_assert_num_queries: Any,
    ) -> None:
        proof = self.proof(trail.events[6])
        file = tmp_path / "proof.json"

        def check(text: str) -> int:
            file.write_text(text)
            try:
                call_command("verify_proof", str(file))
            except CommandError as error:
                return error.returncode
            return 0

        with django_assert_num_queries(0):
            assert check(json.dumps(proof)) == 0
            assert f"proven: event {trail.events[6]}" in capsys.readouterr().out
            assert check(json.dumps({**proof, "place": 0})) == 1
            assert "event_changed" in capsys.readouterr().out
            assert check("{") == 2
            assert check(json.dumps({"format": "another"})) == 2
            with pytest.raises(CommandError, match="cannot be read"):
                call_command("verify_proof", str(tmp_path / "none.json"))

    @pytest.mark.parametrize("role", STAFF_ROLES)
    def test_those_who_oversee_hand_it_out_and_it_is_on_record(self, trail: Trail, role: Role) -> None:
        actor = person("proves_it")
        with acting(role, user_id=actor.pk):
            if role not in (Role.AUDITOR, Role.COMPLIANCE, Role.ADMINISTRATOR):
                with pytest.raises(NotPermitted):
                    self.make(trail.events[2], actor)
                return
            proof = self.make(trail.events[2], actor)
        told = Event.objects.select_related("label").get(action="event_proof_made")
        assert (told.actor_id, told.subject_id) == (actor.pk, trail.events[2])
        assert told.detail == {"seal": proof["seal"]["number"], "with_words": True}
        assert told.label.reason == "for the court of Hamburg"

    def make(self, event: UUID, actor: User) -> dict[str, Any]:
        return event_proof_make(
            event_id=event, with_words=True, actor=actor, reason="for the court of Hamburg"
        )
