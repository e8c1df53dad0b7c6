"""What wallets hear of streams: when a private show is over, what was set aside for it goes back."""

from typing import Any

from billing.services.token_holds import holds_return
from core.announcements import Announcement, listen
from streams.choices import PrivateShowStatus
from streams.models import PrivateShow


@listen
def return_holds(sender: Any, announcement: Announcement, **named: Any) -> None:
    """In the transaction in which the show ends, whoever ends it."""
    if sender is PrivateShow and named["subject"].status == PrivateShowStatus.ENDED:
        holds_return(private_show_id=named["subject"].pk, actor=named["actor"])
