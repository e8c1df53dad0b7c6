"""Whether somebody who signed in has shown every factor that is asked of them."""

from django.conf import settings
from django.http import HttpRequest

OWED = "second_factor_owed"
"""In the session: the person has a second factor, so it is asked for even where nobody must have one."""


def second_factor_passed(request: HttpRequest) -> bool:
    """Whether no second factor is missing: none is asked for, or django-otp has verified one in this session.

    A device that was removed or reset since verifies nobody any more.
    """
    session = getattr(request, "session", {})
    if not (settings.SECOND_FACTOR_REQUIRED or session.get(OWED)):
        return True
    is_verified = getattr(request.user, "is_verified", None)
    return bool(is_verified and is_verified())
