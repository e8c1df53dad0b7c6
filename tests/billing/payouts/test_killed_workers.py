"""A worker that is killed between any two steps of sending a batch: afterwards ledger, batch and simulator agree.

A step is what is committed: by us, or by the simulator in its own books. For every one of them a process of its own
works on a batch and is killed by SIGKILL right after it; another process goes on from what is there.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from billing.models import Payout, PayoutBatch, ProviderCall, SimulatedCharge
from billing.payout_choices import PayoutBatchStatus, PayoutStatus
from tests.billing.payouts_data import (
    again,
    approved,
    assert_agree,
    assert_simulator_agrees,
    earned,
    payable,
    work,
)

pytestmark = pytest.mark.django_db(transaction=True)

MOST_STEPS = 80
BAD_END = 3


def process(act: Callable[[], Any], *, killed_after: int | None = None) -> int:
    """Run `act` in a process of its own, killed after so many commits; how it ended (negative: by which signal)."""
    connection.close()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    try:
        _kill_after(killed_after)
        act()
        connection.close()
        os._exit(0)
    except BaseException:
        os._exit(BAD_END)


def _kill_after(commits: int | None) -> None:
    commit, left = BaseDatabaseWrapper._commit, [commits]

    def counted(self: BaseDatabaseWrapper) -> Any:
        commit(self)
        if left[0] is not None:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    BaseDatabaseWrapper._commit = counted  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("first", "second"),
    [("sim_ok", "sim_timeout_charged"), ("sim_payout_returned", "sim_decline_account_closed")],
)
def test_killed_after_every_step(first: str, second: str) -> None:
    anna, bea = payable(token=first), payable(token=second)
    for steps in range(1, MOST_STEPS):
        batch = approved(anna, bea)
        ended = process(work, killed_after=steps)
        assert ended in (0, -signal.SIGKILL)
        assert_agree()
        assert process(lambda: work(4)) == 0
        _assert_done(batch)
        if ended == 0:
            break
        _begin_again(anna, bea)
    assert ended == 0
    assert steps > 15


def _assert_done(batch: PayoutBatch) -> None:
    assert_simulator_agrees()
    assert again(batch).status == PayoutBatchStatus.DONE
    payouts = list(Payout.objects.filter(batch=batch))
    assert not [payout for payout in payouts if payout.status in (PayoutStatus.SENT, PayoutStatus.UNKNOWN)]
    keys = [payout.provider_key for payout in payouts]
    assert ProviderCall.objects.filter(idempotency_key__in=keys).count() == 2
    assert SimulatedCharge.objects.filter(idempotency_key__in=keys).count() == 2


def _begin_again(*performers: Any) -> None:
    """Let everybody have something to be paid, at a destination that is not paused."""
    for performer in performers:
        performer.payoutdestinations.update(failure_streak=0, status="active")
        if not Payout.objects.filter(performer=performer).exclude(status=PayoutStatus.PAID).exists():
            earned(1000, performer)
