"""Blocks and follows as grounds of the watch decision: a block refuses, a follow meets the rule that asks for one."""

from django.db.models import BooleanField, Case, Exists, Func, OuterRef, Value, When
from django.db.models.lookups import IsNull

from engagement.models import Follow
from streams.choices import AccessKind
from streams.watching import Ground, register_ground

# Whoever is blocked does not read the row, so a definer function answers; without a viewer there is nobody to block.
BLOCKED = Case(
    When(IsNull(OuterRef("viewer_id"), True), then=Value(False)),
    default=Func(
        OuterRef("viewer_id"),
        OuterRef("performer_id"),
        function="engagement_blocked_between",
        output_field=BooleanField(),
    ),
    output_field=BooleanField(),
)
FOLLOWS = Follow.objects.in_force().filter(
    user_id=OuterRef("viewer_id"), performer_id=OuterRef("performer_id")
)

register_ground(Ground(code="blocked", order=90, words="You cannot watch this performer.", refuses=BLOCKED))
register_ground(
    Ground(
        code="follows",
        order=100,
        words="This is for followers of this performer.",
        permits=Exists(FOLLOWS),
        audience=AccessKind.FOLLOWERS,
    )
)
