"""Ties of the demo: the follow graph, and a few blocks, mutes, favourites, reactions and shares."""

from django.db import transaction

from accounts.demo import DATA
from accounts.models import User
from core.datasets.importing import dataset_import
from core.datasets.registry import dataset
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step
from engagement.models import Block, Favourite, Follow, Reaction
from engagement.services.blocks import block_place
from engagement.services.counters import counters_fold
from engagement.services.favourites import favourite_keep
from engagement.services.mutes import mute_place
from engagement.services.reactions import reaction_give
from engagement.services.shares import share_make
from engagement.tie_choices import ReactionKind, ShareChannel
from performers.models import PerformerProfile
from streams.models import Archive

BLOCKERS = 20
FANS = 40
"""People of the graph who do a little of everything."""


def load_follows() -> str:
    """Who follows whom, as the worker, and the counters of followers."""
    with acting(Role.WORKER):
        report = dataset_import(dataset=dataset("follows"), path=DATA, all_or_nothing=True)
    folded = counters_fold()
    return f"{report.new:,} new, {report.unchanged:,} there before; {folded:,} changes of counters folded"


def _people(count: int) -> list[User]:
    """The first people of the graph who follow somebody."""
    following = Follow.objects.in_force().order_by("user_id").values_list("user_id", flat=True)
    return list(User.objects.filter(pk__in=following.distinct()[:count]).order_by("pk"))


@transaction.atomic
def load_ties() -> str:
    """A few of each other kind, each by its person; blocks come last, since what is blocked is refused."""
    with acting(Role.WORKER):
        if Block.objects.exists():
            return "there before"
        people = _people(FANS)
        stars = list(PerformerProfile.objects.public().order_by("-pk")[:BLOCKERS])
        archives = list(Archive.objects.filter(published_at__isnull=False).order_by("pk")[:FANS])
    for number, person in enumerate(people):
        star = stars[number % len(stars)]
        others = [other for other in people if other.pk != star.pk]
        with acting(Role.VIEWER, user_id=person.pk):
            if star.pk != person.pk:
                favourite_keep(performer_id=star.pk, actor=person)
                share_make(
                    performer_id=star.pk,
                    channel=list(ShareChannel)[number % len(ShareChannel)],
                    actor=person,
                )
            if archives:
                archive = archives[number % len(archives)]
                for kind in list(ReactionKind)[: 1 + number % 3]:
                    reaction_give(archive_id=archive.pk, kind=kind, actor=person)
            if number % 4 == 0:
                mute_place(person_id=others[(number + 1) % len(others)].pk, actor=person)
    for number, star in enumerate(stars):
        unwanted = people[(number + 7) % len(people)]
        if unwanted.pk != star.pk:
            with acting(Role.PERFORMER, user_id=star.pk):
                block_place(person_id=unwanted.pk, actor=star.user)
    counters_fold()
    with acting(Role.WORKER):
        return (
            f"{Block.objects.count()} blocks, {Favourite.objects.count()} favourites, "
            f"{Reaction.objects.count()} reactions"
        )


register_step(DemoStep(50, "Who follows whom: the follow graph", load_follows))
register_step(DemoStep(52, "Blocks, mutes, favourites, reactions and shares", load_ties))
