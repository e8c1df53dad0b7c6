"""What the services of alerts on readings refuse."""

from core.errors import Refused


class ReadAlertRefused(Refused):
    """The alert cannot be reviewed like this."""

    code = "read_alert_refused"
