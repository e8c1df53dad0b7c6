"""What Stripe is asked, and what its answers mean: with a transport that keeps the requests, and with a real one."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from billing.provider_choices import ProviderOperation, ProviderOutcome
from billing.providers.port import AuthoriseCall, CaptureCall, NeverSent, RefundCall, VoidCall
from billing.providers.stripe import Stripe
from billing.providers.transport import HttpAnswer, HttpCall, NoAnswer, http_send
from tests.billing.providers.test_stripe_mapping import PLACES, payment, resource

O = ProviderOutcome  # noqa: E741
KEY = "attempt-0001"


@dataclass
class Wire:
    """Answers what it was told to, and keeps what it was asked."""

    answer: HttpAnswer | None = None
    calls: list[HttpCall] = field(default_factory=list)

    def __call__(self, call: HttpCall) -> HttpAnswer:
        self.calls.append(call)
        if self.answer is None:
            raise NoAnswer("TimeoutError")
        return self.answer

    def says(self, content: Any, status: int = 200) -> None:
        self.answer = HttpAnswer(status, json.dumps(content).encode())

    @property
    def asked(self) -> dict[str, list[str]]:
        call = self.calls[-1]
        return parse_qs(call.body.decode() or urlsplit(call.url).query)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def stripe(wire: Wire) -> Stripe:
    return Stripe("stripe_eu", ("stripe_eu_new",), "stripe_eu_calls", PLACES.get, wire)


def error(code: str, **more: Any) -> dict[str, Any]:
    return {"error": {"type": "card_error", "code": code, "message": "for people", **more}}


def test_an_authorisation_carries_our_key_twice_and_the_secret_once(stripe: Stripe, wire: Wire) -> None:
    wire.says(payment(status="succeeded", amount_received=2999, currency="eur"))
    answer = stripe.authorise(AuthoriseCall(KEY, 2999, "EUR", "pm_1", customer="cus_1"))
    (call,) = wire.calls
    assert (call.method, call.url) == ("POST", "https://api.stripe.com/v1/payment_intents")
    assert call.headers["Idempotency-Key"] == KEY
    assert call.headers["Authorization"] == "Bearer sk_test_of_calls"
    assert wire.asked == {
        "amount": ["2999"],
        "currency": ["eur"],
        "payment_method": ["pm_1"],
        "customer": ["cus_1"],
        "confirm": ["true"],
        "capture_method": ["automatic"],
        "payment_method_types[]": ["card"],
        "metadata[idempotency_key]": [KEY],
        "expand[]": ["latest_charge"],
    }
    assert (answer.outcome, answer.amount, answer.currency) == (O.SUCCEEDED, 2999, "EUR")
    assert "sk_test_of_calls" not in repr(call)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("requires_payment_method", O.DECLINED),
        ("requires_action", O.REQUIRES_ACTION),
        ("processing", O.PENDING),
        ("requires_capture", O.SUCCEEDED),
        ("succeeded", O.SUCCEEDED),
        ("canceled", O.DECLINED),
        ("something_new", O.UNKNOWN),
    ],
)
def test_states_of_a_payment(stripe: Stripe, wire: Wire, status: str, outcome: ProviderOutcome) -> None:
    wire.says(payment(status=status))
    assert stripe.authorise(AuthoriseCall(KEY, 2999, "USD", "pm_1", capture=False)).outcome is outcome
    assert wire.asked["capture_method"] == ["manual"]


def test_a_declined_card(stripe: Stripe, wire: Wire) -> None:
    wire.says(error("card_declined", decline_code="insufficient_funds", payment_intent={"id": "pi_7"}), 402)
    answer = stripe.authorise(AuthoriseCall(KEY, 2999, "USD", "pm_1"))
    assert (answer.outcome, answer.decline_code, answer.reference) == (
        O.DECLINED,
        "insufficient_funds",
        "pi_7",
    )
    assert "for people" not in json.dumps(dict(answer.raw))


@pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 502, 503])
def test_what_leaves_it_open(stripe: Stripe, wire: Wire, status: int) -> None:
    wire.says(error("whatever"), status)
    assert stripe.authorise(AuthoriseCall(KEY, 2999, "USD", "pm_1")).outcome is O.UNKNOWN


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{", b"null"])
@pytest.mark.parametrize("status", [200, 400, 402, 502])
def test_answers_of_somebody_in_between(stripe: Stripe, wire: Wire, status: int, body: bytes) -> None:
    wire.answer = HttpAnswer(status, body)
    assert stripe.authorise(AuthoriseCall(KEY, 2999, "USD", "pm_1")).outcome is O.UNKNOWN


def test_no_answer_at_all(stripe: Stripe) -> None:
    assert stripe.authorise(AuthoriseCall(KEY, 2999, "USD", "pm_1")).outcome is O.UNKNOWN


@pytest.mark.parametrize(
    ("currency", "amount", "asked"),
    [
        ("USD", 2999, "2999"),
        ("JPY", 500, "500"),
        ("KWD", 1230, "1230"),
        ("ISK", 500, "50000"),
        ("MGA", 700, "7"),
    ],
)
def test_amounts_as_stripe_counts(stripe: Stripe, wire: Wire, currency: str, amount: int, asked: str) -> None:
    wire.says(payment(status="succeeded", currency=currency.lower(), amount_received=int(asked)))
    answer = stripe.authorise(AuthoriseCall(KEY, amount, currency, "pm_1"))
    assert (wire.asked["amount"], answer.amount) == ([asked], amount)


@pytest.mark.parametrize(("currency", "amount"), [("KWD", 1234), ("MGA", 705), ("XYZ", 1)])
def test_amounts_that_stripe_cannot_be_asked_for(
    stripe: Stripe, wire: Wire, currency: str, amount: int
) -> None:
    with pytest.raises(NeverSent):
        stripe.authorise(AuthoriseCall(KEY, amount, currency, "pm_1"))
    assert wire.calls == []


def test_capture_void_and_refund(stripe: Stripe, wire: Wire) -> None:
    wire.says(payment(status="succeeded", amount_received=1500))
    assert stripe.capture(CaptureCall("capture-1", "pi_1", 1500, "USD")).amount == 1500
    assert wire.calls[-1].url.endswith("/v1/payment_intents/pi_1/capture")
    assert wire.asked == {"amount_to_capture": ["1500"]}
    wire.says(payment(status="canceled"))
    assert stripe.void(VoidCall("void-0001", "pi_1")).outcome is O.SUCCEEDED
    assert wire.calls[-1].url.endswith("/v1/payment_intents/pi_1/cancel")
    wire.says(resource("refund", status="pending"))
    assert stripe.refund(RefundCall("refund-1", "pi_1", 100, "USD")).outcome is O.PENDING
    assert wire.asked == {
        "payment_intent": ["pi_1"],
        "amount": ["100"],
        "metadata[idempotency_key]": ["refund-1"],
    }


def test_a_reference_cannot_lead_to_another_address(stripe: Stripe, wire: Wire) -> None:
    wire.says({})
    stripe.void(VoidCall("void-0001", "../customers/cus_1?x="))
    assert wire.calls[-1].url.endswith("/v1/payment_intents/..%2Fcustomers%2Fcus_1%3Fx%3D/cancel")


def test_looking_up_by_the_key_in_the_metadata(stripe: Stripe, wire: Wire) -> None:
    ours = payment(status="succeeded", amount_received=2999)
    wire.says({"data": [payment(id="pi_other", metadata={"idempotency_key": "another"}), ours]})
    assert stripe.look_up(KEY).reference == ours["id"]
    assert wire.asked["query"] == [f"metadata['idempotency_key']:'{KEY}'"]
    wire.says({"data": []})
    assert stripe.look_up(KEY).outcome is O.NOT_FOUND
    wire.says({"data": [], "has_more": True})
    assert stripe.look_up(KEY).outcome is O.UNKNOWN
    wire.says({"data": [ours, ours]})
    assert stripe.look_up(KEY).outcome is O.UNKNOWN
    wire.says(error("rate_limit"), 429)
    assert stripe.look_up(KEY).outcome is O.UNKNOWN
    stripe.look_up("key' OR status:'succeeded")
    assert wire.asked["query"] == ["metadata['idempotency_key']:'keyORstatus:succeeded'"]


@pytest.mark.parametrize(
    ("operation", "status", "outcome"),
    [
        (ProviderOperation.CAPTURE, "succeeded", O.SUCCEEDED),
        (ProviderOperation.CAPTURE, "requires_capture", O.NOT_FOUND),
        (ProviderOperation.VOID, "canceled", O.SUCCEEDED),
        (ProviderOperation.VOID, "requires_capture", O.NOT_FOUND),
        (ProviderOperation.VOID, "succeeded", O.DECLINED),
    ],
)
def test_looking_up_captures_and_voids(
    stripe: Stripe, wire: Wire, operation: ProviderOperation, status: str, outcome: ProviderOutcome
) -> None:
    wire.says(payment(status=status, amount_received=2999))
    assert stripe.look_up("work-0001", operation=operation, reference="pi_1").outcome is outcome
    wire.says(error("resource_missing"), 404)
    assert stripe.look_up("work-0001", operation=operation, reference="pi_1").outcome is O.UNKNOWN


def test_looking_up_a_refund(stripe: Stripe, wire: Wire) -> None:
    wire.says({"data": [resource("refund", metadata={"idempotency_key": "refund-1"})]})
    found = stripe.look_up("refund-1", operation=ProviderOperation.REFUND, reference="pi_1")
    assert (found.outcome, found.amount) == (O.SUCCEEDED, 100)


def test_what_is_kept_of_an_answer_names_nobody(stripe: Stripe, wire: Wire) -> None:
    charge = resource("charge")
    wire.says(payment(status="succeeded", latest_charge=charge, client_secret="pi_1_secret_abc"))
    answer = stripe.authorise(AuthoriseCall(KEY, 2999, "USD", "pm_1"))
    kept = json.dumps(dict(answer.raw))
    assert answer.raw["card"]["last4"] == "4242"
    for told in ("Jenny Rosen", "secret", "receipt_url", "billing_details"):
        assert told not in kept


class Answering(BaseHTTPRequestHandler):
    """A provider on this machine: a path says what it does."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/silent":
            self.server.release.wait(5)  # type: ignore[attr-defined]
            return
        if self.path == "/cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return
        self.send_response(302 if self.path == "/elsewhere" else 402)
        self.send_header("Location", "/there")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    server.release = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.release.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_real_transport(server: str) -> None:
    def send(path: str) -> HttpAnswer:
        return http_send(HttpCall("POST", server + path, {}, b"said"), patience=0.5)

    assert send("/declined") == HttpAnswer(402, b"said")
    assert send("/elsewhere").status == 302
    for path in ("/silent", "/cut"):
        with pytest.raises(NoAnswer):
            send(path)
    with pytest.raises(NoAnswer):
        http_send(HttpCall("POST", "http://127.0.0.1:9/", {}, b""), patience=0.5)
