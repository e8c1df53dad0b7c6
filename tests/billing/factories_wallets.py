"""People with tokens, for the tests of wallets; made by the services as those who would make them."""

from typing import Any
from uuid import uuid4

from django.db import connection

from accounts.models import User
from billing import chart
from billing.ledger_choices import JournalKind
from billing.models import TokenLot, TokenSpend, Wallet, WalletProof
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.tips import tip_send
from billing.services.wallets import NewLot, as_worker, lots_add, tokens_grant, wallets_lock, wallets_open
from billing.wallet_choices import LotKind
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from performers.models import PerformerProfile
from tests.accounts.factories import UserFactory
from tests.performers.factories_admission import PerformerFactory


def performer() -> PerformerProfile:
    """One whom anybody may see."""
    return PerformerFactory(status="verified")


def granted(tokens: int, user: User | None = None, **options: Any) -> User:
    """A viewer with promotional tokens."""
    user = user or UserFactory()
    tokens_grant(user_id=user.pk, tokens=tokens, actor=None, reason="a welcome gift", **options)
    return user


def bought(
    paid: int, bonus: int = 0, cost: int = 0, user: User | None = None, currency: str = "EUR", **lot: Any
) -> User:
    """A viewer who bought tokens for `cost` net: lots and the entry of the purchase, as a payment would make them."""
    user = user or UserFactory()
    with as_worker(None):
        wallets_open([user.pk])
        wallet = wallets_lock([user.pk])[user.pk]
        _, lines = lots_add(
            wallet=wallet,
            lots=[
                NewLot(kind=LotKind.PAID, tokens=paid, currency=currency, cost=cost, **lot),
                NewLot(kind=LotKind.BONUS, tokens=bonus, **lot),
            ],
        )
        cash, deferred = ledger_accounts_open(chart.cash("tests", currency), chart.deferred_revenue(currency))
        if cost:
            lines += [Line(cash, -cost, currency), Line(deferred, cost, currency)]
        entries_post(entries=[Entry(id=uuid7(), kind=JournalKind.PURCHASE, lines=tuple(lines))], actor=None)
    return user


def tip(viewer: User, to: PerformerProfile, tokens: int, key: str = "", **options: Any) -> TokenSpend:
    """A tip of the viewer."""
    with acting(Role.VIEWER, user_id=viewer.pk):
        return tip_send(
            viewer_id=viewer.pk,
            performer_id=to.pk,
            tokens=tokens,
            idempotency_key=key or str(uuid4()),
            actor=viewer,
            **options,
        )


def balance(spec: chart.AccountSpec) -> int:
    """The balance of an account by its description, 0 where it was never opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_balance_of(a.id) FROM billing_ledgeraccount a WHERE a.code = %s", [spec.code]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def wallet_of(user: User) -> Wallet:
    """The person's wallet."""
    return Wallet.objects.get(user=user)


def left(user: User) -> list[tuple[str, int, int]]:
    """Kind, tokens and cost of what remains, in the order in which they came."""
    lots = TokenLot.objects.filter(wallet__user=user).order_by("pk")
    return [(lot.kind, lot.remaining, lot.cost_remaining) for lot in lots]


def settled() -> None:
    """Let everything that speaks when a transaction ends speak now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def outdated(place: int = 0) -> None:
    """Let the time of a lot be over, by its place in the order in which they came."""
    settled()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_tokenlot DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE billing_tokenlot SET expires_at = now() - interval '1 day' "
            "WHERE id IN (SELECT id FROM billing_tokenlot ORDER BY id OFFSET %s LIMIT 1)",
            [place],
        )
    settled()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_tokenlot ENABLE TRIGGER USER")


def assert_proven() -> None:
    """Lots = wallet = ledger, deferred revenue = cost of what is left, every unit sums to zero."""
    settled()
    assert not list(WalletProof.objects.wrong())
    with connection.cursor() as cursor:
        cursor.execute("SELECT currency, sum(amount) FROM billing_posting GROUP BY 1 HAVING sum(amount) <> 0")
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT c.currency, c.cost, coalesce(b.amount, 0) FROM ("
            "  SELECT currency, sum(cost) AS cost FROM ("
            "    SELECT l.currency, l.cost_remaining AS cost FROM billing_tokenlot l WHERE l.currency IS NOT NULL"
            "    UNION ALL SELECT l.currency, h.cost FROM billing_holdlot h JOIN billing_tokenlot l ON l.id = h.lot_id"
            "    WHERE l.currency IS NOT NULL"
            "  ) parts GROUP BY currency) c "
            "LEFT JOIN (SELECT p.currency, sum(p.amount) AS amount FROM billing_posting p "
            "  JOIN billing_ledgeraccount a ON a.id = p.account_id AND a.code LIKE 'deferred_revenue:%' "
            "  GROUP BY 1) b ON b.currency = c.currency WHERE c.cost <> coalesce(b.amount, 0)"
        )
        assert cursor.fetchall() == []
