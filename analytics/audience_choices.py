"""Choices of the audience: breakdowns of a day, the grid of cohorts, and funnels."""

from django.db.models import IntegerChoices, TextChoices


class AudienceDimension(TextChoices):
    """By what the people of a day are told apart; each of them has one value in each."""

    COUNTRY = "country", "Country"
    LANGUAGE = "language", "Language"
    DEVICE = "device", "Kind of device"
    AGE_BAND = "age_band", "Age band"


class CohortKind(TextChoices):
    """Who or what comes back."""

    VIEWERS = "viewers", "Viewers"
    SUBSCRIPTIONS = "subscriptions", "Subscriptions"


class CohortStep(TextChoices):
    """How long the periods of a grid are, in UTC; the values are those of PostgreSQL's date_trunc."""

    WEEK = "week", "Weeks, from Monday"
    MONTH = "month", "Calendar months"


class CohortSegment(TextChoices):
    """Which of a cohort are counted."""

    ALL = "all", "All"
    OWN = "own", "Paid by the viewer"
    GIFT = "gift", "Given as a gift"


SEGMENTS = {
    CohortKind.VIEWERS: (CohortSegment.ALL,),
    CohortKind.SUBSCRIPTIONS: (CohortSegment.ALL, CohortSegment.OWN, CohortSegment.GIFT),
}
"""The segments of each kind."""


class ConversionWindow(IntegerChoices):
    """How many days those who signed up have, that of the sign-up included."""

    WEEK = 7, "Within 7 days"
    FOUR_WEEKS = 28, "Within 28 days"


LEAST_PEOPLE = 10
"""Breakdowns with a cell of fewer people than this are withheld whole."""
