"""One step of a person at work: done, or refused in words; never half of it."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest

from accounts.models import User
from core.admin.confirmation import all_or_nothing, sentence
from core.errors import Refused


def actor_of(request: HttpRequest) -> User:
    """Who acts: the pages of the back office are open to nobody else."""
    return cast(User, request.user)


REFUSED = object()
"""What a refused attempt returns."""


def attempt(request: HttpRequest, work: Callable[[], Any], done: str = "") -> Any:
    """Do the work in a savepoint. Returns its result; `REFUSED` after a refusal, which the next page shows."""
    try:
        with all_or_nothing():
            result = work()
    except (Refused, IntegrityError, OperationalError) as refusal:
        messages.error(request, sentence(refusal))
        return REFUSED
    if done:
        messages.success(request, done)
    return result
