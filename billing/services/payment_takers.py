"""Says who takes what providers answer and report; imported once, when the app is ready."""

from billing.provider_choices import CallSubject
from billing.providers.settlement import register_fact_record, register_subject
from billing.services.dispute_evidence import evidence_answered, evidence_of
from billing.services.payment_answers import attempt_answered, attempt_method_token
from billing.services.payment_facts import payment_fact_record
from billing.services.payout_destinations import destination_token
from billing.services.payout_facts import payout_answered
from billing.services.refund_facts import refund_answered

register_subject(CallSubject.PAYMENT_ATTEMPT, settle=attempt_answered, method_token=attempt_method_token)
register_subject(CallSubject.REFUND, settle=refund_answered)
register_subject(CallSubject.PAYOUT, settle=payout_answered, method_token=destination_token)
register_subject(CallSubject.DISPUTE, settle=evidence_answered, evidence=evidence_of)
register_fact_record(payment_fact_record)
