"""The catalogue as the owner writes it: valid rows, without the services under test."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from performers.models import PerformerProfile
from streams.models import Category, ContentLabel, Stream, Tag
from tests.accounts.factories import UserFactory, letters


def category(name: str, parent: Category | None = None, **fields: Any) -> Category:
    """A category below `parent`, or a root."""
    slug = fields.pop("slug", None) or f"{name.lower().replace(' ', '-')}-{letters(Category.objects.count())}"
    values = {"name": name, "slug": slug, **fields}
    if parent is None:
        return Category.objects.add_root(values)
    return Category.objects.add_child(parent, values)


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda number: f"tag-{letters(number)}")


class LabelFactory(DjangoModelFactory):
    class Meta:
        model = ContentLabel

    code = factory.Sequence(lambda number: f"label_{letters(number)}")
    name = "Something"
    minimum_age = 0


def performer(user: User | None = None, *, status: str = "verified", **fields: Any) -> PerformerProfile:
    """A performer with the id of the person, led to `status` by legal moves."""
    user = user or UserFactory()
    profile = PerformerProfile.objects.create(
        id=user.pk, user=user, stage_name=user.handle, slug=user.handle.replace("_", "-"), **fields
    )
    steps = {"draft": (), "verified": ("submitted", "verified")}[status]
    for step in steps:
        PerformerProfile.objects.filter(pk=profile.pk).update(
            status=step, submitted_at="2024-01-01T00:00Z", verified_at="2024-01-02T00:00Z"
        )
    return PerformerProfile.objects.get(pk=profile.pk)


class StreamFactory(DjangoModelFactory):
    class Meta:
        model = Stream

    performer = factory.LazyFunction(performer)
    title = "Evening show"
