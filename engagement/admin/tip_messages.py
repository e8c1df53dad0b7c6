"""Words with tips, which moderators hide, and gifts."""

from typing import Any

from django.contrib import admin
from django.db.models import Q

from accounts.admin.filters import user_named
from accounts.admin.links import colleague, person_link
from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.admin.interaction_words import EMPTY, number, page, rows_of, when
from engagement.models import GiftSent, TipMessage
from engagement.services.tip_messages import tip_message_hide, tip_message_show
from performers.admin.links import PerformerFilter, performer_link

SenderFilter = exact(
    "sender", "sender", find=lambda text: Q(sender_id=user_named(text)), help="A handle or an id."
)


@admin.register(TipMessage, site=backoffice)
class TipMessageAdmin(ReadOnlyAdmin):
    """What was said with tips."""

    section = Section.MODERATION
    list_display = ("body", "by", "to_whom", "given", "sent_at", "hidden_at")
    list_filter = (SenderFilter, PerformerFilter, TimeFilter)
    list_select_related = ("sender", "performer")
    fields = (
        "body",
        "by",
        "to_whom",
        "given",
        "menu_item",
        "stream",
        "booked",
        "sent_at",
        "hidden_at",
        "hidden",
        "version",
        "id",
    )
    readonly_fields = ("by", "to_whom", "given", "booked", "hidden")
    actions = (
        ConfirmedAction(
            "hide",
            tip_message_hide,
            permission="engagement.hide_tipmessage",
            id_kwarg="tip_message_id",
            words="Hide the words",
            explain="Nobody sees the words any more. The tip stays.",
            done="Hidden: {obj}.",
            bulk=True,
            available=lambda message: message.hidden_at is None,
        ),
        ConfirmedAction(
            "show",
            tip_message_show,
            permission="engagement.hide_tipmessage",
            id_kwarg="tip_message_id",
            words="Show the words again",
            explain="Everybody who could see the words sees them again.",
            done="Shown again: {obj}.",
            available=lambda message: message.hidden_at is not None,
        ),
    )

    @admin.display(description="By")
    def by(self, message: TipMessage) -> Any:
        return person_link(message.sender)

    @admin.display(description="To")
    def to_whom(self, message: TipMessage) -> Any:
        return performer_link(message.performer)

    @admin.display(description="Tokens")
    def given(self, message: TipMessage) -> str:
        return number(message.tokens)

    @admin.display(description="Booked as")
    def booked(self, message: TipMessage) -> str:
        return str(message.entry_id)

    @admin.display(description="Hidden by")
    def hidden(self, message: TipMessage) -> str:
        return colleague(message.hidden_by) if message.hidden_at else EMPTY


@admin.register(GiftSent, site=backoffice)
class GiftSentAdmin(ReadOnlyAdmin):
    """Gifts, as they were shown."""

    section = Section.MODERATION
    list_display = ("what", "quantity", "given", "by", "to_whom", "sent_at")
    list_filter = (SenderFilter, PerformerFilter, TimeFilter)
    list_select_related = ("sender", "performer", "gift_item__product")
    fields = ("what", "quantity", "given", "by", "to_whom", "stream", "booked", "sent_at", "id")
    readonly_fields = ("what", "given", "by", "to_whom", "booked")

    @admin.display(description="Gift")
    def what(self, gift: GiftSent) -> str:
        return str(gift.gift_item.product)

    @admin.display(description="Tokens")
    def given(self, gift: GiftSent) -> str:
        return number(gift.tokens)

    @admin.display(description="By")
    def by(self, gift: GiftSent) -> Any:
        return person_link(gift.sender)

    @admin.display(description="To")
    def to_whom(self, gift: GiftSent) -> Any:
        return performer_link(gift.performer)

    @admin.display(description="Booked as")
    def booked(self, gift: GiftSent) -> str:
        return str(gift.entry_id)


backoffice.add_panel(
    User,
    Panel(
        "Words with tips",
        columns=(
            ("Words", "body"),
            ("To", lambda row: performer_link(row.performer)),
            ("Tokens", lambda row: number(row.tokens)),
            ("When (UTC)", lambda row: when(row.sent_at)),
        ),
        rows=lambda user: user.tip_messages.select_related("performer").order_by("-pk"),
        permission="engagement.view_tipmessage",
        limit=5,
        url=page("tipmessage"),
        all_url=rows_of("tipmessage", "sender"),
        empty="Nothing was said with a tip.",
    ),
)
