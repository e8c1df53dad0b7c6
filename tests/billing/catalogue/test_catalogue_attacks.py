"""What no statement can do to prices, tiers, packs and rates, whoever writes it."""

from typing import Any

import pytest

from accounts.models import User
from billing.catalogue_choices import ProductKind
from billing.models import Price, Product
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.billing.catalogue.factories import PriceFactory, ProductFactory, sell
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

MANAGERS = (Role.FINANCE, Role.ADMINISTRATOR)
PRICE = (
    "INSERT INTO billing_price (product_id, country, currency, amount, tax_behaviour, valid, first_sold_at) "
    "VALUES (%s, %s, %s, %s, %s, %s::tstzrange, %s)"
)
TERMS = ["", "EUR", 100, "inclusive", "[2024-01-01,)", None]


def price_with(product: Product, **changes: Any) -> list[Any]:
    names = ("country", "currency", "amount", "tax_behaviour", "valid", "first_sold_at")
    terms = dict(zip(names, TERMS, strict=True)) | changes
    return [product.pk, *terms.values()]


class TestPrices:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"amount": 0}, "billing_price_amount_check"),
            ({"amount": -1}, "billing_price_amount_check"),
            ({"amount": 10**18}, "billing_price_amount_check"),
            ({"currency": "TOKEN"}, "currency that is money"),
            ({"currency": "SIT"}, "was not withdrawn"),
            ({"country": "pt"}, "billing_price_country_format_check"),
            ({"country": "PRT"}, "billing_price_country_format_check"),
            ({"tax_behaviour": "free"}, "billing_price_tax_behaviour_check"),
            ({"valid": "empty"}, "billing_price_valid"),
            ({"valid": "(,2024-01-01)"}, "billing_price_valid_from_check"),
            ({"first_sold_at": "2024-01-01"}, "begins unsold"),
        ],
    )
    def test_no_such_price(self, finance: User, changes: dict[str, Any], words: str) -> None:
        product = ProductFactory()
        with acting(Role.FINANCE, user_id=finance.pk), refused(words):
            run(PRICE, price_with(product, **changes))

    def test_an_unknown_currency_is_refused_at_the_latest_when_the_transaction_ends(self) -> None:
        product = ProductFactory()
        with refused("billing_price_currency_fkey"):
            run(PRICE, price_with(product, currency="EUX"))
            run("SET CONSTRAINTS ALL IMMEDIATE")

    def test_none_overlaps(self) -> None:
        product = ProductFactory()
        run(PRICE, price_with(product, valid="[2024-01-01,2024-02-01)"))
        run(PRICE, price_with(product, valid="[2024-02-01,2024-03-01)"))
        run(PRICE, price_with(product, currency="USD"))
        run(PRICE, price_with(product, country="PT"))
        for valid in ("[2024-01-31,2024-02-01)", "[2024-02-01,2024-02-01]", "[2024-02-28,)"):
            with refused("billing_price_valid_excl"):
                run(PRICE, price_with(product, valid=valid))

    @pytest.mark.parametrize(
        "change",
        [
            "amount = 1",
            "currency = 'USD'",
            "country = 'PT'",
            "tax_behaviour = 'exclusive'",
            "region_id = uuidv7()",
        ],
    )
    def test_its_terms_are_never_changed(self, change: str) -> None:
        PriceFactory()
        with refused("cannot be changed"):
            run(f"UPDATE billing_price SET {change}")

    @pytest.mark.parametrize(
        "change",
        [
            "valid = tstzrange(lower(valid) + interval '1 hour', upper(valid))",
            "valid = tstzrange(lower(valid) - interval '1 hour', upper(valid))",
            "valid = tstzrange(lower(valid), upper(valid), '()')",
            "valid = tstzrange(lower(valid), now() - interval '1 second')",
            "first_sold_at = NULL",
            "first_sold_at = now() - interval '1 day'",
        ],
    )
    def test_what_was_sold_stays(self, change: str) -> None:
        price = PriceFactory()
        sell(price)
        with refused("This price was sold|never changed"):
            run(f"UPDATE billing_price SET {change}")
        with refused("never deleted"):
            run("DELETE FROM billing_price")
        version = Price.objects.get(pk=price.pk).version
        assert version == 1
        assert (
            affected("UPDATE billing_price SET valid = tstzrange(lower(valid), now() + interval '1 day')")
            == 1
        )
        assert affected("UPDATE billing_price SET valid = tstzrange(lower(valid), NULL)") == 1

    def test_what_ended_after_it_was_sold_does_not_come_back(self) -> None:
        price = PriceFactory()
        sell(price)
        run("UPDATE billing_price SET valid = tstzrange(lower(valid), now())")
        with refused("This price was sold"):
            run("UPDATE billing_price SET valid = tstzrange(lower(valid), NULL)")

    def test_finance_deletes_what_was_not_sold_and_marks_nothing(self, finance: User) -> None:
        sold, unsold = PriceFactory(), PriceFactory()
        sell(sold)
        with acting(Role.FINANCE, user_id=finance.pk):
            with refused("permission denied"):
                run("UPDATE billing_price SET first_sold_at = now()")
            assert affected("DELETE FROM billing_price") == 1
        assert list(Price.objects.all()) == [sold]
        assert unsold.pk != sold.pk

    @pytest.mark.parametrize("role", [role for role in ACTING_ROLES if role not in MANAGERS])
    def test_others_read(self, role: Role, finance: User) -> None:
        product = PriceFactory().product
        with acting(role, user_id=finance.pk):
            assert run("SELECT count(*) FROM billing_price") == [(1,)]
            for statement in ("UPDATE billing_price SET valid = valid", "DELETE FROM billing_price"):
                with refused("permission denied"):
                    run(statement)
            if role != Role.WORKER:
                with refused("permission denied"):
                    run(PRICE, price_with(product))

    def test_nobody_empties_the_table(self) -> None:
        for role in (*ACTING_ROLES, Role.RETENTION):
            with acting(role), refused("permission denied"):
                run("TRUNCATE billing_price CASCADE")

    def test_a_gift_has_no_price_in_money(self) -> None:
        gift = ProductFactory(kind=ProductKind.GIFT)
        with refused("has no price in money"):
            run(PRICE, price_with(gift))


