"""How providers count and bound currencies, what their decline codes mean, and the countries of the European Union.

Stripe: docs.stripe.com/currencies (zero-decimal and three-decimal currencies, special cases, smallest and largest
charges) and docs.stripe.com/declines/codes, as read in November 2026.
"""

from core.db.operations import SetLockTimeout
from django.db import migrations

ZERO_DECIMAL = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
"""Stripe takes these without decimal places; ISO 4217 gives MGA two."""

TWO_DECIMAL_IN_HUNDREDS = "ISK UGX"
"""Without decimal places in ISO 4217 and written with two to Stripe, which must be zeros."""

THREE_DECIMAL_IN_TENS = "BHD JOD KWD OMR TND"
"""Of three decimal places, the last must be zero."""

MINIMUM = {
    **{"AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50},
    **{"GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300},
    **{"NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50},
}
EIGHT_DIGITS = 99_999_999
TWELVE_DIGITS = 999_999_999_999
"""Stripe's largest charge has eight digits, in Indonesian rupiahs twelve."""

# The simulator counts as CLDR does where it differs from ISO 4217, so that tests and the demo meet the difference.
SIMULATOR = {"IQD": 0, "MGA": 0, "RSD": 0}

DECLINES = {
    "stripe": {
        "insufficient_funds": "insufficient_funds withdrawal_count_limit_exceeded",
        "limit_exceeded": "card_velocity_exceeded",
        "card_expired": "expired_card",
        "details_wrong": "incorrect_number invalid_number incorrect_cvc invalid_cvc incorrect_zip incorrect_address "
        "incorrect_pin invalid_pin invalid_expiry_month invalid_expiry_year invalid_account "
        "new_account_information_available pin_try_exceeded",
        "authentication_needed": "authentication_required authentication_not_handled offline_pin_required "
        "online_or_offline_pin_required mobile_device_authentication_required approve_with_id",
        "lost_or_stolen": "lost_card stolen_card pickup_card restricted_card",
        "fraud_suspected": "fraudulent merchant_blacklist security_violation",
        "not_supported": "card_not_supported currency_not_supported not_permitted service_not_allowed "
        "transaction_not_allowed invalid_amount testmode_decline",
        "not_permitted": "call_issuer do_not_honor do_not_try_again generic_decline no_action_taken",
        "authorisation_revoked": "revocation_of_all_authorizations revocation_of_authorization stop_payment_order",
        "duplicate": "duplicate_transaction",
        "try_again": "issuer_not_available processing_error reenter_transaction try_again_later",
    },
    "simulator": {
        "insufficient_funds": "insufficient_funds",
        "limit_exceeded": "limit_exceeded",
        "card_expired": "card_expired",
        "details_wrong": "details_wrong",
        "authentication_needed": "authentication_needed",
        "lost_or_stolen": "lost_or_stolen",
        "fraud_suspected": "fraud_suspected",
        "not_permitted": "declined",
        "try_again": "try_again",
    },
}
EUROPEAN_UNION = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"  # 27 since 2020
)


def _stripe():
    """Exponent, step, minimum and maximum by currency."""
    rows = dict.fromkeys(MINIMUM, (2, 1)) | dict.fromkeys(["IDR", "RSD"], (2, 1))
    rows |= dict.fromkeys(ZERO_DECIMAL.split(), (0, 1))
    rows |= dict.fromkeys(TWO_DECIMAL_IN_HUNDREDS.split(), (2, 100))
    rows |= dict.fromkeys(THREE_DECIMAL_IN_TENS.split(), (3, 10))
    return {
        code: (exponent, step, MINIMUM.get(code), TWELVE_DIGITS if code == "IDR" else EIGHT_DIGITS)
        for code, (exponent, step) in rows.items()
    }


def write(apps, schema_editor):
    ProviderCurrency = apps.get_model("billing", "ProviderCurrency")
    ProviderCurrency.objects.bulk_create(
        ProviderCurrency(
            provider="stripe", currency_id=code, exponent=exponent, step=step, minimum=least, maximum=most
        )
        for code, (exponent, step, least, most) in _stripe().items()
    )
    ProviderCurrency.objects.bulk_create(
        ProviderCurrency(provider="simulator", currency_id=code, exponent=exponent)
        for code, exponent in SIMULATOR.items()
    )
    DeclineCode = apps.get_model("billing", "DeclineCode")
    DeclineCode.objects.bulk_create(
        DeclineCode(provider=provider, code=code, unified=unified)
        for provider, meanings in DECLINES.items()
        for unified, codes in meanings.items()
        for code in codes.split()
    )
    union = apps.get_model("billing", "PriceRegion").objects.create(code="EU", name="European Union")
    PriceRegionCountry = apps.get_model("billing", "PriceRegionCountry")
    PriceRegionCountry.objects.bulk_create(
        PriceRegionCountry(region=union, country=country) for country in EUROPEAN_UNION.split()
    )


def take_back(apps, schema_editor):
    for model in ("ProviderCurrency", "DeclineCode"):
        apps.get_model("billing", model).objects.filter(provider__in=["stripe", "simulator"]).delete()
    apps.get_model("billing", "PriceRegionCountry").objects.filter(region__code="EU").delete()
    apps.get_model("billing", "PriceRegion").objects.filter(code="EU").delete()


class Migration(migrations.Migration):
    """Reference data; reversible while no price holds in the European Union."""

    dependencies = [("billing", "0003_currencies")]
    operations = [SetLockTimeout("2s"), migrations.RunPython(write, take_back)]
