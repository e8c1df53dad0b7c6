"""Tokens that lead to the next page: signed, so that nobody asks the database for a place of their own making."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core import signing

from streams.errors import PageRefused

LONGEST = 600
"""Characters of a token; ours are shorter."""

NOT_OURS = "This is no page of this list. Start again from the first page."
OTHER_LIST = "This page belongs to a list with other filters. Start again from the first page."


def _digest(asked: Mapping[str, Any]) -> str:
    written = json.dumps(asked, sort_keys=True, default=str)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def page_token(list_name: str, asked: Mapping[str, Any], place: Sequence[Any]) -> str:
    """The token of the page after `place`, for the same filters alone."""
    return signing.dumps([_digest(asked), *place], salt=f"streams.{list_name}", compress=True)


def page_place(list_name: str, asked: Mapping[str, Any], token: str, *, length: int) -> list[Any]:
    """The place that a token names. Raises PageRefused for one that is not ours or of another list."""
    if len(token) > LONGEST:
        raise PageRefused(NOT_OURS)
    try:
        digest, *place = signing.loads(token, salt=f"streams.{list_name}")
    except (signing.BadSignature, ValueError, TypeError, UnicodeError) as error:
        raise PageRefused(NOT_OURS) from error
    if digest != _digest(asked) or len(place) != length:
        raise PageRefused(OTHER_LIST)
    return place