class TestTiers:
    TIERS = "INSERT INTO billing_pricetier (price_id, position, up_to, amount) VALUES "

    def tiers(self, price: Price, *rows: str) -> None:
        run(self.TIERS + ", ".join(f"('{price.pk}', {row})" for row in rows))

    @pytest.mark.parametrize(
        "rows",
        [
            ["1, 10, 999", "2, 10, 899", "3, NULL, 799"],
            ["1, 10, 999", "2, 5, 899", "3, NULL, 799"],
            ["1, 10, 999", "2, 20, 899"],
            ["1, NULL, 999", "2, 20, 899"],
            ["1, NULL, 999", "2, NULL, 899"],
            ["1, 10, 999", "3, NULL, 899"],
            ["2, 10, 999", "3, NULL, 899"],
            ["1, 10, 998", "2, NULL, 899"],
        ],
    )
    def test_they_rise_and_the_last_has_no_end(self, rows: list[str]) -> None:
        with refused("rise strictly, the last has no end"):
            self.tiers(PriceFactory(), *rows)

    def test_they_come_and_go_together(self) -> None:
        price = PriceFactory()
        with refused("rise strictly"):
            self.tiers(price, "1, 10, 999")
        self.tiers(price, "1, 10, 999", "2, 20, 899", "3, NULL, 799")
        with refused("rise strictly"):
            self.tiers(price, "4, NULL, 699")
        with refused("cannot be changed"):
            run("UPDATE billing_pricetier SET amount = 1")
        for position in (1, 2, 3):
            with refused("rise strictly"):
                run("DELETE FROM billing_pricetier WHERE position = %s", [position])
        assert affected("DELETE FROM billing_pricetier") == 3

    def test_they_stay_with_what_was_sold(self) -> None:
        tiered, plain = PriceFactory(), PriceFactory()
        self.tiers(tiered, "1, 10, 999", "2, NULL, 899")
        for price in (tiered, plain):
            sell(price)
        with refused("This price was sold"):
            run("DELETE FROM billing_pricetier")
        with refused("This price was sold"):
            self.tiers(plain, "1, 10, 999", "2, NULL, 899")


