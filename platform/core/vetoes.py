"""Lower floors ask before they destroy; higher floors may say no. Nothing here knows who answers.

A receiver returns None, one `Veto` or several, or raises `Vetoed`. All are asked and all answers collected, so
that a person sees every obstacle at once. Any other exception undoes the asking transaction: a question that nobody
could answer is no yes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.dispatch import Signal

from core.errors import Refused


@dataclass(frozen=True)
class Veto:
    """Why something must not be destroyed now: a whole sentence, and until when (UTC; None: until it is lifted)."""

    reason: str
    until: datetime | None = None

    def __str__(self) -> str:
        return f"{self.reason} Not before {self.until:%Y-%m-%d %H:%M} UTC." if self.until else self.reason


class Vetoed(Refused):
    """One or several vetoes stand against it; `vetoes` are those, in the order in which they were given."""

    code = "vetoed"

    def __init__(self, *vetoes: Veto) -> None:
        self.vetoes = vetoes
        super().__init__(" ".join(str(veto) for veto in vetoes))


class VetoSignal(Signal):
    """A question whether something may be destroyed: `erasure_requested.ask(sender=User, user=user)`."""

    def ask(self, sender: Any, **named: Any) -> tuple[Veto, ...]:
        """Ask every receiver; returns their vetoes, none if nobody objects. Changes nothing."""
        found: list[Veto] = []
        for receiver in self._live_receivers(sender)[0]:  # type: ignore[attr-defined]
            try:
                answer = receiver(signal=self, sender=sender, **named)
            except Vetoed as refusal:
                found.extend(refusal.vetoes)
            else:
                found.extend(_vetoes(answer))
        return tuple(found)

    def require(self, sender: Any, **named: Any) -> None:
        """Ask every receiver. Raises Vetoed with all vetoes when there is one."""
        if vetoes := self.ask(sender, **named):
            raise Vetoed(*vetoes)


def _vetoes(answer: Any) -> Iterable[Veto]:
    if answer is None:
        return ()
    answers = [answer] if isinstance(answer, Veto) else list(answer)
    for item in answers:
        if not isinstance(item, Veto):
            raise TypeError(
                f"A receiver of a veto signal answered {item!r}; it returns None, Veto or several."
            )
    return answers


erasure_requested = VetoSignal()
"""May what identifies a person be destroyed? Asked with `user`, who is closed. A legal hold and money owed object."""

purge_requested = VetoSignal()
"""May the files of something whose time is over be destroyed? Asked with `archive`. A legal hold objects."""

partition_leaving = VetoSignal()
"""May a partition leave its table? Asked with `model`, `schema` and `name` of the partition, and `using`, the alias of
the connection: before it is detached, and again in the transaction that moves it to the archive. Who answers copies out
what a legal hold covers, or objects."""
