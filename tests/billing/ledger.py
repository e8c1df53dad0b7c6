"""Steps of tests of the ledger: accounts, entries, and what stands in the books afterwards."""

from uuid import UUID

from billing import chart
from billing.chart import AccountSpec
from billing.ledger_choices import JournalKind
from billing.models import LedgerProof, TrialBalanceLine
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from core.models.identity import uuid7

TOKEN = chart.TOKEN


def opened(*specs: AccountSpec) -> list[UUID]:
    """Accounts by what they are."""
    return ledger_accounts_open(*specs)


def entry(
    *lines: tuple[UUID, int] | tuple[UUID, int, str],
    kind: JournalKind = JournalKind.ADJUSTMENT,
    **said: object,
) -> Entry:
    """An entry of these accounts and amounts, in tokens unless said."""
    made = tuple(Line(line[0], line[1], line[2] if len(line) == 3 else TOKEN) for line in lines)
    return Entry(id=said.pop("id", uuid7()), kind=kind, lines=made, **said)  # type: ignore[arg-type]


def post(*entries: Entry) -> int:
    """Post them, on behalf of nobody."""
    return entries_post(entries=entries, actor=None)


def bought(user_id: UUID, tokens: int) -> UUID:
    """Put tokens into somebody's wallet; the account of the wallet."""
    wallet, sold = opened(chart.wallet(user_id), chart.tokens_sold())
    post(entry((wallet, tokens), (sold, -tokens), kind=JournalKind.PURCHASE))
    return wallet


def totals() -> dict[str, tuple[int, int]]:
    """Debits and credits of the trial balance, by currency."""
    found: dict[str, tuple[int, int]] = {}
    for line in TrialBalanceLine.objects.all():
        debit, credit = found.get(line.currency, (0, 0))
        found[line.currency] = (debit + line.debit, credit + line.credit)
    return found


def assert_books_prove() -> None:
    """The trial balance is even in every currency, and every balance is the sum of its postings."""
    for currency, (debit, credit) in totals().items():
        assert debit == credit, currency
    assert not list(LedgerProof.objects.exclude(difference=0))
