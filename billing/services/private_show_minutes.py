"""Minutes of private shows: paid one by one, the next one set aside ahead."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from billing.errors import SpendRefused, TooFewTokens
from billing.models import PrivateShowMinute, TokenHold
from billing.services.spends import Wish
from billing.services.token_holds import hold_capture, tokens_hold
from billing.services.wallets import as_worker
from billing.wallet_choices import SpendKind
from core.db.clock import database_now
from core.db.refusals import refused_as
from core.errors import Refused
from core.models.identity import uuid7
from streams.choices import PrivateShowStatus
from streams.models import PrivateShow
from streams.services.private_shows import private_show_end

MINUTE = dt.timedelta(minutes=1)
USED_UP = "The tokens are used up."


@dataclass(frozen=True)
class Charge:
    """What came of charging a minute: paid (None: it was not), whether the next one is set aside, whether it ended."""

    minute: PrivateShowMinute | None
    next_is_held: bool
    ended: bool


@transaction.atomic
def private_show_minute_charge(
    *, private_show_id: UUID, actor: User | None, minute: int | None = None
) -> Charge:
    """Charge the next minute of a running show at its frozen rate, and set the one after it aside.

    A minute that cannot be paid ends the show; one that cannot be set aside only says so, since tokens may be bought
    meanwhile. `minute` (from 0) charged before is not charged again. What is set aside goes back when the show ends.
    Locks: the show, the viewer's wallet. Raises: SpendRefused (not running, out of order), RevenueShareRefused.
    """
    with as_worker(actor):
        show = PrivateShow.objects.select_for_update().filter(pk=private_show_id).first()
        if show is None:
            raise SpendRefused("There is no such private show, or it is over.")
        due = PrivateShowMinute.objects.filter(private_show=show).count()
        if minute is not None and minute < due:
            done = PrivateShowMinute.objects.filter(private_show=show, minute=minute).first()
            return Charge(done, _is_held(show, due), show.status != PrivateShowStatus.RUNNING)
        if minute is not None and minute > due:
            raise SpendRefused(f"Minute {due} comes first.")
        if show.status != PrivateShowStatus.RUNNING:
            raise SpendRefused("This private show is not running.")
        try:
            hold = _hold(show, due, actor)
        except TooFewTokens:
            private_show_end(private_show_id=show.pk, actor=None, reason=USED_UP)
            return Charge(None, next_is_held=False, ended=True)
        wish = Wish(
            viewer_id=show.viewer_id,
            performer_id=show.performer_id,
            kind=SpendKind.PRIVATE_SHOW,
            tokens=show.tokens_per_minute,
            key=_key(show, due),
            private_show_id=show.pk,
        )
        spend = hold_capture(hold_id=hold.pk, wish=wish, actor=actor)
        row = PrivateShowMinute(
            id=uuid7(), private_show=show, minute=due, spend=spend, charged_at=spend.spent_at
        )
        with refused_as(SpendRefused):
            row.save(force_insert=True)
        try:
            _hold(show, due + 1, actor)
        except TooFewTokens:
            return Charge(row, next_is_held=False, ended=False)
        return Charge(row, next_is_held=True, ended=False)


def private_shows_charge(*, batch: int = 500) -> dict[str, int]:
    """Charge every running show the minutes that have begun; counts. Run every minute as the worker.

    Each minute is a transaction of its own. A show that cannot be charged, since its viewer was barred say, is ended.
    """
    counts = {"charged": 0, "ended": 0}
    with as_worker(None):
        now = database_now()
        running = [
            (pk, charged, 1 + (now - started_at) // MINUTE if started_at else 0)
            for pk, charged, started_at in PrivateShow.objects.running()
            .annotate(charged=Count("minutes"))
            .order_by("pk")
            .values_list("pk", "charged", "started_at")[:batch]
        ]
    for pk, charged, begun in running:
        for minute in range(charged, begun):
            try:
                charge = private_show_minute_charge(private_show_id=pk, actor=None, minute=minute)
            except Refused as refusal:
                _end(pk, str(refusal))
                counts["ended"] += 1
                break
            counts["charged"] += charge.minute is not None and charge.minute.charged_at >= now
            if charge.ended:
                counts["ended"] += 1
                break
    return counts


def _end(private_show_id: UUID, reason: str) -> None:
    with transaction.atomic(), as_worker(None):
        show = PrivateShow.objects.filter(pk=private_show_id).first()
        if show is not None and show.status == PrivateShowStatus.RUNNING:
            private_show_end(private_show_id=private_show_id, actor=None, reason=reason)


def _key(show: PrivateShow, minute: int) -> str:
    return f"private_show:{show.pk}:{minute}"


def _is_held(show: PrivateShow, minute: int) -> bool:
    return TokenHold.objects.open().filter(private_show=show, idempotency_key=_key(show, minute)).exists()


def _hold(show: PrivateShow, minute: int, actor: User | None) -> TokenHold:
    return tokens_hold(
        viewer_id=show.viewer_id,
        tokens=show.tokens_per_minute,
        idempotency_key=_key(show, minute),
        private_show_id=show.pk,
        actor=actor,
    )
