"""The second factor: setting up an authenticator app, asking it, replacing, removing and resetting it."""

import re
import secrets
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_otp.oath import TOTP

from accounts import announcements
from accounts.choices import SignInFailure
from accounts.errors import CodeRefused, OwnAccount, SecondFactorRefused
from accounts.models import RecoveryCode, TotpDevice, User
from accounts.models.second_factor import MOST_DRIFT
from accounts.services.recovery_codes import recovery_code_spend, recovery_codes_make
from accounts.services.sessions import sessions_end
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.encryption import Purpose, keys_for

ISSUER = "VersBottomLex back office"
SECRET_BYTES = 20
"""160 bits, as RFC 4226 recommends."""
STEP = 30
TOLERANCE = 1
"""Steps before and after the present one whose code passes too, for slow fingers and clocks."""
LONGEST_WAIT = timedelta(minutes=15)
"""The doubling wait after wrong codes stops here: whoever knows a password shall not keep its owner out for days."""
CODE = re.compile(r"[0-9]{6}", re.ASCII)

WRONG = (
    "This code does not pass. The app shows a new one every 30 seconds, and an old one no longer serves: enter the one "
    "that it shows now. If that fails again, let the clock of the phone set itself."
)
REPLAYED = "This code was used before, and each serves once. Wait until the app shows the next one."


@dataclass(frozen=True)
class Verdict:
    """What became of a code. A refused one says why in `sentence`; `failure` is for the record, None: not looked at."""

    passed: bool
    failure: SignInFailure | None = None
    sentence: str = ""
    device: TotpDevice | None = None
    by_recovery_code: bool = False


def secret_new() -> str:
    """A new secret for an app: base32, 32 letters."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def enrolment_uri(*, user: User, secret: str) -> str:
    """The address that an app reads from the QR code (Key Uri Format of Google Authenticator)."""
    label = quote(f"{ISSUER}:{user.get_username()}")
    values = urlencode({"secret": secret, "issuer": ISSUER}, quote_via=quote)
    return f"otpauth://totp/{label}?{values}"


def _totp(secret: str, drift: int = 0) -> TOTP:
    totp = TOTP(b32decode(secret), step=STEP, drift=drift)
    totp.time = timezone.now().timestamp()
    return totp


def _store(*, user: User, secret: str, code: str) -> TotpDevice:
    totp = _totp(secret)
    code = "".join(code.split())
    if not CODE.fullmatch(code) or not totp.verify(int(code), TOLERANCE):
        raise CodeRefused(WRONG)
    now = timezone.now()
    with (
        keys_for(Purpose.STORE, actor=user, reason="second factor set up"),
        refused_as(SecondFactorRefused),
    ):
        return TotpDevice.objects.create(
            user_id=user.pk,
            secret=secret,
            confirmed_at=now,
            drift=totp.drift,
            last_t=totp.t(),
            last_used_at=now,
        )


@transaction.atomic
def second_factor_enrol(
    *, user: User, secret: str, code: str, session_key: str
) -> tuple[TotpDevice, list[str]]:
    """Set up the person's app, proven by its first code, and end their other sessions.

    Returns the device and ten recovery codes, to be shown once. Raises: CodeRefused, SecondFactorRefused (there is
    an app already). Announces: `second_factor_enrolled`, `recovery_codes_made`.
    """
    device = _store(user=user, secret=secret, code=code)
    sessions_end(user=user, actor=user, but=session_key)
    announcements.second_factor_enrolled.send(sender=TotpDevice, actor=user, subject=user)
    return device, recovery_codes_make(user=user)


@transaction.atomic
def second_factor_replace(*, user: User, secret: str, code: str, session_key: str) -> TotpDevice:
    """Put another app in place of the present one; recovery codes stay, other sessions end.

    The caller has just checked a code of the present factor. Raises: CodeRefused, NotThere. Announces:
    `second_factor_replaced`.
    """
    deleted, _ = TotpDevice.objects.filter(user=user).delete()
    if not deleted:
        raise NotThere("There is no second factor to replace. Set one up first.")
    device = _store(user=user, secret=secret, code=code)
    sessions_end(user=user, actor=user, but=session_key)
    announcements.second_factor_replaced.send(sender=TotpDevice, actor=user, subject=user)
    return device


@transaction.atomic
def second_factor_remove(*, user: User, session_key: str) -> None:
    """Sign in with the password alone from now on; other sessions end.

    The caller has just checked a code. Raises: SecondFactorRefused (staff must have one here), NotThere. Announces:
    `second_factor_removed`.
    """
    if settings.SECOND_FACTOR_REQUIRED:
        raise SecondFactorRefused("Staff sign in with a second factor here. Replace the app instead.")
    deleted, _ = TotpDevice.objects.filter(user=user).delete()
    if not deleted:
        raise NotThere("There is no second factor to remove.")
    RecoveryCode.objects.filter(user=user).delete()
    sessions_end(user=user, actor=user, but=session_key)
    announcements.second_factor_removed.send(sender=TotpDevice, actor=user, subject=user)


@transaction.atomic
def second_factor_reset(*, user_id: UUID, actor: User | None, reason: str) -> User:
    """Take away the app and the recovery codes of somebody who lost them, and end their sessions.

    Runs as the administrator, who may read neither secret nor digest: the function `accounts_second_factor_reset`
    deletes them; without an actor, as the owner. Raises: OwnAccount, NotThere, SecondFactorRefused (has none).
    Announces: `second_factor_reset`.
    """
    if actor is not None and str(actor.pk) == str(user_id):
        raise OwnAccount("Nobody resets their own second factor. Ask another administrator.")
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotThere("There is no such person.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_second_factor_reset(%s)", [user_id])
        (found,) = cursor.fetchone()
    if not found:
        raise SecondFactorRefused(f"{user} has no second factor.")
    sessions_end(user=user, actor=actor)
    announcements.second_factor_reset.send(sender=TotpDevice, actor=actor, subject=user, reason=reason)
    return user


@dataclass(frozen=True)
class SecondFactorState:
    """Whether and since when somebody has a second factor. Times are UTC."""

    confirmed_at: datetime
    last_used_at: datetime
    codes_left: int


def second_factor_state(user_id: UUID) -> SecondFactorState | None:
    """What an administrator may know of a colleague's second factor; None: there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT confirmed_at, last_used_at, codes_left FROM accounts_second_factor_state(%s)", [user_id]
        )
        row = cursor.fetchone()
    return SecondFactorState(*row) if row else None


