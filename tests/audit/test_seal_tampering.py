"""Tampering by somebody whom no trigger stops: each kind is named."""

from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.models import Event, Seal
from audit.seals.digests import EventColumns, event_digest
from audit.seals.signing import GivenKeys
from core.models.identity import uuid7
from tests.audit.sealing import Trail, faults, kinds, verify
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

COPY = (
    "INSERT INTO audit_event (id, area, action, actor_id, acting_role, subject_type, subject_id, changed, detail, "
    "request_id, label_digest, xact) SELECT {id}, area, action, actor_id, acting_role, subject_type, subject_id, "
    "changed, detail, request_id, NULL, {xact} FROM audit_event WHERE id = %s"
)


class TestEvents:
    @pytest.mark.parametrize(
        "change",
        [
            "area = 'finance'",
            "action = 'restriction_lifted'",
            "acting_role = 'vbl_support'",
            "actor_id = NULL, subject_id = uuidv7()",
            "subject_type = 'accounts.restriction'",
            "changed = '{}'",
            'detail = \'{"kind": "stream"}\'',
            "request_id = uuidv7()",
            "xact = '3'",
        ],
    )
    def test_a_changed_one_is_named(self, change: str, trail: Trail) -> None:
        trail.tamper(f"UPDATE audit_event SET {change} WHERE id = %s", [trail.events[6]])
        assert faults(verify()) == [("event_changed", 2, trail.events[6])]

    def test_a_changed_digest_of_words_is_a_changed_event(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_event SET label_digest = sha256('x') WHERE id = %s", [trail.events[6]])
        assert faults(verify()) == [
            ("event_changed", 2, trail.events[6]),
            ("label_changed", None, trail.events[6]),
        ]

    @pytest.mark.parametrize("place", [0, 6, 13])
    def test_a_deleted_one_is_named(self, place: int, trail: Trail) -> None:
        trail.tamper("DELETE FROM audit_event WHERE id = %s", [trail.events[place]])
        found = verify()
        assert ("event_deleted", {0: 1, 6: 2, 13: 4}[place], trail.events[place]) in faults(found)
        assert kinds(faults(found)) == {"event_deleted", "label_added"}, "its words are left behind"

    def test_one_deleted_with_its_leaf_and_words_is_named_by_its_neighbours(self, trail: Trail) -> None:
        for table in ("audit_event", "audit_sealleaf", "audit_label"):
            trail.tamper(f"DELETE FROM {table} WHERE id = %s", [trail.events[6]])
        report = verify()
        assert [fault for fault, _, _ in faults(report)] == ["seal_unproven", "event_deleted"]
        assert f"between event {trail.events[5]} and event {trail.events[7]}" in report.findings[1].words

    def test_one_added_below_the_horizon_is_named(self, trail: Trail) -> None:
        added = uuid7()
        ((xact,),) = run("SELECT xact::text FROM audit_event WHERE id = %s", [trail.events[6]])
        trail.tamper(COPY.format(id="%s", xact="%s"), [added, xact, trail.events[6]])
        assert faults(verify()) == [("event_added", None, added)]

    def test_one_of_a_transaction_that_never_was_is_named(self, trail: Trail) -> None:
        added = uuid7()
        for xact in ("9223372036854775807", "18446744073709551615"):
            trail.tamper("DELETE FROM audit_event WHERE id = %s", [added])
            trail.tamper(COPY.format(id="%s", xact="%s"), [added, xact, trail.events[6]])
            assert faults(verify()) == [("event_added", None, added)]

    def test_one_added_with_a_fitting_leaf_is_named(self, trail: Trail) -> None:
        added = self.between(trail.events[6], trail.events[7])
        ((xact,),) = run("SELECT xact::text FROM audit_event WHERE id = %s", [trail.events[6]])
        trail.tamper(COPY.format(id="%s", xact="%s"), [added, xact, trail.events[6]])
        trail.tamper("UPDATE audit_sealleaf SET place = 3 WHERE id = %s", [trail.events[7]])
        trail.tamper(
            "INSERT INTO audit_sealleaf (id, seal_id, place, digest) SELECT %s, seal_id, 2, %s FROM audit_sealleaf "
            "WHERE id = %s",
            [added, digest_of(added), trail.events[6]],
        )
        found = faults(verify())
        assert ("leaf_added", 2, added) in found
        assert ("event_added", 2, added) in found
        assert {event for _, _, event in found} <= {added, trail.events[7]}

    @staticmethod
    def between(one: UUID, other: UUID) -> UUID:
        return UUID(int=one.int + min(2**20, (other.int - one.int) // 2))

    def test_several_things_at_once_are_told_apart(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_event SET changed = '{}' WHERE id = %s", [trail.events[0]])
        trail.tamper("UPDATE audit_sealleaf SET digest = sha256('x') WHERE id = %s", [trail.events[1]])
        trail.tamper("DELETE FROM audit_sealleaf WHERE id = %s", [trail.events[3]])
        assert faults(verify()) == [
            ("event_changed", 1, trail.events[0]),
            ("leaf_changed", 1, trail.events[1]),
            ("leaf_missing", 1, trail.events[3]),
        ]


def digest_of(event_id: UUID) -> bytes:
    """The digest that an event has as it stands."""
    event = Event.objects.get(pk=event_id)
    ((detail,),) = run("SELECT detail::text FROM audit_event WHERE id = %s", [event_id])
    names = [name for name in EventColumns.__dataclass_fields__ if name not in ("detail", "label_digest")]
    label = bytes(event.label_digest) if event.label_digest is not None else None
    columns = {name: getattr(event, name) for name in names}
    return event_digest(EventColumns(detail=detail, label_digest=label, **columns))


class TestLeaves:
    def test_a_changed_one_is_named_and_its_event_is_genuine(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_sealleaf SET digest = sha256('x') WHERE id = %s", [trail.events[6]])
        assert faults(verify()) == [("leaf_changed", 2, trail.events[6])]

    def test_event_and_leaf_changed_together_do_not_give_the_root(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_event SET changed = '{}' WHERE id = %s", [trail.events[6]])
        trail.tamper(
            "UPDATE audit_sealleaf SET digest = %s WHERE id = %s",
            [digest_of(trail.events[6]), trail.events[6]],
        )
        assert faults(verify()) == [("seal_unproven", 2, None)]

    @pytest.mark.parametrize("place", [5, 6, 7])
    def test_a_missing_one_is_named(self, place: int, trail: Trail) -> None:
        trail.tamper("DELETE FROM audit_sealleaf WHERE id = %s", [trail.events[place]])
        assert faults(verify()) == [("leaf_missing", 2, trail.events[place])]

    def test_an_added_one_is_named(self, trail: Trail) -> None:
        added = TestEvents.between(trail.events[6], trail.events[7])
        trail.tamper(
            "INSERT INTO audit_sealleaf (id, seal_id, place, digest) SELECT %s, seal_id, 3, digest FROM "
            "audit_sealleaf WHERE id = %s",
            [added, trail.events[6]],
        )
        assert faults(verify()) == [("leaf_added", 2, added)]

    def test_one_added_outside_of_its_seal_is_named(self, trail: Trail) -> None:
        trail.tamper(
            "INSERT INTO audit_sealleaf (id, seal_id, place, digest) SELECT %s, seal_id, 3, digest FROM "
            "audit_sealleaf WHERE id = %s",
            [trail.events[14], trail.events[6]],
        )
        assert faults(verify()) == [("leaf_added", 2, trail.events[14])]

    def test_one_moved_to_another_seal_is_named(self, trail: Trail) -> None:
        ((seal_id,),) = run("SELECT id FROM audit_seal WHERE number = 3")
        trail.tamper("UPDATE audit_sealleaf SET seal_id = %s WHERE id = %s", [seal_id, trail.events[6]])
        assert set(faults(verify())) == {
            ("leaf_missing", 2, trail.events[6]),
            ("leaf_added", 3, trail.events[6]),
        }

    def test_one_at_another_place_is_named(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_sealleaf SET place = 9 WHERE id = %s", [trail.events[6]])
        assert faults(verify()) == [("leaf_changed", 2, trail.events[6])]


class TestSeals:
    @pytest.mark.parametrize(
        "change",
        [
            "root = sha256('x')",
            "event_count = 9",
            "horizon = '4'",
            "sealed_at = sealed_at - interval '1 microsecond'",
            "first_id = uuidv7(interval '-1 day')",
            "epoch = 2",
            "cluster = 7",
        ],
    )
    def test_a_changed_one_is_named(self, change: str, trail: Trail) -> None:
        trail.tamper(f"UPDATE audit_seal SET {change} WHERE number = 2")
        found = faults(verify())
        assert ("seal_changed", 2, None) in found
        assert not kinds(found) & {
            "event_changed",
            "event_deleted",
            "event_added",
            "leaf_missing",
            "leaf_changed",
        }

    def test_a_head_that_was_made_to_fit_is_not_signed(self, trail: Trail) -> None:
        row = Seal.objects.select_related("previous").get(number=4)
        row.root = b"\x07" * 32
        head = row.computed_head(bytes(row.previous.head))
        trail.tamper("UPDATE audit_seal SET root = %s, head = %s WHERE number = 4", [bytes(row.root), head])
        assert ("seal_forged", 4, None) in faults(verify())

    def test_a_wrong_signature_is_named(self, trail: Trail) -> None:
        other = Ed25519PrivateKey.generate().sign(bytes(Seal.objects.get(number=3).head))
        trail.tamper("UPDATE audit_seal SET signature = %s WHERE number = 3", [other])
        assert faults(verify()) == [("seal_forged", 3, None)]

    def test_an_unknown_key_is_named(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_seal SET key_number = 9 WHERE number = 3")
        found = faults(verify())
        assert ("key_unknown", 3, None) in found
        assert ("seal_changed", 3, None) in found
        assert kinds(faults(verify(keys=GivenKeys({})))) == {"key_unknown", "seal_changed"}

    def test_a_missing_one_is_named(self, trail: Trail) -> None:
        trail.tamper(
            "DELETE FROM audit_sealleaf WHERE seal_id = (SELECT id FROM audit_seal WHERE number = 2)"
        )
        trail.tamper("DELETE FROM audit_seal WHERE number = 2")
        report = verify()
        assert faults(report) == [("seal_missing", 2, None)]
        assert report.notes[0].startswith("3 events of transactions")

    def test_leaves_of_a_missing_one_are_named_once(self, trail: Trail) -> None:
        trail.tamper("DELETE FROM audit_seal WHERE number = 2")
        assert faults(verify()) == [("seal_missing", 2, None), ("leaf_added", None, trail.events[5])]

    def test_reordered_ones_are_named(self, trail: Trail) -> None:
        trail.tamper("ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_number_key")
        trail.tamper("UPDATE audit_seal SET number = 5 - number WHERE number IN (2, 3)")
        assert faults(verify())[:2] == [("seal_reordered", 2, None), ("seal_reordered", 3, None)]

    def test_an_inserted_one_is_named(self, trail: Trail) -> None:
        trail.tamper("ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_number_key")
        trail.tamper("ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_previous_key")
        trail.tamper("UPDATE audit_seal SET number = number + 1 WHERE number > 2")
        trail.tamper(
            "INSERT INTO audit_seal SELECT (jsonb_populate_record(s, jsonb_build_object('id', uuidv7(), 'number', 3, "
            "'previous_id', s.id, 'event_count', 0, 'first_id', NULL, 'last_id', NULL))).* FROM audit_seal s "
            "WHERE number = 2"
        )
        found = faults(verify())
        assert ("seal_changed", 3, None) in found
        assert ("seal_reordered", 4, None) in found

    def test_one_appended_without_the_key_is_named(self, trail: Trail) -> None:
        last = Seal.objects.order_by("number").last()
        assert last is not None
        last.number, before = last.number + 1, bytes(last.head)
        last.event_count, last.first_id, last.last_id, last.root = 0, None, None, b"\x00" * 32
        trail.tamper(
            "INSERT INTO audit_seal SELECT (jsonb_populate_record(s, jsonb_build_object('id', uuidv7(), 'number', 5, "
            "'previous_id', s.id, 'event_count', 0, 'first_id', NULL, 'last_id', NULL, 'root', %s::text, "
            "'head', %s::text))).* FROM audit_seal s WHERE number = 4",
            ["\\x" + last.root.hex(), "\\x" + last.computed_head(before).hex()],
        )
        assert ("seal_forged", 5, None) in faults(verify())


class TestWords:
    def test_changed_ones_are_named(self, trail: Trail) -> None:
        for event in (trail.events[6], trail.events[14]):
            trail.tamper("UPDATE audit_label SET reason = 'nothing much' WHERE id = %s", [event])
        assert set(faults(verify())) == {
            ("label_changed", None, trail.events[6]),
            ("label_changed", None, trail.events[14]),
        }

    def test_added_ones_are_named(self, trail: Trail) -> None:
        trail.tamper("UPDATE audit_label SET id = uuidv7() WHERE id = %s", [trail.events[6]])
        assert kinds(faults(verify())) == {"label_added"}
