"""E-mail addresses, before anything is kept of them."""

from disposable_email_domains import blocklist
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.errors import DisposableAddress
from core.errors import Refused


class MalformedAddress(Refused):
    """Not an e-mail address."""

    code = "malformed_address"


def address_check(address: str) -> str:
    """Return the address with its domain in lower case.

    Raises `MalformedAddress`, and `DisposableAddress` for domains (and their subdomains) that throw mail away.
    The list is the package `disposable-email-domains`.
    """
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise MalformedAddress(f"{address!r} is not an e-mail address.") from None
    local, _, domain = address.rpartition("@")
    labels = domain.lower().split(".")
    if any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1)):
        raise DisposableAddress(
            f"Addresses at {domain.lower()} are thrown away after use. Give one that you will keep."
        )
    return f"{local}@{domain.lower()}"
