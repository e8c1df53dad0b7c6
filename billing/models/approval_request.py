"""Four eyes: what a member of staff may do alone, and what waits for a second one."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from billing.amounts import amount_field, amount_rule
from billing.models.currency import in_currency
from billing.payment_choices import ApprovalKind, ApprovalStatus, LimitKind
from billing.payment_policies import PAYMENT_READERS, payment_policies
from billing.payment_triggers import FourEyes
from core.db.constraints import TABLE, is_object, length_between, matches, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.roles import STAFF_ROLES, Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Entity, History, Volume

A = ApprovalStatus


class ApprovalRequestQuerySet(models.QuerySet):
    """Reads of requests for approval."""

    def waiting(self) -> Self:
        """Those that nobody has decided."""
        return self.filter(status=A.PENDING)


class ApprovalRequest(Entity):
    """One row per act with money that one person asked for and another one decides.

    Maker and checker are two people, whoever they are: a CHECK says so, and a trigger takes both from the person who
    acts, whatever the statement says. Written by `billing.services.approvals`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("maker",))

    kind = models.TextField(choices=ApprovalKind, db_comment="What was asked for.")
    status = models.TextField(choices=ApprovalStatus, default=A.PENDING, db_comment="Where it stands.")
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="approvals_asked",
        db_comment="Who asked; set by trigger to whoever acts.",
    )
    maker_role = models.TextField(
        choices=[(role.value, role.label) for role in STAFF_ROLES], db_comment="In which role they asked."
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approvals_decided",
        db_comment="Who decided; set by trigger to whoever acts; null: nobody yet.",
    )
    currency = in_currency("approval_requests", "Currency of the amounts.")
    amount = amount_field("What it is about.")
    subject_table = models.TextField(db_comment="Table of the row that it is about, as billing_payment.")
    subject_id = models.UUIDField(db_comment="Key of the row that it is about.")
    limits = models.JSONField(
        default=dict,
        db_comment="The limit of who asked, as it was: per_item, per_day and used_today in minor units, null: none.",
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who asked."))
    decision_reason = personal(
        models.TextField(
            blank=True, default="", db_comment="Why, in the words of who decided; empty: nobody yet."
        )
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was decided (UTC); set by trigger; null: not yet."
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        ApprovalStatus,
        initial=[A.PENDING],
        moves={A.PENDING: [A.APPROVED, A.REFUSED]},
    )

    objects: ClassVar[Any] = ApprovalRequestQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per act with money that one person asked for and another one decides. "
            "Written by billing.services.approvals. Kept 10 years."
        )
        permissions = [("decide_approvalrequest", "Can approve and refuse what others ask for")]
        constraints = [
            one_of("kind", ApprovalKind),
            amount_rule("amount", least=1),
            rule(
                Q(checker__isnull=True) | ~Q(checker=F("maker")),
                "four_eyes",
                "Nobody decides about what they asked for themselves. Ask a colleague.",
            ),
            rule(
                Q(status=A.PENDING, checker__isnull=True, decided_at__isnull=True)
                | ~Q(status=A.PENDING) & Q(checker__isnull=False, decided_at__isnull=False),
                "decided",
                "Whatever is decided says by whom and when.",
            ),
            matches("subject_table", "^[a-z_]{1,63}$", "A table is written in small letters."),
            rule(is_object("limits"), "limits", "Limits are kept as a JSON object."),
            length_between("reason", 1, 2000),
            rule(
                Q(status=A.PENDING, decision_reason="") | ~Q(status=A.PENDING) & ~Q(decision_reason=""),
                "decision_reason",
                "A decision says why.",
            ),
            length_between("decision_reason", 0, 2000),
            *payment_policies(),
        ]
        indexes = [
            BTree(
                fields=["id"],
                condition=Q(status=A.PENDING),
                name="billing_approvalrequest_waiting_idx",
                serves="docs/queries/approvals_waiting.sql: the queue of approvals, the oldest first",
            ),
            BTree(
                fields=["subject_id", "-id"],
                serves="The page of a payment: what was asked for about it, newest first",
            ),
        ]
        triggers: ClassVar[Any] = [
            FourEyes(),
            Immutable(
                "kind",
                "maker",
                "maker_role",
                "currency",
                "amount",
                "subject_table",
                "subject_id",
                "limits",
                "reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_status_display().lower()}"


class StaffLimit(EffectiveDated):
    """One row per limit up to which a role, or one person, acts with money without a second one.

    A person's own limit stands before that of the role. Where there is none, everything waits for a second person.
    Written by `billing.services.approvals`.
    """

    volume, retention = Volume.SMALL, "10 years after its end"
    held_by = HeldBy(person=("person",))

    role = models.TextField(
        null=True,
        blank=True,
        choices=[(role.value, role.label) for role in STAFF_ROLES],
        db_comment="For whoever acts in this role; null: for one person.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # An exclusion constraint leads with it.
        db_index=False,
        related_name="staff_limits",
        db_comment="For this person, in whatever role; null: for a role.",
    )
    kind = models.TextField(choices=LimitKind, db_comment="What is limited.")
    currency = in_currency("staff_limits", "Currency of the amounts.")
    per_item = amount_field("At most for one act.")
    per_day = amount_field("At most for all acts since midnight, UTC.")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="staff_limits_set",
        db_comment="Who set it; null: the system.",
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who set it."))

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per limit up to which a role or a person acts with money alone; dated. "
            "Written by billing.services.approvals. Kept 10 years after its end."
        )
        permissions = [("set_stafflimit", "Can set limits of staff")]
        constraints = [
            one_of("kind", LimitKind),
            one_of("role", [role.value for role in STAFF_ROLES]),
            rule(
                Q(role__isnull=True, person__isnull=False) | Q(role__isnull=False, person__isnull=True),
                "holder",
                "A limit is for a role or for a person.",
            ),
            amount_rule("per_item"),
            amount_rule("per_day"),
            rule(
                Q(per_item__lte=F("per_day")),
                "per_item_within",
                "One act is not more than all acts of a day.",
            ),
            rule(
                Q(set_by__isnull=True) | Q(person__isnull=True) | ~Q(set_by=F("person")),
                "set_by",
                "Nobody sets their own limit.",
            ),
            length_between("reason", 3, 2000),
            *(
                ExclusionConstraint(
                    name=f"{TABLE}_{holder}_valid_excl",
                    expressions=[
                        (holder, RangeOperators.EQUAL),
                        ("kind", RangeOperators.EQUAL),
                        ("currency", RangeOperators.EQUAL),
                        ("valid", RangeOperators.OVERLAPS),
                    ],
                    condition=Q(**{f"{holder}__isnull": False}),
                    violation_error_message="There is a limit for this in that period already.",
                )
                for holder in ("role", "person")
            ),
            *policies(*PAYMENT_READERS, Role.WORKER, command="select", using=ALL),
            *policies(
                Role.ADMINISTRATOR,
                command="insert",
                check=f"set_by_id = {ME} AND person_id IS DISTINCT FROM {ME}",
            ),
            *policies(Role.ADMINISTRATOR, command="update", using=f"person_id IS DISTINCT FROM {ME}"),
            *policies(Role.WORKER, command="insert", check="set_by_id IS NULL"),
        ]
        triggers: ClassVar[Any] = [
            Immutable("role", "person", "kind", "currency", "per_item", "per_day", "set_by", "reason")
        ]

    def __str__(self) -> str:
        holder = str(self.person) if self.person_id else self.get_role_display()
        return f"{self.get_kind_display()} by {holder}"
