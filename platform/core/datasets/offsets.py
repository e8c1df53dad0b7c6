"""Moving old events into the time for which their tables keep rows.

The tables of events keep months, the public data is years old. Each part of a data set is moved by a fixed number of
whole weeks, so that days of the week stay; the first import decides and records it, later ones obey.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from core.models import DatasetOffset

WEEK = timedelta(weeks=1)


def dataset_offset(dataset: str, *, latest: datetime, weeks_ago: int = 0) -> timedelta:
    """By how much the events of `dataset` are moved, in whole weeks.

    `latest` is the last instant of the source: unless an offset is recorded already, it comes to lie within a week,
    that which ended `weeks_ago` before now. Runs as the worker; two first imports at once agree on one offset.
    """
    weeks = max((timezone.now() - latest) // WEEK - weeks_ago, 0)
    # The row of somebody who was quicker stands: an offset is never changed.
    DatasetOffset.objects.bulk_create(
        [DatasetOffset(dataset=dataset, shift=weeks * WEEK)], ignore_conflicts=True
    )
    return DatasetOffset.objects.get(dataset=dataset).shift
