"""What has to be in order before a month of books is closed: one check per area, registered when the app is ready.

    register_close_check("payouts_under_way", "No payout is under way", payouts_under_way)

A check looks at one period and says how much is in the way. Nothing here knows the areas.
"""

from collections.abc import Callable
from dataclasses import dataclass

from billing.models.accounting_period import AccountingPeriod


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: `count` of what is in the way, 0: nothing.

    `link_query` leads to the list of it in the back office, as a model of billing with the query of its list:
    `refund?status=requested`; empty: there is none. `detail` says more, in a sentence.
    """

    count: int = 0
    link_query: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of the check-list: what must be so (`words`), whether it is, and where to look if not.

    What does not block is shown and kept with the closing, and for people to judge.
    """

    name: str
    words: str
    ok: bool
    count: int
    link_query: str
    detail: str
    blocks: bool


CloseCheck = Callable[[AccountingPeriod], Finding]


@dataclass(frozen=True, slots=True)
class _Registered:
    words: str
    function: CloseCheck
    blocks: bool


_checks: dict[str, _Registered] = {}


def register_close_check(name: str, words: str, function: CloseCheck, *, blocks: bool = True) -> None:
    """Say what must be so before a period is closed. Raises ValueError for a name that is taken.

    `function` runs as the worker and changes nothing. With `blocks` False the finding is shown and recorded only.
    """
    if name in _checks:
        raise ValueError(f"There is a check of the close called {name!r} already.")
    _checks[name] = _Registered(words, function, blocks)


def remove_close_check(name: str) -> None:
    """Take a check away again, as tests do."""
    del _checks[name]


def close_checks(period: AccountingPeriod) -> list[CheckItem]:
    """The check-list of a period, in the order in which the checks were registered. For the worker."""
    items = []
    for name, check in _checks.items():
        found = check.function(period)
        items.append(
            CheckItem(
                name=name,
                words=check.words,
                ok=found.count == 0,
                count=found.count,
                link_query=found.link_query,
                detail=found.detail,
                blocks=check.blocks,
            )
        )
    return items
