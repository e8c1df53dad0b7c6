"""Values of alerts on readings; each is checked in the database too."""

from django.db.models import TextChoices


class ReadRule(TextChoices):
    """Why a reading is worth a question. What each means stands in the function `read_alerts_find`."""

    MANY_IN_AN_HOUR = "many_in_an_hour", "Many readings within an hour"
    MANY_IN_A_DAY = "many_in_a_day", "Many readings within a day"
    MANY_PEOPLE = "many_people", "Many different people within a day"
    SAME_PERSON = "same_person", "One person again and again"
    COLLEAGUE = "colleague", "Data of a colleague"
    ADMINISTRATOR = "administrator", "Read by the administrator"
    UNUSUAL_HOUR = "unusual_hour", "At an hour at which the reader never works"
    OUTSIDE_HOURS = "outside_hours", "Outside working hours, by somebody new"
    WITHOUT_CASE = "without_case", "People about whom the reader has no case"
    PRIVATE_MESSAGES = "private_messages", "Many private conversations within a day"
    ARCHIVES = "archives", "Archives of whole persons"
    EVIDENCE = "evidence", "Many files of evidence within an hour"


class ReadAlertStatus(TextChoices):
    """How an alert stands."""

    OPEN = "open", "To be explained"
    EXPLAINED = "explained", "Explained"
    MISUSE = "misuse", "Misuse"


class FoundBy(TextChoices):
    """What noticed a reading."""

    RECORDING = "recording", "The recording of the reading"
    JOB = "job", "The job that looks again"
