from core.db.operations import SetLockTimeout
from django.db import migrations

LINES = (
    ("sessions", "stream_minute", "hour", "Who watched, minute by minute."),
    ("chat", "stream_minute", "hour", "Lines of the chat, minute by minute."),
    ("stream_spends", "stream_minute", "hour", "Tips and gifts, minute by minute."),
    ("streams", "stream_minute", "hour", "The hours of a stream: its days follow."),
    ("stream_spends", "stream_performance", "day", "Tokens spent and taken back, however old the minutes are."),
    ("spends", "performer_day", "day", "Tokens spent on a performer, in streams or not."),
    ("reversals", "performer_day", "day", "Tokens taken back, on the day on which they were."),
    ("follows", "performer_day", "day", "Follows that began or ended."),
    ("performer_streams", "performer_day", "day", "How long a performer was on air."),
)
"""Source, roll-up, grain, what it takes."""

ADD = """
INSERT INTO analytics_rollupsource (id, source, rollup, grain, is_platform, words)
VALUES (uuidv7(), %s, %s, %s, false, %s) ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Which sources touch the figures of streams and performers; the days of categories and the platform follow those."""

    dependencies = [("analytics", "0004_figures_of_days")]

    operations = [
        SetLockTimeout("2s"),
        # The lines stay when this is undone: they are facts, and go with their table.
        migrations.RunSQL([(ADD, line) for line in LINES], migrations.RunSQL.noop),
    ]
