"""The sections of the back office: by the work people do, not by app."""

from django.db.models import TextChoices


class Section(TextChoices):
    """Where a page belongs, in the order in which navigation and home page show them."""

    MODERATION = "moderation", "Moderation"
    FINANCE = "finance", "Finance"
    COMPLIANCE = "compliance", "Compliance"
    CATALOGUE = "catalogue", "Catalogue"
    PEOPLE = "people", "People"
    INSIGHT = "insight", "Insight"
    OVERSIGHT = "oversight", "Oversight"

    @property
    def rank(self) -> int:
        """Place in the order of sections, from 0."""
        return list(Section).index(self)
