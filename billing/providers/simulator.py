"""A payment provider that follows a script, for tests and the demo. It keeps books of its own, as a provider does.

Each call is a transaction of its own, so that what was charged stays charged when the caller dies. References, ids of
events and outcomes follow from the idempotency key and the script alone.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from billing.models.provider_account import ProviderAccount
from billing.models.simulated_charge import SimulatedCharge
from billing.provider_choices import FactKind, ProviderOperation, ProviderOutcome, SignatureVerdict
from billing.providers.port import (
    AuthoriseCall,
    CaptureCall,
    EvidenceCall,
    PayoutCall,
    ProviderAnswer,
    ProviderFact,
    RefundCall,
    Verdict,
    VoidCall,
)
from billing.providers.scripts import REFUND_SCRIPTS, Script, script_name, script_of
from billing.providers.secrets import SecretMissing, secrets_of
from billing.providers.signatures import signature_verdict
from billing.providers.simulator_dispute_words import payment_of_dispute
from billing.providers.simulator_disputes import dispute_answered, dispute_begin
from billing.providers.simulator_messages import message_write, messages_write, read_message
from billing.providers.simulator_payouts import payout_became
from core.db.context import acting
from core.db.roles import Role

SIGNATURE_HEADER = "simulator-signature"
UNKNOWN = ProviderAnswer(ProviderOutcome.UNKNOWN)
NOT_FOUND = ProviderAnswer(ProviderOutcome.NOT_FOUND)
SUCCEEDED, DECLINED, LOST = ProviderOutcome.SUCCEEDED, ProviderOutcome.DECLINED, ProviderOutcome.NOT_FOUND
PREFIXES = {
    ProviderOperation.AUTHORISE: "sim_pay_",
    ProviderOperation.CAPTURE: "sim_cap_",
    ProviderOperation.VOID: "sim_void_",
    ProviderOperation.REFUND: "sim_ref_",
    ProviderOperation.PAYOUT: "sim_out_",
    ProviderOperation.SUBMIT_EVIDENCE: "sim_evi_",
}


class Simulator:
    """One account at the simulator. `plan` gives scripts to single calls, by idempotency key."""

    def __init__(self, account: ProviderAccount, plan: Mapping[str, str] | None = None) -> None:
        self.account, self.plan = account, plan or {}
        self.code = account.code

    def authorise(self, call: AuthoriseCall) -> ProviderAnswer:
        """Charge as the script of the method's token says. Raises NeverSent."""
        name = self.plan.get(call.idempotency_key) or script_name(call.method_token, call.amount)
        script = script_of(name)
        moved = max(call.amount + script.surplus, 0)
        takes = script.outcome == SUCCEEDED and call.capture
        became: dict[str, Any] = {
            "outcome": script.outcome,
            "decline_code": script.decline_code if script.outcome == DECLINED else "",
            "amount": moved,
            "captured_total": moved if takes else 0,
        }
        with acting(Role.WORKER):
            charge, is_new = self._charge(
                ProviderOperation.AUTHORISE,
                call.idempotency_key,
                script=name,
                currency_id=call.currency,
                asked_amount=call.amount,
                captures=call.capture,
                **(became if script.happens else {"outcome": LOST, "amount": 0}),
            )
            if not is_new and charge.outcome == LOST:
                _change(charge, **became)
                messages_write(charge, script)
                dispute_begin(charge)
            elif is_new and script.happens:
                messages_write(charge, script)
                dispute_begin(charge)
        return self._told(charge, script, is_new=is_new)

    def capture(self, call: CaptureCall) -> ProviderAnswer:
        """Take what was set aside, up to all of it."""

        def take(payment: SimulatedCharge) -> str:
            if payment.outcome != SUCCEEDED or payment.voided or payment.captures:
                return "not_capturable"
            if payment.captured_total + call.amount > payment.amount:
                return "capture_too_large"
            _change(payment, captured_total=payment.captured_total + call.amount)
            return ""

        return self._work_on(
            call.reference, ProviderOperation.CAPTURE, call.idempotency_key, call.amount, take
        )

    def void(self, call: VoidCall) -> ProviderAnswer:
        """Let go of what was set aside and not taken."""

        def let_go(payment: SimulatedCharge) -> str:
            if payment.outcome != SUCCEEDED or payment.voided or payment.captured_total:
                return "not_voidable"
            _change(payment, voided=True)
            return ""

        return self._work_on(call.reference, ProviderOperation.VOID, call.idempotency_key, 0, let_go)

    def refund(self, call: RefundCall) -> ProviderAnswer:
        """Give back as the script of the payment says, never more than was taken, unless the script does."""

        def give_back(payment: SimulatedCharge) -> str:
            script = self._refund_script(call.idempotency_key, payment)
            if payment.refunded_total + call.amount > payment.captured_total:
                return "refund_too_large"
            if script.outcome == DECLINED:
                return script.decline_code
            _change(payment, refunded_total=payment.refunded_total + call.amount + script.surplus)
            return ""

        return self._work_on(
            call.reference, ProviderOperation.REFUND, call.idempotency_key, call.amount, give_back
        )

    def pay_out(self, call: PayoutCall) -> ProviderAnswer:
        """Pay as the script of the destination's token says: once for each key. Raises NeverSent."""
        name = self.plan.get(call.idempotency_key) or call.destination_token
        script = script_of(name)
        with acting(Role.WORKER):
            charge, is_new = self._charge(
                ProviderOperation.PAYOUT,
                call.idempotency_key,
                script=name,
                currency_id=call.currency,
                asked_amount=call.amount,
                **(payout_became(script, call.amount) if script.happens else {"outcome": LOST, "amount": 0}),
            )
            if not is_new and charge.outcome == LOST:
                _change(charge, **payout_became(script, call.amount))
                messages_write(charge, script)
            elif is_new and script.happens:
                messages_write(charge, script)
        return self._told(charge, script, is_new=is_new)

    def submit_evidence(self, call: EvidenceCall) -> ProviderAnswer:
        """Take evidence once in each dispute, and follow the script of the dispute from there."""

        def take(payment: SimulatedCharge) -> str:
            if not call.evidence:
                return "no_evidence"
            return dispute_answered(payment)

        return self._work_on(
            payment_of_dispute(call.reference),
            ProviderOperation.SUBMIT_EVIDENCE,
            call.idempotency_key,
            0,
            take,
        )

    def look_up(
        self,
        idempotency_key: str,
        *,
        operation: ProviderOperation = ProviderOperation.AUTHORISE,
        reference: str = "",
    ) -> ProviderAnswer:
        """What the books say about a key."""
        with acting(Role.WORKER):
            charge = SimulatedCharge.objects.filter(
                provider_account=self.account, idempotency_key=idempotency_key
            ).first()
        if charge is None or charge.outcome == LOST:
            return NOT_FOUND
        is_scripted = charge.operation in (ProviderOperation.AUTHORISE, ProviderOperation.PAYOUT)
        return _answer(charge) if not is_scripted or script_of(charge.script).looks_up else UNKNOWN

    def tell(self, reference: str, kind: FactKind, amount: int, *, total: int | None = None) -> None:
        """Report something about a payment that nobody here asked for: a refund by hand, a dispute, a capture."""
        with acting(Role.WORKER):
            payment = SimulatedCharge.objects.get(
                payment_reference=reference,
                operation__in=(ProviderOperation.AUTHORISE, ProviderOperation.PAYOUT),
            )
            message_write(payment, kind, amount=amount, total=total, by_hand=True)

    def verify(self, body: bytes, headers: Mapping[str, str], at: datetime) -> Verdict:
        """By the scheme that Stripe uses, with a header of its own."""
        try:
            secrets = secrets_of([*self.account.webhook_secrets])
        except SecretMissing as missing:
            return Verdict(SignatureVerdict.NO_SECRET, str(missing))
        return signature_verdict(headers.get(SIGNATURE_HEADER), body, secrets, at)

    def read(self, body: bytes) -> ProviderFact:
        """The message in neutral words. Raises Unreadable."""
        return read_message(body)

    def _charge(
        self, operation: ProviderOperation, key: str, *, payment: SimulatedCharge | None = None, **told: Any
    ) -> tuple[SimulatedCharge, bool]:
        """The row of a key, made or found, and locked; a call that finds it is counted."""
        reference = f"{PREFIXES[operation]}{sha256(f'{self.account.pk} {key}'.encode()).hexdigest()[:24]}"
        charge, is_new = SimulatedCharge.objects.get_or_create(
            provider_account=self.account,
            idempotency_key=key,
            defaults={
                "operation": operation,
                "reference": reference,
                "payment_reference": payment.reference if payment else reference,
                "payment_key": payment.idempotency_key if payment else key,
                **told,
            },
        )
        if not is_new:
            charge = SimulatedCharge.objects.select_for_update().get(pk=charge.pk)
            _change(charge, calls=charge.calls + 1)
        return charge, is_new

    def _work_on(
        self, reference: str, operation: ProviderOperation, key: str, amount: int, work: Any
    ) -> ProviderAnswer:
        """Do something to a payment: once for each key."""
        with acting(Role.WORKER):
            payment = (
                SimulatedCharge.objects.select_for_update()
                .filter(
                    provider_account=self.account,
                    payment_reference=reference,
                    operation=ProviderOperation.AUTHORISE,
                )
                .first()
            )
            if payment is None:
                return ProviderAnswer(DECLINED, decline_code="no_such_payment")
            script = Script()
            if operation is ProviderOperation.REFUND:
                script = self._refund_script(key, payment)
            charge, is_new = self._charge(
                operation,
                key,
                payment=payment,
                script=payment.script,
                currency_id=payment.currency_id,
                asked_amount=amount,
                amount=amount + script.surplus,
                outcome=script.outcome,
            )
            if is_new:
                refusal = work(payment)
                if refusal:
                    _change(charge, outcome=DECLINED, decline_code=refusal, amount=0)
                if operation is not ProviderOperation.SUBMIT_EVIDENCE and (
                    not refusal or operation is ProviderOperation.REFUND
                ):
                    messages_write(charge, script, payment=payment)
        return self._told(charge, script, is_new=is_new)

    def _refund_script(self, key: str, payment: SimulatedCharge) -> Script:
        return REFUND_SCRIPTS[self.plan.get(key) or script_of(payment.script).refund]

    def _told(self, charge: SimulatedCharge, script: Script, *, is_new: bool) -> ProviderAnswer:
        """What the caller hears: a script that does not answer lets the first call time out."""
        if charge.outcome == LOST or (not script.answers and (is_new or not script.looks_up)):
            return UNKNOWN
        return _answer(charge)


def _change(charge: SimulatedCharge, **values: Any) -> None:
    for name, value in values.items():
        setattr(charge, name, value)
    charge.save(update_fields=[*values])


def _answer(charge: SimulatedCharge) -> ProviderAnswer:
    currency = script_of(charge.script).currency or charge.currency_id
    return ProviderAnswer(
        ProviderOutcome(charge.outcome),
        reference=charge.reference,
        decline_code=charge.decline_code,
        amount=charge.amount,
        currency=currency,
        action_url=f"https://simulator.invalid/confirm/{charge.reference}"
        if charge.outcome == ProviderOutcome.REQUIRES_ACTION
        else "",
        raw={"script": charge.script, "calls": charge.calls},
    )
