"""What we ask of payment providers, and what came of it."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.models.currency import in_currency
from billing.models.provider_account import PROVIDER_READERS
from billing.provider_choices import CallSubject, ProviderCallStatus, ProviderOperation, ProviderOutcome
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Volume

OPEN_CALLS = (ProviderCallStatus.WAITING, ProviderCallStatus.BEGUN, ProviderCallStatus.UNKNOWN)
"""Nobody knows yet what the provider made of them."""
ASKED_ABOUT = (*OPEN_CALLS, ProviderCallStatus.AWAITED)
"""The provider is asked about them by and by, until it says how they ended."""
WITHOUT_AMOUNT = (ProviderOperation.VOID, ProviderOperation.SUBMIT_EVIDENCE)
FINAL_OUTCOMES = (
    ProviderOutcome.SUCCEEDED,
    ProviderOutcome.DECLINED,
    ProviderOutcome.REQUIRES_ACTION,
)


class ProviderCallQuerySet(models.QuerySet):
    """Reads of calls."""

    def due(self) -> Self:
        """Calls whose end nobody knows and about which it is time to ask."""
        return self.filter(status__in=ASKED_ABOUT, next_try_at__lte=Now())


class ProviderCall(Entity):
    """One row per thing that we ask of a provider: made once, asked about until the answer is known.

    Requested by whoever moves money, in the transaction that records the intent; made by a job, outside of any
    transaction. `BEGUN` is committed before the provider is called: who finds it looks up instead of calling again.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("It is kept 10 years by tax law, whoever asks.")

    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # The unique rule of the idempotency key leads with it.
        db_index=False,
        related_name="calls",
        db_comment="The account through which it goes.",
    )
    operation = models.TextField(choices=ProviderOperation, db_comment="What is asked.")
    subject_type = models.TextField(choices=CallSubject, db_comment="What it is for; gets the answer.")
    subject_id = models.UUIDField(db_comment="Identity of what it is for.")
    idempotency_key = models.TextField(
        db_comment="By which the provider knows a repetition; the same for every attempt of this call."
    )
    reference = models.TextField(
        blank=True,
        db_default="",
        db_comment="The provider's name of the payment or dispute on which it works; empty: it makes a new one.",
    )
    amount = models.BigIntegerField(
        null=True,
        blank=True,
        db_comment="How much, in minor units; null: a void or evidence, which have none.",
    )
    currency = in_currency(
        "provider_calls", "Currency of the amount; null: a void or evidence.", null=True, blank=True
    )
    captures = models.BooleanField(
        db_default=True,
        db_comment="Whether an authorisation takes the money at once; for others without meaning.",
    )
    status = models.TextField(
        choices=ProviderCallStatus, db_default=ProviderCallStatus.WAITING, db_comment="Where it stands."
    )
    tries = models.IntegerField(
        db_default=0, db_comment="How often the provider was called or asked about it."
    )
    begun_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was first made (UTC); null: not yet."
    )
    next_try_at = models.DateTimeField(
        null=True, blank=True, db_comment="When to call or ask next (UTC); null: never again."
    )
    outcome = models.TextField(
        choices=ProviderOutcome, null=True, blank=True, db_comment="The last answer; null: none yet."
    )
    answered_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the answer was recorded (UTC); null: there is none."
    )
    answer_reference = models.TextField(
        blank=True, db_default="", db_comment="The provider's name of what was made; empty: nothing was."
    )
    decline_code = models.TextField(
        blank=True, db_default="", db_comment="The provider's own code of a decline; empty: none."
    )
    answer = models.JSONField(
        default=dict, blank=True, db_comment="The last answer, without secrets and without who paid."
    )

    status_machine = StateMachine(
        ProviderCallStatus,
        initial=(ProviderCallStatus.WAITING,),
        moves={
            ProviderCallStatus.WAITING: (ProviderCallStatus.BEGUN,),
            ProviderCallStatus.BEGUN: (
                ProviderCallStatus.UNKNOWN,
                ProviderCallStatus.AWAITED,
                ProviderCallStatus.ANSWERED,
                ProviderCallStatus.GIVEN_UP,
            ),
            ProviderCallStatus.UNKNOWN: (
                ProviderCallStatus.AWAITED,
                ProviderCallStatus.ANSWERED,
                ProviderCallStatus.GIVEN_UP,
            ),
            ProviderCallStatus.AWAITED: (ProviderCallStatus.ANSWERED, ProviderCallStatus.GIVEN_UP),
            ProviderCallStatus.GIVEN_UP: (ProviderCallStatus.UNKNOWN, ProviderCallStatus.ANSWERED),
        },
    )

    objects: Any = ProviderCallQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per thing asked of a payment provider, with its answer. Written by "
            "billing.services.provider_calls. Kept 10 years."
        )
        permissions = [("ask_again_providercall", "Can have a provider asked again about a call")]
        constraints = [
            one_of("operation", ProviderOperation),
            one_of("subject_type", CallSubject),
            one_of("outcome", ProviderOutcome),
            unique("provider_account", "idempotency_key", message="This was asked of the provider already."),
            length_between("idempotency_key", 8, 255),
            length_between("reference", 0, 255),
            length_between("answer_reference", 0, 255),
            length_between("decline_code", 0, 100),
            rule(
                Q(operation__in=WITHOUT_AMOUNT, amount__isnull=True, currency__isnull=True)
                | ~Q(operation__in=WITHOUT_AMOUNT)
                & Q(amount__isnull=False, amount__gte=1, amount__lte=10**15, currency__isnull=False),
                "amount",
                "Everything but a void and evidence has an amount of 1 to 10^15 minor units, and its currency.",
            ),
            rule(
                Q(operation=ProviderOperation.AUTHORISE, reference="")
                | ~Q(operation=ProviderOperation.AUTHORISE) & ~Q(reference=""),
                "reference",
                "Everything but an authorisation names the payment on which it works.",
            ),
            rule(
                Q(status=ProviderCallStatus.WAITING, begun_at__isnull=True)
                | ~Q(status=ProviderCallStatus.WAITING) & Q(begun_at__isnull=False),
                "begun_at",
                "What was begun has its time.",
            ),
            rule(
                Q(
                    status=ProviderCallStatus.ANSWERED,
                    answered_at__isnull=False,
                    outcome__isnull=False,
                    outcome__in=FINAL_OUTCOMES,
                    next_try_at__isnull=True,
                )
                | ~Q(status=ProviderCallStatus.ANSWERED) & Q(answered_at__isnull=True),
                "answered_at",
                "An answer has its time and is final, and nothing else has one.",
            ),
            rule(
                Q(status__in=ASKED_ABOUT, next_try_at__isnull=False)
                | ~Q(status__in=ASKED_ABOUT) & Q(next_try_at__isnull=True),
                "next_try_at",
                "What is open has a next time, and nothing else.",
            ),
            rule(Q(tries__gte=0), "tries", "Tries are not negative."),
            *policies(*PROVIDER_READERS, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["subject_id", "-id"],
                serves="The page of a payment: what was asked of the provider for it",
            ),
            BTree(
                fields=["next_try_at"],
                condition=Q(status__in=ASKED_ABOUT),
                serves="docs/queries/provider_calls_due.sql: calls without an answer, the longest waiting first",
            ),
            BTree(
                fields=["status", "-id"],
                condition=Q(status__in=(ProviderCallStatus.UNKNOWN, ProviderCallStatus.GIVEN_UP)),
                serves="The room of calls: those whose outcome is unknown",
            ),
        ]
        triggers = [
            Immutable(
                "provider_account",
                "operation",
                "subject_type",
                "subject_id",
                "idempotency_key",
                "reference",
                "amount",
                "currency",
                "captures",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.idempotency_key}"
