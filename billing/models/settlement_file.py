"""What providers and banks settled with us, as they say: files, in an unbroken row for each account."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from billing.amounts import amount_field
from billing.models.currency import in_currency
from billing.payment_policies import payment_policies
from billing.reconciliation_choices import QuarantineCause, SettlementFileKind, SettlementFileStatus
from billing.settlement_file_triggers import LIVE, CountsWhatWasDone, FileIsWhole, FollowsTheLast
from core.db.constraints import has_bytes, length_between, one_of, rule, unique
from core.db.fields import CurrentTransaction, TransactionIdField
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.db.states import StateMachine
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Versioned, Volume

S = SettlementFileStatus
LARGEST_FILE = 5 * 1024 * 1024
"""Bytes of a file; a larger one is refused unread."""

MOST_LINES = 20_000
"""Lines of one file: a day of a large account. More come as several files."""

CHAIN = ("provider_account", "kind", "account_reference", "currency")
"""What makes files follow one another."""


class SettlementFileQuerySet(models.QuerySet):
    """Reads of files."""

    def live(self) -> Self:
        """Files that add up and follow one another."""
        return self.filter(status__in=LIVE)

    def quarantined(self) -> Self:
        """Files that somebody has to look at."""
        return self.filter(status=S.QUARANTINED)

    def without_body(self) -> Self:
        """Lists leave the bytes where they are."""
        return self.defer("body")


class SettlementFile(Versioned):
    """One row per file of a provider or a bank: its bytes, the balances that it names, and what came of its lines.

    Written by `billing.services.settlement_files`. A file that is live follows the one before it of the same account:
    it opens with the balance with which that closed. Amounts are seen from our side: what comes is above zero.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("It is kept 10 years by tax law, whoever asks.")

    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="settlement_files",
        db_comment="The account at a provider that it is about, or through whose transfers the bank account lives.",
    )
    kind = models.TextField(choices=SettlementFileKind, db_comment="What it is, and so how it is read.")
    account_reference = not_personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="The account as the file names it: our IBAN; empty: the file names none.",
        )
    )
    name = not_personal(models.TextField(db_comment="Name of the file as it was uploaded."))
    statement_reference = not_personal(
        models.TextField(
            blank=True, default="", db_comment="The provider's or bank's name of the statement; empty: none."
        )
    )
    body = personal(models.BinaryField(db_comment="The file, byte by byte."))
    sha256 = not_personal(
        models.BinaryField(max_length=32, db_comment="SHA-256 of the file: it is taken once only.")
    )
    currency = in_currency("settlement_files", "Currency of all amounts of the file.")
    opening = amount_field("Balance before the first line, as the file says.")
    closing = amount_field("Balance after the last line, as the file says.")
    movement = amount_field("What its lines move, fees taken off.")
    fees = amount_field("What was taken in fees, all lines together.")
    difference = models.GeneratedField(
        expression=F("closing") - F("opening") - F("movement"),
        output_field=models.BigIntegerField(),
        db_persist=True,
        db_comment="What the closing balance has too much, in minor units of the currency; 0: the file foots.",
    )
    first_day = models.DateField(
        null=True, blank=True, db_comment="First day that it is about; null: it has no line."
    )
    last_day = models.DateField(
        null=True, blank=True, db_comment="Last day that it is about; null: it has no line."
    )
    line_count = models.IntegerField(db_comment="How many lines it has.")
    matched_count = models.IntegerField(
        default=0, db_default=0, db_comment="How many lines are matched; 0 until it is reconciled."
    )
    exception_count = models.IntegerField(
        default=0, db_default=0, db_comment="How many lines are exceptions; 0 until it is reconciled."
    )
    status = models.TextField(choices=SettlementFileStatus, db_comment="Where the work on it stands.")
    quarantine = models.TextField(
        choices=QuarantineCause,
        null=True,
        blank=True,
        db_comment="Why it waits in quarantine; null: it does not.",
    )
    gap = models.BigIntegerField(
        null=True,
        blank=True,
        db_comment="What it opens with beyond the last closing balance, in minor units; null: not compared.",
    )
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique rule leads with it.
        db_index=False,
        related_name="followed_by",
        db_comment="The file before it of the same account; null: it is the first one, or not live.",
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="settlement_files_taken",
        db_comment="Who uploaded it; null: the system fetched it.",
    )
    reconciled_at = models.DateTimeField(
        null=True, blank=True, db_comment="When every line was matched or an exception (UTC); null: not yet."
    )
    xact = TransactionIdField(
        db_default=CurrentTransaction(),
        editable=False,
        db_comment="Number of the transaction that wrote it; checked against that of its lines.",
    )

    status_machine = StateMachine(
        SettlementFileStatus,
        initial=(S.TAKEN, S.QUARANTINED),
        moves={
            S.TAKEN: (S.RECONCILED,),
            S.QUARANTINED: (S.TAKEN, S.SET_ASIDE),
        },
    )

    objects: Any = SettlementFileQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per settlement file of a provider or statement of a bank, with its bytes. Written by "
            "billing.services.settlement_files. Kept 10 years."
        )
        permissions = [
            ("take_settlementfile", "Can upload settlement files and bank statements"),
            ("decide_settlementfile", "Can have quarantined files read again, or set them aside"),
        ]
        constraints = [
            one_of("kind", SettlementFileKind),
            one_of("quarantine", QuarantineCause),
            *line("name", 255),
            length_between("account_reference", 0, 64),
            length_between("statement_reference", 0, 140),
            rule(has_bytes("sha256", 32), "sha256", "A digest has 32 bytes."),
            rule(
                GreaterThanOrEqual(
                    Func(F("body"), function="octet_length", output_field=models.IntegerField()), 1
                )
                & LessThanOrEqual(
                    Func(F("body"), function="octet_length", output_field=models.IntegerField()), LARGEST_FILE
                ),
                "body",
                "A file has at least one byte and at most 5 MB.",
            ),
            rule(
                Q(line_count__gte=0, line_count__lte=MOST_LINES),
                "line_count",
                f"A file has at most {MOST_LINES} lines.",
            ),
            rule(
                Q(first_day__isnull=True, last_day__isnull=True)
                | Q(first_day__isnull=False, last_day__isnull=False, last_day__gte=F("first_day")),
                "days",
                "The last day does not lie before the first.",
            ),
            rule(
                ~Q(status__in=LIVE) | Q(difference=0, quarantine__isnull=True),
                "foots",
                "Opening balance and lines do not give the closing balance.",
            ),
            rule(
                ~Q(status=S.QUARANTINED) | Q(quarantine__isnull=False),
                "quarantine_said",
                "A quarantined file says why.",
            ),
            rule(
                Q(status__in=LIVE) | Q(follows__isnull=True),
                "follows_live",
                "Only a file that adds up follows another.",
            ),
            rule(
                Q(
                    status=S.RECONCILED,
                    matched_count__gte=0,
                    exception_count__gte=0,
                    reconciled_at__isnull=False,
                )
                & Q(line_count=F("matched_count") + F("exception_count"))
                | ~Q(status=S.RECONCILED) & Q(matched_count=0, exception_count=0, reconciled_at__isnull=True),
                "reconciled",
                "Of a reconciled file every line is matched or an exception.",
            ),
            unique(
                "sha256",
                when=~Q(status=S.SET_ASIDE),
                name="sha256",
                message="This very file was taken already.",
            ),
            unique(
                "follows",
                when=Q(follows__isnull=False),
                name="follows",
                message="Another file follows that one already.",
            ),
            unique(
                *CHAIN,
                when=Q(status__in=LIVE, follows__isnull=True),
                name="first",
                message="There is a first file of this account already.",
            ),
            *payment_policies(),
        ]
        indexes = [
            BTree(
                fields=["provider_account", "kind", "currency", "-id"],
                serves="docs/queries/settlement_files_of_account.sql: the last live file of an account",
            ),
            BTree(
                fields=["-id"],
                condition=Q(status=S.QUARANTINED),
                name="billing_settlementfile_quarantined_idx",
                serves="docs/queries/settlement_files_quarantined.sql: the card of finance",
            ),
        ]
        triggers = [
            Immutable(
                "provider_account",
                "kind",
                "account_reference",
                "name",
                "statement_reference",
                "body",
                "sha256",
                "currency",
                "opening",
                "closing",
                "movement",
                "fees",
                "first_day",
                "last_day",
                "line_count",
                "taken_by",
                "xact",
            ),
            FollowsTheLast(),
            CountsWhatWasDone(),
            FileIsWhole(),
        ]

    def __str__(self) -> str:
        return self.name
