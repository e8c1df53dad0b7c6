"""Stripe behind the port: its requests, its signatures, its messages.

The requests are those of https://docs.stripe.com/api, form-encoded; they go through `send`, which tests replace. Our
idempotency key goes with each, and into the metadata of what is made, by which it is found again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from billing.provider_choices import ProviderOperation, ProviderOutcome, SignatureVerdict
from billing.providers.amounts import Exponents, ExponentsOf, to_ours, to_theirs
from billing.providers.mapping import (
    OUTCOME_OF_PAYMENT_STATUS,
    OUTCOME_OF_REFUND_STATUS,
    REFUSED_STATUSES,
)
from billing.providers.port import (
    AuthoriseCall,
    CaptureCall,
    EvidenceCall,
    NeverSent,
    PayoutCall,
    ProviderAnswer,
    ProviderFact,
    RefundCall,
    Unreadable,
    Verdict,
    VoidCall,
)
from billing.providers.secrets import SecretMissing, secret_of, secrets_of
from billing.providers.signatures import signature_verdict
from billing.providers.stripe_answers import (
    told_of_dispute,
    told_of_error,
    told_of_payment,
    told_of_refund,
)
from billing.providers.stripe_disputes import evidence_fields
from billing.providers.stripe_events import OUR_KEY, decline_of, read_event
from billing.providers.stripe_payouts import payout_fields, payout_told
from billing.providers.transport import HttpCall, NoAnswer, Send

BASE = "https://api.stripe.com"
VERSION = "2024-06-20"
"""The version of Stripe's interface that these requests are written for."""

SIGNATURE_HEADER = "stripe-signature"
UNKNOWN = ProviderAnswer(ProviderOutcome.UNKNOWN)
NOT_FOUND = ProviderAnswer(ProviderOutcome.NOT_FOUND)


