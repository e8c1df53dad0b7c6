"""Forms that were carried out, so that sending one twice does nothing twice."""

from core.models.identity import Identified
from core.models.storage import Volume


class Submission(Identified):
    """One row per form carried out; the id is the one-time token that the form carried.

    Written by `core.admin.submissions` in the transaction of the act: a second sending waits for the first
    one's end, and finds the row, or finds that nothing happened. Retention: 7 days.
    """

    volume, retention = Volume.LARGE, "7 days"

    class Meta:
        db_table_comment = (
            "One row per form of the back office that was carried out; the id is the form's one-time token. "
            "Written by core.admin.submissions. Retention: 7 days."
        )
