"""Help for somebody who cannot sign in: lock-outs lifted and second factors reset, on the person's page."""

from accounts.choices import UserStatus
from accounts.lock_out import ends_at
from accounts.services.lock_outs import lock_out_lift, lock_outs_of
from accounts.services.second_factor import second_factor_reset, second_factor_state
from core.admin.actions import ConfirmedAction
from core.admin.panels import Panel

LOCK_OUTS = Panel(
    title="Failed attempts that count",
    columns=(
        ("From", lambda row: row.ip_address or "unknown address"),
        ("How many", "failures_since_start"),
        ("Latest (UTC)", lambda row: f"{row.attempt_time:%Y-%m-%d %H:%M}"),
        ("Counts until", lambda row: f"{ends_at(row.attempt_time):%H:%M}"),
    ),
    rows=lambda user: lock_outs_of(user.pk),
    permission="accounts.lift_lock_out",
    empty="No attempt to sign in failed lately.",
    words="Too many from one address lock the account out from there.",
)
SECOND_FACTOR = Panel(
    title="Second factor",
    columns=(
        ("Since (UTC)", lambda row: f"{row.confirmed_at:%Y-%m-%d %H:%M}"),
        ("Last used", lambda row: f"{row.last_used_at:%Y-%m-%d %H:%M}"),
        ("Recovery codes left", "codes_left"),
    ),
    rows=lambda user: [state] if (state := second_factor_state(user.pk)) else [],
    permission="accounts.reset_second_factor",
    empty="Signs in with a password alone.",
)
PANELS = (SECOND_FACTOR, LOCK_OUTS)

ACTIONS = (
    ConfirmedAction(
        "lift-lock-out",
        lock_out_lift,
        "accounts.lift_lock_out",
        words="Lift lock-out",
        explain=lambda user: f"{user} may try to sign in again at once, from every address.",
        done="{obj} may try again.",
        available=lambda user: user.status in (UserStatus.ACTIVE, UserStatus.RESTRICTED),
        id_kwarg="user_id",
    ),
    ConfirmedAction(
        "reset-second-factor",
        second_factor_reset,
        "accounts.reset_second_factor",
        words="Reset second factor",
        explain=lambda user: (
            f"The app and the recovery codes of {user} no longer serve, and {user} is signed out everywhere. Make sure "
            "who asks you for this: whoever knows the password can set up an app of their own afterwards."
        ),
        done="The second factor of {obj} is reset.",
        dangerous=True,
        available=lambda user: user.status != UserStatus.ERASED,
        id_kwarg="user_id",
    ),
)
