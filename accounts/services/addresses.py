"""Addresses and numbers, brought into the one spelling in which they are kept."""

import unicodedata

import idna
import phonenumbers
from disposable_email_domains import blocklist
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.errors import DisposableAddress
from core.errors import Refused


class MalformedAddress(Refused):
    """Not an e-mail address."""

    code = "malformed_address"


class MalformedNumber(Refused):
    """Not a telephone number that can exist."""

    code = "malformed_number"


def address_check(address: str) -> str:
    """Return the e-mail address with its domain as it stands in the DNS: lower case, IDNA 2008 (RFC 5891).

    Raises `MalformedAddress`, and `DisposableAddress` for domains (and their subdomains) that throw mail away.
    The list is the package `disposable-email-domains`. No message repeats the address: messages are logged.
    """
    address = unicodedata.normalize("NFC", address.strip())
    local, _, domain = address.rpartition("@")
    try:
        validate_email(address)
        domain = idna.encode(domain, uts46=True).decode("ascii").lower()
    except (ValidationError, idna.IDNAError):
        raise MalformedAddress("This is not an e-mail address. Write it as name@example.org.") from None
    labels = domain.split(".")
    if any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1)):
        raise DisposableAddress(
            f"Addresses at {domain} are thrown away after use. Give one that you will keep."
        )
    return f"{local}@{domain}"


def number_check(number: str) -> str:
    """Return the telephone number in E.164 (ITU-T): `+442079460958`.

    Raises `MalformedNumber` for what has no country code or cannot be a number of its country.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        raise MalformedNumber(
            "This is not a telephone number. Write it with its country code, as in +44 20 7946 0958."
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
