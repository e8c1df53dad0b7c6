"""Gifts: what they cost when they are sent, how many at once, and what the key keeps."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from billing import chart
from billing.catalogue_choices import ProductKind
from billing.errors import SpendRefused, TokensRefused, TooFewTokens
from billing.ledger_choices import JournalKind
from billing.models import GiftItem, JournalEntry, LotConsumption, Product, RevenueSplitLine, TokenSpend
from billing.models.token_spend import MOST_GIFTS
from billing.services.gifts import gift_send
from billing.services.spend_reversals import spend_reverse
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from performers.models import PerformerProfile
from tests.accounts.factories import RestrictionFactory, UserFactory
from tests.billing.factories_wallets import (
    assert_proven,
    balance,
    bought,
    granted,
    left,
    performer,
    settled,
)
from tests.billing.tickets import stream_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def to() -> PerformerProfile:
    return performer()


@pytest.fixture
def rose() -> GiftItem:
    product = Product.objects.create(code="gift_rose", kind=ProductKind.GIFT, name="Rose")
    return GiftItem.objects.create(product=product, tokens=10)


def give(viewer: User, to: PerformerProfile, item: GiftItem, key: str = "", **options: Any) -> TokenSpend:
    with acting(Role.VIEWER, user_id=viewer.pk):
        return gift_send(
            viewer_id=viewer.pk,
            performer_id=to.pk,
            gift_item_id=item.pk,
            idempotency_key=key or str(uuid7()),
            actor=viewer,
            **options,
        )


def test_gifts_are_shared_out_and_booked(to: PerformerProfile, rose: GiftItem) -> None:
    viewer = bought(100, cost=1_000)
    spend = give(viewer, to, rose, quantity=3)
    assert (spend.kind, spend.tokens, spend.quantity, spend.gift_item) == ("gift", 30, 3, rose)
    assert left(viewer) == [("paid", 70, 700)]
    parts = dict(RevenueSplitLine.objects.filter(split__spend=spend).values_list("party", "amount"))
    assert parts == {"performer": 21, "platform": 9}
    assert JournalEntry.objects.get(pk=spend.entry_id).kind == JournalKind.GIFT
    assert balance(chart.earnings(to.pk)) == 21
    assert balance(chart.token_revenue("EUR")) == 300
    assert_proven()


def test_the_same_key_is_the_same_gift_whatever_it_costs_by_then(
    to: PerformerProfile, rose: GiftItem
) -> None:
    viewer = granted(100)
    first = give(viewer, to, rose, "again", quantity=2)
    GiftItem.objects.filter(pk=rose.pk).update(tokens=50)
    assert give(viewer, to, rose, "again", quantity=2) == first
    assert TokenSpend.objects.get().tokens == 20
    lily = GiftItem.objects.create(
        product=Product.objects.create(code="gift_lily", kind=ProductKind.GIFT, name="Lily"), tokens=10
    )
    for item, whom, quantity in ((rose, to, 3), (lily, to, 2), (rose, performer(), 2)):
        with pytest.raises(TokensRefused, match="used before"):
            give(viewer, whom, item, "again", quantity=quantity)
    # A new key is a new gift, at the new price.
    assert give(viewer, to, rose, "anew").tokens == 50
    assert_proven()


@pytest.mark.parametrize("quantity", [0, -1, MOST_GIFTS + 1, 1.5, "2", True, None])
def test_quantities_that_make_no_sense(to: PerformerProfile, rose: GiftItem, quantity: Any) -> None:
    with pytest.raises(TokensRefused, match="Send 1 to 10,000 gifts"):
        give(granted(100), to, rose, quantity=quantity)
    assert not TokenSpend.objects.exists()


def test_only_what_is_offered_is_sent(to: PerformerProfile, rose: GiftItem) -> None:
    viewer = granted(100)
    Product.objects.filter(pk=rose.product_id).update(is_offered=False)
    for item in (rose, GiftItem(pk=uuid7(), tokens=1)):
        with pytest.raises(SpendRefused, match="no such gift"):
            give(viewer, to, item)
    assert left(viewer) == [("promotional", 100, 0)]


def test_who_cannot_be_given_to_and_who_cannot_give(to: PerformerProfile, rose: GiftItem) -> None:
    viewer = granted(100)
    with pytest.raises(SpendRefused, match="no such performer"):
        give(viewer, PerformerProfile(pk=uuid7()), rose)
    with pytest.raises(SpendRefused, match="no such stream"):
        give(viewer, to, rose, stream_id=stream_of(performer()).pk)
    with pytest.raises(SpendRefused, match="themselves"):
        give(granted(10, to.user), to, rose)
    with pytest.raises(TooFewTokens, match="there are 100"):
        give(viewer, to, rose, quantity=11)
    with pytest.raises(TooFewTokens, match="no tokens"):
        give(UserFactory(), to, rose)
    RestrictionFactory(user=viewer, kind="tip")
    with pytest.raises(SpendRefused, match="may not spend"):
        give(viewer, to, rose)
    assert not TokenSpend.objects.exists()
    assert_proven()


def test_a_gift_is_taken_back_whole(to: PerformerProfile, rose: GiftItem) -> None:
    viewer, stream = bought(100, bonus=5, cost=1_000), stream_of(to)
    spend = give(viewer, to, rose, quantity=4, stream_id=stream.pk)
    assert sum(LotConsumption.objects.filter(spend=spend).values_list("tokens", flat=True)) == 40
    spend_reverse(spend_id=spend.pk, actor=None, reason="a mistake")
    assert sorted(tokens for _, tokens, _ in left(viewer)) == [5, 100]
    assert balance(chart.earnings(to.pk)) == 0
    assert_proven()


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE billing_tokenspend SET quantity = 1",
        "INSERT INTO billing_tokenspend (id, wallet_id, viewer_id, performer_id, kind, tokens, gift_item_id, quantity, "
        "idempotency_key, entry_id, spent_at) SELECT uuidv7(), wallet_id, viewer_id, performer_id, kind, tokens, "
        "gift_item_id, NULL, 'raw', entry_id, spent_at FROM billing_tokenspend",
        "INSERT INTO billing_tokenspend (id, wallet_id, viewer_id, performer_id, kind, tokens, gift_item_id, quantity, "
        "idempotency_key, entry_id, spent_at) SELECT uuidv7(), wallet_id, viewer_id, performer_id, 'tip', tokens, "
        "gift_item_id, quantity, 'raw', entry_id, spent_at FROM billing_tokenspend",
    ],
)
def test_a_gift_says_which_and_how_many(to: PerformerProfile, rose: GiftItem, attack: str) -> None:
    give(granted(100), to, rose, quantity=2)
    settled()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