@transaction.atomic
def code_verify(*, user: User, code: str) -> Verdict:
    """Check a code of the app, or a recovery code; one that passes is used up.

    A refusal is returned, not raised: what it counts must be kept. Recovery codes pass while the app has to wait, so
    that guessing does not keep the owner out. Locks: the app, then the recovery code.
    """
    code = "".join(code.split())
    with keys_for(Purpose.VERIFY, actor=user, reason="second factor asked"):
        device = TotpDevice.objects.select_for_update().filter(user=user).first()
        if device is None:
            return Verdict(False, SignInFailure.WRONG_CODE, WRONG)
        if CODE.fullmatch(code):
            return _app_verdict(device, int(code))
    spent = recovery_code_spend(user=user, code=code)
    if spent:
        return Verdict(True, device=device, by_recovery_code=True)
    if spent is None:
        return Verdict(
            False, SignInFailure.REPLAYED_CODE, "This recovery code was used before. Use another one."
        )
    return Verdict(False, SignInFailure.WRONG_CODE, WRONG)


def _app_verdict(device: TotpDevice, code: int) -> Verdict:
    wait = _wait(device)
    if wait > timedelta():
        seconds = -(-int(wait.total_seconds() * 1000) // 1000)
        return Verdict(
            False,
            sentence=f"After wrong codes there is a pause. Wait {seconds} second{'s' if seconds > 1 else ''}, then "
            "enter the code that the app shows then, or use a recovery code.",
        )
    totp = _totp(str(device.secret), device.drift)
    row = TotpDevice.objects.filter(pk=device.pk)
    if totp.verify(code, TOLERANCE, device.last_t + 1):
        row.update(
            last_t=totp.t(),
            drift=max(-MOST_DRIFT, min(MOST_DRIFT, totp.drift)),
            last_used_at=timezone.now(),
            throttling_failure_count=0,
            throttling_failure_timestamp=None,
        )
        return Verdict(True, device=device)
    device.throttle_increment(commit=False)
    row.update(
        throttling_failure_count=device.throttling_failure_count,
        throttling_failure_timestamp=device.throttling_failure_timestamp,
    )
    if totp.verify(code, TOLERANCE):
        return Verdict(False, SignInFailure.REPLAYED_CODE, REPLAYED)
    return Verdict(False, SignInFailure.WRONG_CODE, WRONG)


def _wait(device: TotpDevice) -> timedelta:
    """How long no code of the app is looked at."""
    allowed, why = device.verify_is_allowed()
    failed_at = device.throttling_failure_timestamp
    if allowed or failed_at is None:
        return timedelta()
    return min(why["locked_until"], failed_at + LONGEST_WAIT) - timezone.now()
