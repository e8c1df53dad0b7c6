"""The addresses of providers, as strangers meet them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.models import ProviderAccount, ProviderEvent, ProviderEventKey, ReconciliationException
from billing.models.provider_event import LARGEST_BODY
from billing.provider_choices import ProviderEventStatus, SignatureVerdict
from core.db.roles import Role
from core.models import QueuedJob
from tests.billing.providers.house import SECRETS, body_of, only_event, post, signed
from tests.billing.providers.test_stripe_mapping import event, payment
from tests.browser import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> Browser:
    """Somebody without a session, whose requests come as the login role."""
    return Browser(enforce_csrf_checks=True)


def jobs() -> int:
    return QueuedJob.objects.filter(task_name="provider_event_process").count()


def test_a_signed_message_is_kept_byte_by_byte_and_waits(
    stranger: Browser, simulated: ProviderAccount
) -> None:
    body = body_of() + b"\n  "
    assert post(stranger, body).status_code == 200
    event = only_event()
    assert bytes(event.body) == body
    assert (event.verdict, event.status) == (SignatureVerdict.VALID, ProviderEventStatus.RECEIVED)
    assert (event.event_id, event.reference, event.fact) == ("sim_evt_1", "sim_pay_1", "payment_captured")
    assert set(event.headers) == {"simulator-signature", "content-type", "content-length"}
    assert jobs() == 1


def test_the_same_message_again_is_counted_and_not_kept(
    stranger: Browser, simulated: ProviderAccount
) -> None:
    for _ in range(3):
        assert post(stranger, body_of()).status_code == 200
    assert only_event().deliveries == 3
    assert jobs() == 1


def test_the_same_event_id_of_another_account_is_another_event(
    stranger: Browser, simulated: ProviderAccount, stripe_account: ProviderAccount
) -> None:
    post(stranger, body_of("evt_1"))
    body = event("payment_intent.succeeded", payment(), id="evt_1")
    assert stripe_post(stranger, body).status_code == 200
    assert ProviderEvent.objects.count() == ProviderEventKey.objects.count() == 2


def stripe_post(stranger: Browser, body: bytes, secret: str = "stripe_eu_new") -> Any:
    header = signed(body, secret)["simulator-signature"]
    return post(stranger, body, {"Stripe-Signature": header}, code="stripe_eu")


@pytest.mark.parametrize("secret", ["stripe_eu_new", "stripe_eu_old"])
def test_stripe_with_either_secret_of_a_roll_over(
    stranger: Browser, stripe_account: ProviderAccount, secret: str
) -> None:
    body = event("payment_intent.succeeded", payment(amount_received=2999))
    assert stripe_post(stranger, body, secret).status_code == 200
    assert only_event().fact == "payment_captured"


def test_a_forged_message_is_quarantined_and_claims_nothing(
    stranger: Browser, simulated: ProviderAccount
) -> None:
    forged = post(stranger, body_of(), {"simulator-signature": "t=1,v1=" + "a" * 64})
    assert forged.status_code == 400
    event = only_event()
    assert (event.verdict, event.status) == (SignatureVerdict.WRONG, ProviderEventStatus.QUARANTINED)
    assert event.event_id == ""
    assert (ProviderEventKey.objects.count(), jobs()) == (0, 0)
    assert post(stranger, body_of()).status_code == 200
    assert jobs() == 1


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"user-agent": "curl"}, SignatureVerdict.MISSING),
        ({"simulator-signature": "t=,v1="}, SignatureVerdict.MISSING),
    ],
)
def test_without_a_signature(
    stranger: Browser, simulated: ProviderAccount, headers: dict[str, str], verdict: str
) -> None:
    assert post(stranger, body_of(), headers).status_code == 400
    assert only_event().verdict == verdict


def test_an_old_message_sent_again_is_stale(stranger: Browser, simulated: ProviderAccount) -> None:
    body = body_of()
    old = signed(body, at=timezone.now() - timedelta(minutes=6))
    assert post(stranger, body, old).status_code == 400
    assert only_event().verdict == SignatureVerdict.STALE


def test_without_the_secret_nothing_is_taken_and_everything_kept(
    stranger: Browser, simulated: ProviderAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROVIDER_SECRET_SIMULATOR_MESSAGES")
    assert post(stranger, body_of()).status_code == 400
    event = only_event()
    assert event.verdict == SignatureVerdict.NO_SECRET
    assert bytes(event.body) == body_of()
    assert SECRETS["simulator_messages"] not in event.words


def test_five_megabytes_are_refused_unread_and_recorded(
    stranger: Browser, simulated: ProviderAccount
) -> None:
    body = b"x" * 5_000_000
    assert post(stranger, body, {"simulator-signature": "t=1"}).status_code == 413
    event = only_event()
    assert (event.status, event.body_bytes, bytes(event.body)) == ("quarantined", 5_000_000, b"")


def test_one_megabyte_is_taken(stranger: Browser, simulated: ProviderAccount) -> None:
    body = body_of()[:-1] + b" " * (LARGEST_BODY - len(body_of())) + b"}"
    assert len(body) == LARGEST_BODY
    assert post(stranger, body).status_code == 200
    assert post(stranger, body + b" ").status_code == 413


@pytest.mark.parametrize("said", ["-1", "many", "9" * 30])
def test_a_length_that_cannot_be_is_no_way_past_the_limit(
    stranger: Browser, simulated: ProviderAccount, said: str
) -> None:
    response = stranger.generic(
        "POST",
        "/webhooks/simulator",
        b"x" * (LARGEST_BODY + 10),
        content_type="application/json",
        CONTENT_LENGTH=said,
    )
    assert response.status_code in (400, 413)


def test_signed_and_cut_off_has_failed_with_an_exception(
    stranger: Browser, simulated: ProviderAccount
) -> None:
    body = body_of()[:-10]
    assert post(stranger, body).status_code == 200
    event = only_event()
    assert (event.status, event.verdict, event.event_id) == ("failed", "valid", "")
    assert event.words == "The message is none of the simulator, or was cut off."
    found = ReconciliationException.objects.get()
    assert (found.kind, found.subject_id, found.provider_event_id) == ("unreadable", event.pk, event.pk)
    assert jobs() == 0


def test_an_unknown_type_is_kept_and_ignored(stranger: Browser, simulated: ProviderAccount) -> None:
    assert post(stranger, body_of(type="simulator.moon_rose")).status_code == 200
    event = only_event()
    assert (event.status, event.event_type, event.fact) == ("ignored", "simulator.moon_rose", "not_ours")
    assert event.processed_at is not None
    assert jobs() == 0


def test_real_money_on_a_test_account_is_quarantined(
    stranger: Browser, stripe_account: ProviderAccount
) -> None:
    body = event("payment_intent.succeeded", payment(), livemode=True)
    assert stripe_post(stranger, body).status_code == 200
    kept = only_event()
    assert (kept.status, kept.verdict) == ("quarantined", "valid")
    assert "real money" in kept.words


def test_a_closed_account_still_hears_of_old_payments(stranger: Browser, simulated: ProviderAccount) -> None:
    ProviderAccount.objects.update(closed_at=timezone.now())
    assert post(stranger, body_of()).status_code == 200


@pytest.mark.parametrize(
    "address", ["/webhooks/nobody", "/webhooks/", "/webhooks/Simulator", "/webhooks/a/b"]
)
def test_addresses_that_are_none(stranger: Browser, simulated: ProviderAccount, address: str) -> None:
    response = stranger.generic("POST", address, body_of(), headers=signed(body_of()))
    assert response.status_code in (302, 403, 404)
    assert not ProviderEvent.objects.exists()


def test_only_a_post_is_a_message(stranger: Browser, simulated: ProviderAccount) -> None:
    assert stranger.get("/webhooks/simulator").status_code == 405


def test_an_empty_message_is_kept_too(stranger: Browser, simulated: ProviderAccount) -> None:
    assert post(stranger, b"", signed(b"")).status_code == 200
    assert only_event().status == "failed"


def test_a_member_of_staff_who_posts_acts_as_nobody_but_the_worker(
    staff_client: Any, simulated: ProviderAccount
) -> None:
    browser = staff_client(Role.SUPPORT)
    assert post(browser, body_of()).status_code == 200
    assert only_event().status == "received"


def test_a_header_of_many_bytes_is_cut(stranger: Browser, simulated: ProviderAccount) -> None:
    body = body_of()
    assert post(stranger, body, {**signed(body), "user-agent": "é" * 9000}).status_code == 200
    assert len(only_event().headers["user-agent"]) == 4096
