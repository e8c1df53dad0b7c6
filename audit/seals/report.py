"""What a verification found: each thing by its name."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

MOST_FINDINGS = 1_000
"""So many findings are kept one by one; further ones are counted only."""


class Fault(StrEnum):
    """What can be wrong with the trail."""

    EVENT_CHANGED = "event_changed"
    EVENT_DELETED = "event_deleted"
    EVENT_ADDED = "event_added"
    LEAF_CHANGED = "leaf_changed"
    LEAF_MISSING = "leaf_missing"
    LEAF_ADDED = "leaf_added"
    SEAL_UNPROVEN = "seal_unproven"
    SEAL_CHANGED = "seal_changed"
    SEAL_FORGED = "seal_forged"
    SEAL_MISSING = "seal_missing"
    SEAL_REORDERED = "seal_reordered"
    KEY_UNKNOWN = "key_unknown"
    HEAD_MISSING = "head_missing"
    HEAD_FORGED = "head_forged"
    LABEL_CHANGED = "label_changed"
    LABEL_ADDED = "label_added"


@dataclass(frozen=True)
class Finding:
    """One fault, with the number of the seal and the id of the event that it is about, where there is one."""

    fault: Fault
    words: str
    seal: int | None = None
    event: UUID | None = None

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "fault": self.fault.value,
            "seal": self.seal,
            "event": str(self.event) if self.event else None,
            "words": self.words,
        }

    def __str__(self) -> str:
        return f"{self.fault}: {self.words}"


@dataclass
class Report:
    """What was read, what was found, and what is to be known beside."""

    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    head: dict[str, Any] | None = None

    def add(self, fault: Fault, words: str, *, seal: int | None = None, event: UUID | None = None) -> None:
        """Note a fault."""
        self.faults[fault.value] += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(fault, words, seal, event))

    @property
    def found(self) -> int:
        """How many faults there are."""
        return self.faults.total()

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "proven": not self.found,
            "counts": dict(self.counts),
            "faults": dict(self.faults),
            "findings": [finding.as_json() for finding in self.findings],
            "notes": self.notes,
            "head": self.head,
        }
