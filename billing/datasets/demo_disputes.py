"""Disputes of the demo: payments that are disputed by the scripts of the simulator, and what finance does about it."""

from time import sleep

from accounts.choices import UserStatus
from accounts.models import RoleGrant, User
from billing.datasets.demo_payments import PACKS, buy, demo_providers_work
from billing.dispute_choices import DisputeReason, EvidenceKind
from billing.models import Dispute, Payment, Product, ProviderAccount, RiskReview
from billing.providers.scripts import SOON
from billing.services.dispute_evidence import dispute_evidence_submit, dispute_evidence_write
from billing.services.risk_reviews import risk_review_take
from core.db.context import acting
from core.db.roles import Role

COURSES = (
    "sim_dispute_won",
    "sim_dispute_lost",
    "sim_dispute_partly",
    "sim_dispute_inquiry",
    "sim_dispute_too_much",
    "sim_dispute_reordered",
    "sim_dispute_ignored",
    "sim_dispute_refuses",
)
"""How each payment is disputed, by the scripts of the simulator."""

FIRST = 100
"""Numbers of the buyers begin here, after those of the payments."""

WORDS = {
    EvidenceKind.PRODUCT_DESCRIPTION: "A pack of tokens, bought on the page of prices and credited at once.",
    EvidenceKind.ACCESS_LOG: "The tokens were spent on two evenings after the purchase, from the usual address.",
    EvidenceKind.REFUND_POLICY: "Unspent tokens are refunded within 14 days; the payer did not ask.",
}


def demo_disputes_load() -> str:
    """Payments, disputes, evidence and a review that somebody looks into; run again, it changes nothing."""
    with acting(Role.ADMINISTRATOR):
        members = list(RoleGrant.objects.values_list("user_id", flat=True))
    with acting(Role.WORKER):
        if Dispute.objects.exists():
            return "there before"
        finance = User.objects.filter(handle="demo_finance").first()
        payers = Payment.objects.values("user_id")
        buyers = list(
            User.objects.filter(status=UserStatus.ACTIVE, wallet__isnull=False)
            .exclude(pk__in=members)
            .exclude(pk__in=payers)
            .order_by("pk")[: len(COURSES)]
        )
        account = ProviderAccount.objects.get(code="simulator")
        packs = [Product.objects.get(code=code) for code in PACKS]
    for number, (buyer, course) in enumerate(zip(buyers, COURSES, strict=False), FIRST):
        buy(number, buyer, course, account, packs[number % len(packs)])
    demo_providers_work()
    # The bank takes a moment to hear of it.
    sleep(SOON.total_seconds() + 1)
    demo_providers_work()
    answered = _answer(finance) if finance is not None else 0
    demo_providers_work()
    with acting(Role.WORKER):
        return f"{Dispute.objects.count()} disputes, {answered} answered, {RiskReview.objects.count()} risk reviews"


def _answer(finance: User) -> int:
    """Evidence in two disputes of which one is submitted, and a review that is taken."""
    with acting(Role.WORKER):
        waiting = list(Dispute.objects.awaiting().exclude(reason=DisputeReason.UNRECOGNISED)[:3])
        review = RiskReview.objects.open().order_by("pk").first()
    with acting(Role.FINANCE, user_id=finance.pk):
        for dispute in waiting:
            for kind, words in WORDS.items():
                dispute_evidence_write(dispute_id=dispute.pk, kind=kind, words=words, actor=finance)
        for dispute in waiting[:2]:
            dispute_evidence_submit(
                dispute_id=dispute.pk, actor=finance, reason="Everything that speaks for us is written."
            )
        if review is not None:
            risk_review_take(risk_review_id=review.pk, actor=finance, reason="I know this payer's history.")
    return len(waiting[:2])
