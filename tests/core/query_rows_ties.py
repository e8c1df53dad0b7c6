"""Follows, blocks, reactions and counters in a number at which the planner chooses as it would in earnest.

5,000 people follow eight of 3,000 performers each; person 42 blocks and is blocked, reacts, and has figures. Triggers
that count and look rest meanwhile.
"""

PEOPLE, PERFORMERS = 5_000, 3_000
RESTING = ("engagement_follow", "engagement_block", "engagement_reactionkey")


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as in `query_data`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1700000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _target(number: str) -> str:
    """SQL for the id of what is reacted to; keys of reactions lead nowhere in the database."""
    return f"('019b0000000070008000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


_FOLLOWED = f"(n * 7 + k * 331) % {PERFORMERS} + 1"

STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO engagement_follow (id, user_id, performer_id, notify, ended_at, end_cause)
        SELECT uuidv7(), {_person("n")}, {_person(_FOLLOWED)}, CASE WHEN n % 9 = 0 THEN 'none' ELSE 'all' END,
          CASE WHEN k = 8 AND n % 3 = 0 THEN now() END, CASE WHEN k = 8 AND n % 3 = 0 THEN 'unfollowed' END
        FROM generate_series(1, {PEOPLE}) n, generate_series(1, 8) k
        WHERE n <> {_FOLLOWED}""",
    # Person 42 follows some who are on air.
    f"""INSERT INTO engagement_follow (id, user_id, performer_id, notify)
        SELECT uuidv7(), {_person("42")}, {_person("n")}, 'all' FROM generate_series(2101, 2110) n
        ON CONFLICT DO NOTHING""",
    f"""INSERT INTO engagement_block (id, blocker_id, blocked_id, ended_at)
        SELECT uuidv7(), {_person("n")}, {_person(f"(n * 13 + k) % {PEOPLE} + 1")},
          CASE WHEN k = 3 THEN now() END
        FROM generate_series(1, {PEOPLE}) n, generate_series(1, 3) k
        WHERE n <> (n * 13 + k) % {PEOPLE} + 1""",
    f"""INSERT INTO engagement_block (id, blocker_id, blocked_id)
        SELECT uuidv7(), {_person("n")}, {_person("42")} FROM generate_series(60, 90) n ON CONFLICT DO NOTHING""",
    f"""INSERT INTO engagement_reactionkey (id, user_id, target_type, target, kind, performer_id, reaction)
        SELECT uuidv7(), {_person("n")}, 'archive', {_target("n % 500 + 1")}, kind, {_person("n % 3000 + 1")}, uuidv7()
        FROM generate_series(1, {PEOPLE}) n, unnest(ARRAY['heart', 'fire']) kind""",
    f"""INSERT INTO engagement_reactionkey (id, user_id, target_type, target, kind, performer_id, reaction)
        SELECT uuidv7(), {_person("42")}, 'archive', {_target("42")}, kind, {_person("43")}, uuidv7()
        FROM unnest(ARRAY['heart', 'fire', 'clap']) kind ON CONFLICT DO NOTHING""",
    f"""INSERT INTO engagement_engagementcounter (id, subject_type, subject, kind, performer_id, value, folded_at)
        SELECT uuidv7(), 'performer', {_person("n")}, kind, {_person("n")}, 7, now()
        FROM generate_series(1, {PERFORMERS}) n, unnest(ARRAY['followers', 'favourites', 'shares', 'tips']) kind""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    "ANALYZE engagement_follow, engagement_block, engagement_reactionkey, engagement_engagementcounter, streams_stream",
)
