"""The leaves of one seal: do they give its root, and do the events give the leaves?"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from audit.seals.chain import Link
from audit.seals.copying import copied
from audit.seals.departed import Departed
from audit.seals.doubts import Member, genuine_members
from audit.seals.merkle import MerkleTree
from audit.seals.report import Fault, Report

DIGEST = (
    "audit_event_digest(e.id, e.area, e.action, e.actor_id, e.acting_role, e.subject_type, e.subject_id, e.changed, "
    "e.detail, e.request_id, e.label_digest, e.xact)"
)

LEAVES = f"""
SELECT l.id, l.place, l.digest, CASE WHEN e.id IS NULL THEN 1 WHEN {DIGEST} <> l.digest THEN 2 ELSE 0 END::int2
FROM audit_sealleaf l LEFT JOIN audit_event e ON e.id = l.id AND e.id BETWEEN {{first}} AND {{last}}
WHERE l.seal_id = {{seal}} AND l.id BETWEEN {{first}} AND {{last}} ORDER BY l.id
"""

MEMBERS = f"""
SELECT coalesce(l.id, e.id), l.place, l.digest, {DIGEST}, e.xact >= {{start}} AND e.xact < {{end}}
FROM (
  SELECT * FROM audit_sealleaf WHERE seal_id = {{seal}} AND id BETWEEN {{first}} AND {{last}}
) l FULL JOIN (
  SELECT * FROM audit_event WHERE id BETWEEN {{first}} AND {{last}}
) e ON e.id = l.id
WHERE l.id IS NOT NULL OR (
  ({{opens}} OR e.xact >= {{start}} AND e.xact < {{end}}) AND NOT EXISTS (
    SELECT FROM audit_sealleaf o WHERE o.id = e.id AND {{settled}}
  )
)
ORDER BY 1
"""

BOUNDS = """
SELECT encode(min(uuid_send(id)), 'hex'), encode(max(uuid_send(id)), 'hex') FROM audit_sealleaf WHERE seal_id = %s
"""

NOBODY, LAST_XACT = UUID(int=0), 2**64 - 1


@dataclass
class Leaves:
    """Proves one seal after the other. What has `departed` may be missing."""

    report: Report
    departed: Departed

    def prove(self, link: Link) -> set[UUID]:
        """Note what is wrong with the events and leaves of a seal; returns the events whose leaf is missing."""
        seal = link.seal
        first, last = self._bounds(link)
        tree, faults, count = MerkleTree(), [], 0
        values = {"seal": seal.pk, "first": first, "last": last}
        for event, place, digest, fault in copied(LEAVES, values, ["uuid", "int4", "bytea", "int2"]):
            tree.add(digest)
            if fault or place != count:
                faults.append((event, fault))
            count += 1
        if self._is_root(link, tree):
            self.report.counts["events"] += count
            for event, fault in faults:
                self._note(link, event, changed=fault == 2, deleted=fault == 1, moved=not fault)
            return set()
        if seal.first_id and self.departed.may_miss_some(seal.first_id, seal.last_id or seal.first_id):
            return self._note_expired(link, count)
        return self._doubt(link, values)

    def _is_root(self, link: Link, tree: MerkleTree) -> bool:
        """Whether these leaves are those that were sealed."""
        seal = link.seal
        if tree.root == bytes(seal.root):
            return True
        if not link.broken:
            return False
        # The root itself may be what was changed.
        before, seal.root = bytes(seal.root), tree.root
        try:
            return seal.computed_head(bytes(link.before.head) if link.before else None) == bytes(seal.head)
        finally:
            seal.root = before

    def _bounds(self, link: Link) -> tuple[UUID, UUID]:
        """The ids between which the seal's leaves lie; of a seal that was changed, those that there are."""
        seal = link.seal
        if not link.broken:
            return seal.first_id or NOBODY, seal.last_id or NOBODY
        with connection.cursor() as cursor:
            cursor.execute(BOUNDS, [seal.pk])
            first, last = cursor.fetchone()
        return (UUID(hex=first), UUID(hex=last)) if first else (NOBODY, NOBODY)

    def _doubt(self, link: Link, values: dict[str, Any]) -> set[UUID]:
        """Find out which of leaves and events are those that were sealed, and name the others."""
        seal, opens = link.seal, link.opens or not link.follows
        values |= {
            "start": str(link.before.horizon if link.before and not opens else 0),
            "end": str(LAST_XACT if opens else seal.horizon),
            "opens": opens,
        }
        members: list[Member] = []
        genuine = None
        # Leaves of other seals first count as settled, then not: one may have been moved to another seal.
        for settled in ("true",) if opens else ("true", "false"):
            members = [
                Member(*row)
                for row in copied(
                    MEMBERS.replace("{settled}", settled), values, ["uuid", "int4", "bytea", "bytea", "bool"]
                )
            ]
            genuine = genuine_members(members, bytes(seal.root), seal.event_count)
            if genuine is not None:
                break
        if genuine is None:
            self._note_unproven(link, members)
            return set()
        return self._note_members(link, members, genuine)

    def _note_members(self, link: Link, members: list[Member], genuine: dict[UUID, bytes]) -> set[UUID]:
        """Compare what there is with what was sealed."""
        number, missing = link.seal.number, set()
        self.report.counts["events"] += len(genuine)
        for member in members:
            sealed = genuine.get(member.id)
            if sealed is None:
                if member.leaf is not None:
                    self.report.add(
                        Fault.LEAF_ADDED,
                        f"event {member.id} has a leaf in seal {number} that was never sealed",
                        seal=number,
                        event=member.id,
                    )
                    if member.event is not None and member.in_window:
                        self._note_added(link, member.id)
                continue
            if member.leaf is None:
                missing.add(member.id)
                self.report.add(
                    Fault.LEAF_MISSING,
                    f"event {member.id} was in seal {number}, and its leaf is missing",
                    seal=number,
                    event=member.id,
                )
            elif member.leaf != sealed:
                self.report.add(
                    Fault.LEAF_CHANGED,
                    f"the leaf of event {member.id} in seal {number} was changed",
                    seal=number,
                    event=member.id,
                )
            self._note(
                link, member.id, changed=member.event not in (None, sealed), deleted=member.event is None
            )
        return missing

    def _note(
        self, link: Link, event: UUID, *, changed: bool = False, deleted: bool = False, moved: bool = False
    ) -> None:
        number = link.seal.number
        if changed:
            self.report.add(
                Fault.EVENT_CHANGED,
                f"event {event} was changed after seal {number}",
                seal=number,
                event=event,
            )
        if deleted:
            if self.departed.may_miss(event):
                self.report.counts["expired"] += 1
                return
            self.report.add(
                Fault.EVENT_DELETED,
                f"event {event} was deleted after seal {number}",
                seal=number,
                event=event,
            )
        if moved:
            self.report.add(
                Fault.LEAF_CHANGED,
                f"the leaf of event {event} in seal {number} has another place",
                seal=number,
                event=event,
            )

    def _note_added(self, link: Link, event: UUID) -> None:
        self.report.add(
            Fault.EVENT_ADDED,
            f"event {event} was added after seal {link.seal.number}, which covers its time",
            seal=link.seal.number,
            event=event,
        )

    def _note_unproven(self, link: Link, members: list[Member]) -> None:
        """Nothing that is there gives the root: name what is certain, and what does not agree."""
        seal, held = link.seal, [member for member in members if member.leaf is not None]
        self.report.add(
            Fault.SEAL_UNPROVEN,
            f"seal {seal.number} covers {seal.event_count} events; its {len(held)} leaves do not give its root",
            seal=seal.number,
        )
        before: Member | None = None
        for member in held:
            lost = (member.place or 0) - (before.place or 0) - 1 if before else member.place or 0
            if lost > 0:
                self._note_lost(link, lost, before, member)
            before = member
            if member.event != member.leaf:
                self._note(link, member.id, changed=member.event is not None, deleted=member.event is None)
        if before is not None and (lost := seal.event_count - 1 - (before.place or 0)) > 0:
            self._note_lost(link, lost, before, None)

    def _note_lost(self, link: Link, lost: int, before: Member | None, after: Member | None) -> None:
        number = link.seal.number
        between = " and ".join(
            [
                f"event {before.id}" if before else "the beginning",
                f"event {after.id}" if after else "the end",
            ]
        )
        self.report.add(
            Fault.EVENT_DELETED,
            f"{lost} of the events of seal {number}, between {between}, deleted with what proved them",
            seal=number,
        )

    def _note_expired(self, link: Link, count: int) -> set[UUID]:
        gone = link.seal.event_count - count
        self.report.counts["expired"] += gone
        self.report.notes.append(
            f"Seal {link.seal.number} covers events that are in the archive or over for good, {gone} of them: its "
            "root cannot be had from what is here."
        )
        return set()