class TestProducts:
    def test_what_belongs_to_a_kind_goes_to_a_product_of_that_kind(self) -> None:
        product = ProductFactory(kind=ProductKind.SUBSCRIPTION)
        with refused("product of the kind token_pack"):
            run("INSERT INTO billing_tokenpack (product_id, paid, bonus) VALUES (%s, 100, 0)", [product.pk])
        with refused("product of the kind gift"):
            run("INSERT INTO billing_giftitem (product_id, tokens) VALUES (%s, 100)", [product.pk])

    @pytest.mark.parametrize(
        ("paid", "bonus", "name"),
        [(0, 0, "paid"), (-1, 0, "paid|bonus"), (10**18, 0, "paid"), (100, 101, "bonus"), (100, -1, "bonus")],
    )
    def test_no_such_pack(self, paid: int, bonus: int, name: str) -> None:
        product = ProductFactory(kind=ProductKind.TOKEN_PACK)
        with refused(f"billing_tokenpack_({name})_check"):
            run(
                "INSERT INTO billing_tokenpack (product_id, paid, bonus) VALUES (%s, %s, %s)",
                [product.pk, paid, bonus],
            )

    def test_a_pack_is_never_changed(self) -> None:
        product = ProductFactory(kind=ProductKind.TOKEN_PACK)
        run("INSERT INTO billing_tokenpack (product_id, paid, bonus) VALUES (%s, 100, 10)", [product.pk])
        with refused("cannot be changed"):
            run("UPDATE billing_tokenpack SET bonus = 100")
        with refused("cannot be changed"):
            run("UPDATE billing_product SET kind = 'gift'")


class TestRates:
    RATE = (
        "INSERT INTO billing_exchangerate (base, quote, source, rate, valid) "
        "VALUES ('EUR', %s, 'ecb', %s, '[2024-01-01,2024-01-08)')"
    )
    TAX = (
        "INSERT INTO billing_taxrate (jurisdiction, kind, rate, source, description, valid) "
        "VALUES (%s, 'standard', %s, 'a test', '', '[2024-01-01,)')"
    )

    def test_the_worker_records_and_nobody_else(self, finance: User) -> None:
        with acting(Role.WORKER):
            run(self.RATE, ["USD", "1.1"])
            run(self.TAX, ["PT", "0.23"])
            with refused("billing_exchangerate_valid_excl"):
                run(self.RATE, ["USD", "1.2"])
            with refused("billing_taxrate_valid_excl"):
                run(self.TAX, ["PT", "0.2"])
            with refused("permission denied"):
                run("UPDATE billing_exchangerate SET rate = 9")
            with refused("keeps its beginning"):
                run("UPDATE billing_exchangerate SET valid = '[2023-01-01,2024-01-08)'")
            with refused("permission denied"):
                run("DELETE FROM billing_taxrate")
        for role in (role for role in ACTING_ROLES if role != Role.WORKER):
            with acting(role, user_id=finance.pk):
                assert run("SELECT count(*) FROM billing_exchangerate") == [(1,)]
                for statement in (self.RATE, self.TAX):
                    with refused("permission denied"):
                        run(statement, ["JPY", "0.1"])

    @pytest.mark.parametrize(("quote", "rate"), [("USD", "0"), ("USD", "-1"), ("EUR", "1")])
    def test_no_such_rate(self, quote: str, rate: str) -> None:
        with refused("billing_exchangerate_(rate|pair)_check"):
            run(self.RATE, [quote, rate])

    @pytest.mark.parametrize(
        ("place", "rate"), [("PT", "-0.1"), ("PT", "1.1"), ("pt", "0.1"), ("PT_20", "0.1")]
    )
    def test_no_such_tax(self, place: str, rate: str) -> None:
        with refused("billing_taxrate_(rate|jurisdiction_format)_check"):
            run(self.TAX, [place, rate])

    def test_a_rate_is_never_changed(self) -> None:
        run(self.RATE, ["USD", "1.1"])
        with refused("cannot be changed"):
            run("UPDATE billing_exchangerate SET rate = 9")


def test_a_country_belongs_to_one_region(finance: User) -> None:
    with acting(Role.FINANCE, user_id=finance.pk):
        run("INSERT INTO billing_priceregion (code, name) VALUES ('IBERIA', 'Iberia')")
        with refused("billing_priceregioncountry_country_key"):
            run(
                "INSERT INTO billing_priceregioncountry (region_id, country) "
                "SELECT id, 'PT' FROM billing_priceregion WHERE code = 'IBERIA'"
            )
