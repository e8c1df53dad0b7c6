"""Domains announce what they did; the oversight app listens. Nothing here knows who listens.

Receivers run in the transaction of the change: if one fails, the change is undone (`send`, never
`send_robust`).
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.dispatch import Signal

announcements: dict[str, "Announcement"] = {}
_listeners: list[Callable[..., Any]] = []


class Announcement(Signal):
    """One kind of thing that can happen, told after it was written.

    `action` is the stable name kept in the trail; `words` complete the sentence "<actor> ...".
    """

    def __init__(self, action: str, words: str) -> None:
        if action in announcements:
            raise ValueError(f"The announcement {action!r} is declared twice.")
        super().__init__()
        self.action = action
        self.words = words
        announcements[action] = self
        for listener in _listeners:
            self.connect(listener, weak=False)

    def send(self, sender: Any, **named: Any) -> list[tuple[Callable[..., Any], Any]]:
        """Tell every listener; any exception undoes the announcing transaction.

        Expected names: `actor` (user or None for the system), `subject` (the row), `reason`, `changed`
        (field names), `detail` (JSON-serialisable, no personal data).
        """
        subject = named.get("subject")
        if not isinstance(subject, Model):
            raise TypeError(f"{self.action}: an announcement needs the row it is about as `subject`.")
        named.setdefault("actor", None)
        named.setdefault("reason", "")
        named.setdefault("changed", ())
        named.setdefault("detail", {})
        return super().send(sender, announcement=self, **named)


def listen(receiver: Callable[..., Any]) -> Callable[..., Any]:
    """Connect `receiver` to every announcement, those declared later included."""
    _listeners.append(receiver)
    for announcement in announcements.values():
        announcement.connect(receiver, weak=False)
    return receiver
