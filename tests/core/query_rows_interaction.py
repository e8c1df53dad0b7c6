"""Goals, polls, rewards, raids and words with tips in a number at which the planner chooses as it would in earnest.

2,000 performers have some of each, person 42 too. The triggers of these tables look at states that
nobody asks for here, so they rest meanwhile.
"""

PEOPLE, PERFORMERS, SPENDS = 3_000, 2_000, 19_000
GOAL = "'019c0000-0000-7000-8000-00000000002a'"
RESTING = (
    "engagement_goal",
    "engagement_goalcontribution",
    "engagement_poll",
    "engagement_pollchoice",
    "engagement_pollvote",
    "engagement_raid",
    "engagement_reward",
    "engagement_redemption",
    "engagement_tipmenuitem",
    "engagement_tipmessage",
    "engagement_giftsent",
)


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as in `query_data`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1700000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _id(kind: str, number: str) -> str:
    """SQL for the id of row `number` of a kind."""
    return f"('019c000000007000{kind}' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


_PERFORMER = f"n % {PERFORMERS} + 1"
_RAIDED = f"(n * 3 + 1) % {PERFORMERS} + 1"
_NOT_HERSELF = f"{_person('n % 3000 + 1')} <> {_person(_PERFORMER)}"

STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO engagement_goal
          (id, performer_id, title, target_tokens, status, opened_at, ends_at, closed_at)
        SELECT {_id("8000", "n")}, {_person(_PERFORMER)}, 'A dance', 100,
          CASE WHEN n <= 2000 THEN 'open' ELSE 'cancelled' END,
          now() - interval '9 days', CASE WHEN n % 100 = 3 THEN now() - interval '1 hour' WHEN n % 3 = 0
            THEN now() + interval '1 day' END,
          CASE WHEN n > 2000 THEN now() END
        FROM generate_series(1, 8000) n""",
    f"""INSERT INTO engagement_goalcontribution (id, goal_id, performer_id, spend_id, tokens, is_folded)
        SELECT uuidv7(), {_id("8000", "42")}, s.performer_id, s.id, s.tokens, s.place > 12
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM billing_tokenspend) s
        WHERE s.place <= 6000""",
    f"""INSERT INTO engagement_goalcontribution (id, goal_id, performer_id, spend_id, tokens, is_folded)
        SELECT uuidv7(), {_id("8000", "s.place % 2000 + 100")}, s.performer_id, s.id, s.tokens, s.place % 50 > 0
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM billing_tokenspend) s
        WHERE s.place > 6000""",
    f"""INSERT INTO engagement_poll (id, performer_id, question, most_choices, status, closes_at, closed_at)
        SELECT {_id("8001", "n")}, {_person(_PERFORMER)}, 'Which?', 1,
          CASE WHEN n <= 2000 THEN 'open' ELSE 'closed' END,
          now() + CASE WHEN n % 100 = 3 THEN -1 ELSE 1 END * interval '1 hour', CASE WHEN n > 2000 THEN now() END
        FROM generate_series(1, 6000) n""",
    f"""INSERT INTO engagement_pollchoice (id, poll_id, performer_id, position, label)
        SELECT {_id("8002", "n * 2 + k")}, {_id("8001", "n")}, {_person(_PERFORMER)}, k, 'Choice ' || k
        FROM generate_series(1, 6000) n, generate_series(1, 2) k""",
    f"""INSERT INTO engagement_pollvote (id, poll_id, performer_id, choice_id, voter_id, ballot)
        SELECT uuidv7(), {_id("8001", "n")}, {_person(_PERFORMER)}, {_id("8002", "n * 2 + 1")},
          {_person(f"(n * 7 + k * 13) % {PEOPLE} + 3000")}, 1
        FROM generate_series(1, 6000) n, generate_series(1, 2) k""",
    f"""INSERT INTO engagement_pollvote (id, poll_id, performer_id, choice_id, voter_id, ballot)
        SELECT uuidv7(), {_id("8001", "n")}, {_person(_PERFORMER)}, {_id("8002", "n * 2 + 1")}, {_person("42")}, 1
        FROM generate_series(100, 115) n ON CONFLICT DO NOTHING""",
    f"""INSERT INTO engagement_raid
          (id, performer_id, stream_id, target_id, target_stream_id, status, viewers, executed_at)
        SELECT uuidv7(), {_person(_PERFORMER)}, s.id, {_person(_RAIDED)}, s.id, 'executed', 9, now()
        FROM generate_series(1, 12000) n, (SELECT id FROM streams_stream ORDER BY id LIMIT 1) s
        WHERE {_person(_PERFORMER)} <> {_person(_RAIDED)}""",
    f"""INSERT INTO engagement_raid
          (id, performer_id, stream_id, target_id, target_stream_id, status, viewers, executed_at)
        SELECT uuidv7(), {_person("n")}, s.id, {_person("42")}, s.id, 'executed', 9, now()
        FROM generate_series(50, 60) n, (SELECT id FROM streams_stream ORDER BY id LIMIT 1) s""",
    f"""INSERT INTO engagement_reward
          (id, performer_id, title, description, tokens, person_cooldown, shared_cooldown, asks_for_words, retired_at)
        SELECT {_id("8003", "n")}, {_person(_PERFORMER)}, 'Drink water', '', 0, 0, 0, false,
          CASE WHEN n > 4000 THEN now() END
        FROM generate_series(1, 8000) n""",
    f"""INSERT INTO engagement_redemption
          (id, reward_id, performer_id, viewer_id, status, tokens, words, answer, idempotency_key, decided_at)
        SELECT uuidv7(), {_id("8003", "n % 8000 + 1")}, {_person(_PERFORMER)}, {_person("n % 3000 + 1")},
          CASE WHEN n <= 3000 THEN 'pending' ELSE 'fulfilled' END, 0, '', '', 'key ' || n,
          CASE WHEN n > 3000 THEN now() END
        FROM generate_series(1, 20000) n WHERE {_NOT_HERSELF}""",
    f"""INSERT INTO engagement_redemption
          (id, reward_id, performer_id, viewer_id, status, tokens, words, answer, idempotency_key)
        SELECT uuidv7(), {_id("8003", "41")}, {_person("42")}, {_person("n")}, 'pending', 0, '', '', 'more'
        FROM generate_series(3001, 3010) n""",
    f"""INSERT INTO engagement_redemption
          (id, reward_id, performer_id, viewer_id, status, tokens, words, answer, idempotency_key)
        SELECT uuidv7(), {_id("8003", "n")}, {_person("n + 1")}, {_person("42")}, 'pending', 0, '', '', 'mine ' || n
        FROM generate_series(500, 510) n""",
    f"""INSERT INTO engagement_tipmenuitem (id, performer_id, label, tokens, position)
        SELECT uuidv7(), {_person(_PERFORMER)}, 'Item ' || n, 20, n / {PERFORMERS} + 1
        FROM generate_series(1, 12000) n""",
    f"""INSERT INTO engagement_tipmessage (id, entry_id, performer_id, sender_id, tokens, body, sent_at)
        SELECT uuidv7(), s.entry_id, {_person(f"s.place % {PERFORMERS} + 1")}, {_person("s.place % 3000 + 4000")}, 10,
          'Bravo', now()
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM billing_tokenspend) s""",
    """INSERT INTO billing_product (id, code, kind, name, description, is_offered)
        VALUES ('019c0000-0000-7000-8004-000000000001', 'gift_of_queries', 'gift', 'Rose', '', true)""",
    """INSERT INTO billing_giftitem (id, product_id, tokens)
        VALUES ('019c0000-0000-7000-8004-000000000002', '019c0000-0000-7000-8004-000000000001', 5)""",
    f"""INSERT INTO engagement_giftsent (id, entry_id, performer_id, sender_id, gift_item_id, quantity, tokens, sent_at)
        SELECT uuidv7(), s.entry_id, {_person(f"s.place % {PERFORMERS} + 1")}, {_person("s.place % 3000 + 4000")},
          '019c0000-0000-7000-8004-000000000002', 1, 5, now()
        FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM billing_tokenspend) s""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    f"ANALYZE {', '.join(RESTING)}",
)
