"""What pages about one performer have in common: whom the address names, and the heading."""

from typing import ClassVar
from uuid import UUID

from analytics.admin.insights import InsightPage
from core.db.locking import NotThere
from performers.models import PerformerProfile


class OfPerformer(InsightPage):
    """A page whose address has a `performer_id`."""

    about: ClassVar[str]
    """What the page shows of her, such as "Audience"."""

    def find(self, performer_id: UUID) -> PerformerProfile:  # type: ignore[override]
        """The performer. Raises NotThere."""
        performer = PerformerProfile.objects.filter(pk=performer_id).first()
        if performer is None:
            raise NotThere("There is no such performer, or your role may not see her.")
        return performer

    def title_of(self, subject: PerformerProfile) -> str:
        """Whose page."""
        return f"{self.about} of {subject}"
