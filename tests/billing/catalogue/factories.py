"""Products, prices and promotions, written as the owner: valid rows, without the services under test."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from billing.catalogue_choices import ProductKind, PromotionKind, TaxBehaviour
from billing.models import Price, Product, Promotion, PromotionCode, PromotionRedemption
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory, period


class ProductFactory(DjangoModelFactory):
    """A ticket, which needs no row beside it."""

    class Meta:
        model = Product

    code = factory.Sequence(lambda number: f"product_{number}")
    kind = ProductKind.PAY_PER_VIEW
    name = factory.LazyAttribute(lambda product: product.code.replace("_", " ").capitalize())


class PriceFactory(DjangoModelFactory):
    """9.99 euros everywhere, since yesterday."""

    class Meta:
        model = Price

    product = factory.SubFactory(ProductFactory)
    currency_id = "EUR"
    amount = 999
    tax_behaviour = TaxBehaviour.INCLUSIVE
    valid = factory.LazyFunction(period)


class PromotionFactory(DjangoModelFactory):
    """Ten per cent off, since yesterday, without limits."""

    class Meta:
        model = Promotion

    name = factory.Sequence(lambda number: f"Promotion {number}")
    kind = PromotionKind.PERCENTAGE
    basis_points = 1000
    valid = factory.LazyFunction(period)


class PromotionCodeFactory(DjangoModelFactory):
    class Meta:
        model = PromotionCode

    promotion = factory.SubFactory(PromotionFactory)
    code = factory.Sequence(lambda number: f"CODE-{number}")


class RedemptionFactory(DjangoModelFactory):
    """A reservation of half an hour."""

    class Meta:
        model = PromotionRedemption

    code = factory.SubFactory(PromotionCodeFactory)
    user = factory.SubFactory(UserFactory)
    order_id = factory.LazyFunction(uuid7)
    discount = 100
    currency_id = "EUR"
    reserved_until = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=30))


def sell(price: Any) -> None:
    """What the trigger of order lines does: an order names the price."""
    Price.objects.filter(pk=price.pk).update(first_sold_at=timezone.now())
