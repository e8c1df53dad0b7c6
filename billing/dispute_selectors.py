"""Reads of disputes for whoever closes a month: what the movements say, and what the ledger does."""

from dataclasses import dataclass

from django.db.models import F, Sum

from billing.models import DisputeMovement, LedgerAccount, Posting


@dataclass(frozen=True, slots=True)
class Difference:
    """An account of what is disputed whose balance is not what the movements sum to."""

    code: str
    movements: int
    balance: int


def disputed_differences() -> list[Difference]:
    """Accounts of what is disputed that differ from their movements, by code; none is what should come out.

    Movements are compared with their entries whenever they are written; this finds what was posted without one.
    """
    moved = {
        f"disputed:{row['code']}:{row['currency']}": int(row["sum"])
        for row in DisputeMovement.objects.values("currency", code=F("provider_account__code")).annotate(
            sum=Sum("amount")
        )
    }
    accounts = LedgerAccount.objects.filter(code__startswith="disputed:")
    booked = dict(
        Posting.objects.filter(account__in=accounts).values_list("account__code").annotate(sum=Sum("amount"))
    )
    return [
        Difference(code, moved.get(code, 0), int(booked.get(code, 0)))
        for code in sorted({*moved, *booked})
        if moved.get(code, 0) != booked.get(code, 0)
    ]