@dataclass(frozen=True)
class Stripe:
    """One account at Stripe. `webhook_secrets` and `api_credentials` are names of secrets."""

    code: str
    webhook_secrets: tuple[str, ...]
    api_credentials: str
    exponents: ExponentsOf
    send: Send

    def authorise(self, call: AuthoriseCall) -> ProviderAnswer:
        """Make a payment intent and confirm it at once, the customer being away."""
        fields = {
            **self._money(call.amount, call.currency),
            "payment_method": call.method_token,
            "confirm": "true",
            "capture_method": "automatic" if call.capture else "manual",
            "payment_method_types[]": "card",
            f"metadata[{OUR_KEY}]": call.idempotency_key,
            "expand[]": "latest_charge",
        }
        optional = {"customer": call.customer, "mandate": call.mandate, "description": call.description}
        fields |= {name: value for name, value in optional.items() if value}
        return self._payment(self._post("/v1/payment_intents", fields, call.idempotency_key))

    def capture(self, call: CaptureCall) -> ProviderAnswer:
        """Capture a payment intent; Stripe lets go of the rest."""
        money = self._money(call.amount, call.currency)
        return self._payment(
            self._post(
                f"/v1/payment_intents/{quote(call.reference, safe='')}/capture",
                {"amount_to_capture": money["amount"]},
                call.idempotency_key,
            ),
            ProviderOperation.CAPTURE,
        )

    def void(self, call: VoidCall) -> ProviderAnswer:
        """Cancel a payment intent that was not captured."""
        path = f"/v1/payment_intents/{quote(call.reference, safe='')}/cancel"
        return self._payment(self._post(path, {}, call.idempotency_key), ProviderOperation.VOID)

    def refund(self, call: RefundCall) -> ProviderAnswer:
        """Refund part or all of a payment intent."""
        money = self._money(call.amount, call.currency)
        fields = {
            "payment_intent": call.reference,
            "amount": money["amount"],
            f"metadata[{OUR_KEY}]": call.idempotency_key,
        }
        return self._refund(self._post("/v1/refunds", fields, call.idempotency_key))

    def pay_out(self, call: PayoutCall) -> ProviderAnswer:
        """Make a payout to an external account; its token is the account's id at Stripe (`ba_...`, `card_...`)."""
        fields = {**self._money(call.amount, call.currency), **payout_fields(call)}
        return self._payout(self._post("/v1/payouts", fields, call.idempotency_key))

    def submit_evidence(self, call: EvidenceCall) -> ProviderAnswer:
        """Submit the evidence in a dispute; Stripe takes it once."""
        path = f"/v1/disputes/{quote(call.reference, safe='')}"
        fields = {f"evidence[{name}]": words for name, words in evidence_fields(call.evidence).items()}
        return self._evidence(self._post(path, {**fields, "submit": "true"}, call.idempotency_key))

    def look_up(
        self,
        idempotency_key: str,
        *,
        operation: ProviderOperation = ProviderOperation.AUTHORISE,
        reference: str = "",
    ) -> ProviderAnswer:
        """Find what was made by the key in its metadata.

        Stripe's search may be a minute behind: NOT_FOUND is certain only after an hour. Calling again with the same key
        is safe meanwhile, since Stripe answers a repeated key with what the first call gave, for a day at least.
        """
        if operation is ProviderOperation.AUTHORISE:
            query = f"metadata['{OUR_KEY}']:'{_plain(idempotency_key)}'"
            found = self._get(
                "/v1/payment_intents/search", {"query": query, "expand[]": "data.latest_charge"}
            )
            return self._one_of(found, idempotency_key, self._payment)
        if operation is ProviderOperation.REFUND:
            found = self._get("/v1/refunds", {"payment_intent": reference, "limit": "100"})
            return self._one_of(found, idempotency_key, self._refund)
        if operation is ProviderOperation.PAYOUT:
            return self._one_of(self._get("/v1/payouts", {"limit": "100"}), idempotency_key, self._payout)
        if operation is ProviderOperation.SUBMIT_EVIDENCE:
            return self._evidence(self._get(f"/v1/disputes/{quote(reference, safe='')}", {}), looked_up=True)
        answer = self._get(f"/v1/payment_intents/{quote(reference, safe='')}", {"expand[]": "latest_charge"})
        return self._payment(answer, operation, looked_up=True)

    def verify(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Verdict:
        """By Stripe's scheme; https://docs.stripe.com/webhooks#verify-manually."""
        try:
            secrets = secrets_of([*self.webhook_secrets])
        except SecretMissing as missing:
            return Verdict(SignatureVerdict.NO_SECRET, str(missing))
        return signature_verdict(headers.get(SIGNATURE_HEADER), body, secrets, at)

    def read(self, body: bytes) -> ProviderFact:
        """The event in neutral words. Raises Unreadable."""
        return read_event(body, self.exponents)

    def _money(self, amount: int, currency: str) -> dict[str, str]:
        places = self._places(currency)
        if places is None:
            raise NeverSent("currency_unknown", f"We do not have the currency {currency}.")
        return {"amount": str(to_theirs(amount, places)), "currency": currency.lower()}

    def _places(self, currency: str) -> Exponents | None:
        return self.exponents(currency.upper())

    def _post(self, path: str, fields: Mapping[str, str], key: str) -> "Reply":
        return self._send(HttpCall("POST", BASE + path, self._headers(key), urlencode(fields).encode()))

    def _get(self, path: str, query: Mapping[str, str]) -> "Reply":
        return self._send(HttpCall("GET", f"{BASE}{path}?{urlencode(query)}", self._headers()))

    def _headers(self, key: str = "") -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {secret_of(self.api_credentials)}",
            "Stripe-Version": VERSION,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return headers | ({"Idempotency-Key": key} if key else {})

    def _send(self, call: HttpCall) -> "Reply":
        try:
            answer = self.send(call)
            content = json.loads(answer.body)
        except (NoAnswer, ValueError):
            return Reply(0, {})
        return Reply(answer.status, content if isinstance(content, dict) else {})

    def _payment(
        self,
        reply: "Reply",
        operation: ProviderOperation = ProviderOperation.AUTHORISE,
        *,
        looked_up: bool = False,
    ) -> ProviderAnswer:
        if not reply.is_success:
            return self._error(reply, looked_up=looked_up)
        payment = reply.content
        status = str(payment.get("status"))
        outcome = OUTCOME_OF_PAYMENT_STATUS.get(status, ProviderOutcome.UNKNOWN)
        if operation is ProviderOperation.VOID:
            outcome = ProviderOutcome.SUCCEEDED if status == "canceled" else ProviderOutcome.DECLINED
        if status == "requires_capture" and operation is not ProviderOperation.AUTHORISE:
            outcome = ProviderOutcome.NOT_FOUND if looked_up else ProviderOutcome.UNKNOWN
        amount = payment.get("amount_received" if status == "succeeded" else "amount")
        return self._answer(
            outcome,
            payment,
            amount,
            decline_code=decline_of(payment) if outcome is ProviderOutcome.DECLINED else "",
            action_url=_action_url(payment),
            raw=told_of_payment(payment),
        )

    def _refund(self, reply: "Reply") -> ProviderAnswer:
        if not reply.is_success:
            return self._error(reply)
        refund = reply.content
        outcome = OUTCOME_OF_REFUND_STATUS.get(str(refund.get("status")), ProviderOutcome.UNKNOWN)
        return self._answer(
            outcome,
            refund,
            refund.get("amount"),
            decline_code=str(refund.get("failure_reason") or ""),
            raw=told_of_refund(refund),
        )

    def _payout(self, reply: "Reply") -> ProviderAnswer:
        if not reply.is_success:
            return self._error(reply)
        told = payout_told(reply.content)
        return self._answer(
            told.outcome, reply.content, told.amount, decline_code=told.decline_code, raw=told.raw
        )

    def _evidence(self, reply: "Reply", *, looked_up: bool = False) -> ProviderAnswer:
        if not reply.is_success:
            return self._error(reply, looked_up=looked_up)
        dispute = reply.content
        details = dispute.get("evidence_details")
        count = details.get("submission_count") if isinstance(details, dict) else None
        if not isinstance(count, int):
            return ProviderAnswer(ProviderOutcome.UNKNOWN, raw=told_of_dispute(dispute))
        outcome = ProviderOutcome.SUCCEEDED if count > 0 else ProviderOutcome.NOT_FOUND
        return ProviderAnswer(outcome, reference=str(dispute.get("id", "")), raw=told_of_dispute(dispute))

    def _answer(
        self, outcome: ProviderOutcome, thing: Mapping[str, Any], amount: Any, **told: Any
    ) -> ProviderAnswer:
        currency = str(thing.get("currency", "")).upper()
        places = self._places(currency) if currency else None
        if places is None or not isinstance(amount, int):
            return ProviderAnswer(outcome, reference=str(thing.get("id", "")), **told)
        try:
            ours = to_ours(amount, places)
        except Unreadable:
            return ProviderAnswer(ProviderOutcome.UNKNOWN, reference=str(thing.get("id", "")), **told)
        return ProviderAnswer(
            outcome, reference=str(thing.get("id", "")), amount=ours, currency=currency, **told
        )

    def _error(self, reply: "Reply", *, looked_up: bool = False) -> ProviderAnswer:
        """A refusal that certainly moved nothing is a decline; whatever else came back leaves it open."""
        told = told_of_error(reply.status, reply.content)
        if looked_up or reply.status not in REFUSED_STATUSES or "error" not in reply.content:
            return ProviderAnswer(ProviderOutcome.UNKNOWN, raw=told)
        return ProviderAnswer(
            ProviderOutcome.DECLINED,
            reference=told.get("payment_intent", ""),
            decline_code=str(told.get("decline_code") or told.get("code") or told.get("type") or "refused")[
                :100
            ],
            raw=told,
        )

    def _one_of(self, reply: "Reply", key: str, answer: Any) -> ProviderAnswer:
        """The one of a list that has our key. Where two have it, nobody knows: that cannot be by the key alone."""
        listed = reply.content.get("data")
        if not reply.is_success or not isinstance(listed, list):
            return ProviderAnswer(ProviderOutcome.UNKNOWN, raw=told_of_error(reply.status, reply.content))
        ours = [one for one in listed if (one.get("metadata") or {}).get(OUR_KEY) == key]
        if not ours:
            return NOT_FOUND if not reply.content.get("has_more") else UNKNOWN
        if len(ours) > 1:
            return ProviderAnswer(ProviderOutcome.UNKNOWN, raw={"found": [one.get("id") for one in ours]})
        found: ProviderAnswer = answer(Reply(reply.status, ours[0]))
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: its status (0: nothing did) and its JSON object."""

    status: int
    content: dict[str, Any]

    @property
    def is_success(self) -> bool:
        """Whether the request was carried out."""
        return 200 <= self.status < 300


def _action_url(payment: Mapping[str, Any]) -> str:
    action = payment.get("next_action")
    redirect = action.get("redirect_to_url") if isinstance(action, dict) else None
    return str(redirect.get("url") or "") if isinstance(redirect, dict) else ""


def _plain(key: str) -> str:
    """Our keys are UUIDs and the like; what could end the quotes of the query is left out."""
    return "".join(sign for sign in key if sign.isalnum() or sign in "-_:.")
