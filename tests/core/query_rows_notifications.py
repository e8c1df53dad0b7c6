"""Events, notifications and deliveries in a number at which the planner chooses as it would in earnest.

60,000 notifications of 3,000 people in this month and the next one, a delivery for every second. Person 42 is asked
about. What the triggers of these tables see to is not what is asked here, so they rest meanwhile.
"""

RESTING = ("engagement_notificationevent", "engagement_notification", "engagement_deliveryattempt")


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as in `query_data`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1700000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO engagement_notificationevent
          (id, trigger_id, idempotency_key, variables, recipients, status, spread_at)
        SELECT uuidv7(CASE WHEN n % 2 = 0 THEN interval '0' ELSE interval '31 days' END), t.id, 'rows ' || n,
          '{{"follower": "bob"}}', ARRAY[{_person("n % 3000 + 1")}],
          CASE WHEN n % 100 = 0 THEN 'recorded' ELSE 'spread' END, CASE WHEN n % 100 <> 0 THEN now() END
        FROM engagement_notificationtrigger t, generate_series(1, 20000) n WHERE t.code = 'new_follower'""",
    f"""INSERT INTO engagement_notification
          (id, recipient_id, happening_id, group_key, title, seen_at, read_at)
        SELECT uuidv7(CASE WHEN n % 2 = 0 THEN interval '0' ELSE interval '31 days' END), {_person("n % 3000 + 1")},
          uuidv7(), 'new_follower', 'bob follows you', CASE WHEN n / 3000 % 4 <> 0 THEN now() END,
          CASE WHEN n / 3000 % 4 <> 0 THEN now() END
        FROM generate_series(1, 60000) n""",
    f"""INSERT INTO engagement_deliveryattempt
          (id, recipient_id, notice_id, happening_id, channel, template_version_id, status, next_try_at, sent_at)
        SELECT uuidv7(CASE WHEN n % 2 = 0 THEN interval '0' ELSE interval '31 days' END), {_person("n % 3000 + 1")},
          uuidv7(), uuidv7(), 'email', v.id,
          CASE WHEN n % 100 < 2 THEN 'queued' WHEN n % 100 = 2 THEN 'failed' ELSE 'sent' END,
          CASE WHEN n % 100 < 2 THEN now() - n * interval '1 second' END, CASE WHEN n % 100 > 2 THEN now() END
        FROM (SELECT id FROM engagement_templateversion ORDER BY id LIMIT 1) v, generate_series(1, 30000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    f"ANALYZE {', '.join(RESTING)}",
)
