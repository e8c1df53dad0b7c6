"""Blocks and follows as grounds of the watch decision: a block refuses, a follow meets the rule that asks for one."""

from django.db.models import BooleanField, Exists, F, Func, OuterRef

from accounts.models import User
from engagement.models import Follow
from streams.choices import AccessKind
from streams.watching import Ground, register_ground

# Whoever is blocked does not read the row, so a definer function answers, about a viewer who is signed in.
BLOCKED = (
    User.objects.filter(pk=OuterRef("viewer_id"))
    .alias(
        is_blocked=Func(
            F("pk"),
            OuterRef("performer_id"),
            function="engagement_blocked_between",
            output_field=BooleanField(),
        )
    )
    .filter(is_blocked=True)
)
FOLLOWS = Follow.objects.in_force().filter(
    user_id=OuterRef("viewer_id"), performer_id=OuterRef("performer_id")
)

register_ground(
    Ground(code="blocked", order=90, words="You cannot watch this performer.", refuses=Exists(BLOCKED))
)
register_ground(
    Ground(
        code="follows",
        order=100,
        words="This is for followers of this performer.",
        permits=Exists(FOLLOWS),
        audience=AccessKind.FOLLOWERS,
    )
)
