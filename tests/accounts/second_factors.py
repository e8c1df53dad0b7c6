"""Authenticator apps of the tests: the secret is known, and the clock is moved by asking for another step's code."""

from base64 import b32decode
from typing import Any

from django.urls import reverse
from django_otp.oath import TOTP

from accounts.models import TotpDevice, User, UserSession
from accounts.services.second_factor import second_factor_enrol, secret_new
from core.db.context import acting
from core.db.roles import Role
from tests.browser import Browser

CODE_PAGE = "admin:second_factor"


class App:
    """What somebody has on their phone."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, steps: int = 0) -> str:
        """The code shown `steps` times 30 seconds from now."""
        return f"{TOTP(b32decode(self.secret), drift=steps).token():06d}"

    def wrong(self) -> str:
        """A code that the app shows neither now nor soon, nor did lately."""
        near = {self.code(steps) for steps in range(-5, 6)}
        return next(f"{number:06d}" for number in range(100) if f"{number:06d}" not in near)


def enrolled(user: User) -> tuple[App, list[str]]:
    """An app and recovery codes of the person, set up through the service; its present code has not been used."""
    app = App(secret_new())
    with acting(Role.APP, user_id=user.pk):
        _, codes = second_factor_enrol(user=user, secret=app.secret, code=app.code(), session_key="")
    forget_uses(user)
    return app, codes


def forget_uses(user: User) -> None:
    """As if the last code had been used, and the last wrong one entered, a quarter of an hour ago."""
    device = TotpDevice.objects.get(user=user)
    TotpDevice.objects.filter(pk=device.pk).update(
        last_t=device.last_t - 30, drift=0, throttling_failure_timestamp=None, throttling_failure_count=0
    )


def answer(browser: Browser, code: str, **more: Any) -> Any:
    """Enter a code on the page between password and role."""
    return browser.post(reverse(CODE_PAGE), {"code": code, **more})


def session_of(browser: Browser) -> UserSession:
    """The row of the session that the browser's cookie names."""
    from accounts.services.sessions import session_digest

    return UserSession.objects.get(token_digest=session_digest(browser.session.session_key))
