"""Values that columns of archives of people may hold; each is checked in the database too."""

from django.db.models import TextChoices


class SourceTreatment(TextChoices):
    """What happens to the rows of a table in an archive."""

    GIVEN = "given", "Given to whom they are about"
    WITHHELD = "withheld", "About people, not given"
    NOBODYS = "nobodys", "About nobody who could ask"
