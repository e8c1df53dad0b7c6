"""What people read: templates by trigger, channel and language, each in versions."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.db.constraints import matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, SOMEBODY, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from engagement.models.notification_trigger import NotificationTrigger
from engagement.notification_choices import NotificationChannel, NotificationTemplateStatus
from engagement.notification_policies import DELIVERY_STAFF, TEMPLATE_WRITERS
from engagement.notification_triggers import TemplateIsSafe, VersionsAreCounted

TEMPLATE_READERS = (*DELIVERY_STAFF, Role.WORKER)


class NotificationTemplate(Versioned):
    """One row per trigger, channel and language. What it says is in its versions.

    Written by `engagement.services.notification_templates`.
    """

    volume, retention = Volume.SMALL, "for good: deliveries name its versions"
    held_by = NotHeld("It is about nobody.")

    trigger = models.ForeignKey(
        NotificationTrigger,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="templates",
        db_comment="Of what it tells.",
    )
    channel = models.TextField(choices=NotificationChannel, db_comment="By which way it goes.")
    locale = not_personal(models.TextField(db_comment="Language, BCP 47 tag: en, pt-BR."))

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "template"
        db_table_comment = (
            "One row per trigger, channel and language of what people are told. Written by "
            "engagement.services.notification_templates. Kept for good: deliveries name its versions."
        )
        permissions = [("write_notificationtemplate", "Can draft and publish what people are told")]
        constraints = [
            one_of("channel", NotificationChannel),
            matches(
                "locale",
                "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
                "A language is written as in BCP 47: en, pt-BR, zh-Hant.",
            ),
            unique("trigger", "channel", "locale", message="There is a template for this already."),
            *policies(*TEMPLATE_READERS, command="select", using=ALL),
            *policies(*TEMPLATE_WRITERS, command="insert", check=SOMEBODY),
        ]
        triggers = [Immutable("trigger", "channel", "locale")]

    def __str__(self) -> str:
        return f"{self.trigger} {self.channel} {self.locale}"


class TemplateVersionQuerySet(models.QuerySet):
    """Reads of versions."""

    def published(self) -> Self:
        """Versions that hold or held."""
        return self.filter(status=NotificationTemplateStatus.PUBLISHED)

    def in_force(self) -> Self:
        """The newest published version of each template."""
        return self.published().order_by("template_id", "-number").distinct("template_id")


class TemplateVersion(Versioned):
    """One row per wording of a template. Published ones never change; the newest of them is used.

    Plain text, in which `{{ name }}` stands for a variable of the trigger: nothing else is understood, so there is
    nothing to run. Written by `engagement.services.notification_templates`.
    """

    volume, retention = Volume.SMALL, "for good: deliveries name it"
    held_by = NotHeld("It is about nobody.")

    template = models.ForeignKey(
        NotificationTemplate,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="versions",
        db_comment="The template that it words.",
    )
    number = models.IntegerField(db_comment="Counts the versions of a template, from 1; kept by trigger.")
    subject = models.TextField(db_comment="Subject of the mail, title elsewhere; may name variables.")
    body = models.TextField(db_comment="What follows, in plain text; may name variables.")
    status = models.TextField(
        choices=NotificationTemplateStatus,
        default=NotificationTemplateStatus.DRAFT,
        db_comment="Draft or published; moves are enforced.",
    )
    published_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on it was used (UTC); null while it is a draft."
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="template_versions_drafted",
        db_comment="Who wrote it; null: it came with the platform.",
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="template_versions_published",
        db_comment="Who published it; null: a draft, or it came with the platform.",
    )

    status_machine = StateMachine(
        NotificationTemplateStatus,
        initial=[NotificationTemplateStatus.DRAFT],
        moves={NotificationTemplateStatus.DRAFT: [NotificationTemplateStatus.PUBLISHED]},
    )

    objects: Any = TemplateVersionQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per wording of a template; published ones never change. Written by "
            "engagement.services.notification_templates. Kept for good: deliveries name it."
        )
        constraints = [
            unique("template", "number", message="There is a version of this number."),
            rule(Q(number__gte=1), "number", "Versions are counted from 1."),
            *line("subject", 200),
            *paragraphs("body", 10_000),
            rule(~Q(body=""), "body", "A template says something."),
            rule(
                Q(
                    status=NotificationTemplateStatus.DRAFT,
                    published_at__isnull=True,
                    published_by__isnull=True,
                )
                | Q(status=NotificationTemplateStatus.PUBLISHED, published_at__isnull=False),
                "published",
                "A published version says since when; a draft does not.",
            ),
            rule(
                Q(published_by__isnull=True)
                | Q(drafted_by__isnull=True)
                | ~Q(published_by=models.F("drafted_by")),
                "four_eyes",
                "Somebody else publishes what one has written.",
            ),
            *policies(*TEMPLATE_READERS, command="select", using=ALL),
            *policies(
                *TEMPLATE_WRITERS, command="insert", check=f"drafted_by_id = {ME} AND status = 'draft'"
            ),
            *policies(*TEMPLATE_WRITERS, command="update", using="status = 'draft'", check=SOMEBODY),
            *policies(*TEMPLATE_WRITERS, command="delete", using="status = 'draft'"),
        ]
        indexes = [
            BTree(
                fields=["template", "-number"],
                condition=Q(status=NotificationTemplateStatus.PUBLISHED),
                serves="engagement.notifications.wording: the wording in use of each template",
            ),
            BTree(
                fields=["status", "-id"],
                condition=Q(status=NotificationTemplateStatus.DRAFT),
                serves="The home page: wordings in draft",
            ),
        ]
        triggers = [VersionsAreCounted(), TemplateIsSafe()]

    def __str__(self) -> str:
        return f"{self.template_id} ({self.number})"
