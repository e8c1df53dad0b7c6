"""Rows in a number at which the planner chooses as it would in earnest; written by SQL, as the owner.

Person 42 (`viewer_00042`) has something of everything; the files in `docs/queries` ask about that person.
"""

from django.db import connection

from tests.core import (
    query_rows_admission,
    query_rows_archives,
    query_rows_audience,
    query_rows_broadcasting,
    query_rows_catalogue,
    query_rows_chat,
    query_rows_compliance,
    query_rows_decisions,
    query_rows_disputes,
    query_rows_filings,
    query_rows_interaction,
    query_rows_invoices,
    query_rows_ledger,
    query_rows_messages,
    query_rows_moderation,
    query_rows_notifications,
    query_rows_payments,
    query_rows_payouts,
    query_rows_personal_archives,
    query_rows_playback,
    query_rows_prices,
    query_rows_providers,
    query_rows_read_alerts,
    query_rows_reconciliation,
    query_rows_requests,
    query_rows_schedule,
    query_rows_subscriptions,
    query_rows_takedowns,
    query_rows_ties,
    query_rows_wallets,
    query_rows_watching,
    query_rows_workload,
)

PEOPLE = 20_000
FIRST_MILLISECOND = 1_700_000_000_000
_FIRST_DOCUMENT = "018bcfe6000070008000"


def _person(number: str) -> str:
    """SQL for the id of the person with this number: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex({FIRST_MILLISECOND} + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _document(number: str) -> str:
    """SQL for the id of the legal document with this number; all of one millisecond."""
    return f"('{_FIRST_DOCUMENT}' || lpad(to_hex({number}), 12, '0'))::uuid"


KEEPERS = (
    ("streams_stream", "streams_stream_80_search"),
    ("streams_stream", "streams_stream_81_record_words"),
    ("streams_archive", "streams_archive_80_search"),
)

STATEMENTS = (
    # ANALYZE reads 300 rows for each: that is every row of every table below, so that no plan hangs on its luck.
    "SET LOCAL default_statistics_target = 400",
    f"""INSERT INTO accounts_user (id, handle, locale, time_zone, sign_up_source, signed_up_at, status)
        SELECT {_person("n")}, 'viewer_' || lpad(n::text, 5, '0'), 'en', 'UTC', 'import', now(), 'pending'
        FROM generate_series(1, {PEOPLE}) n""",
    f"UPDATE accounts_user SET status = 'active' WHERE id <= {_person('400')}",
    f"UPDATE accounts_user SET status = 'restricted' WHERE id <= {_person('400')}",
    # A trigger that looked at people while there were few keeps that plan until it is told that they are many.
    "ANALYZE accounts_user",
    # Four kinds each for 5,000 people: ended last month, but for the first 350, whose bar on chat has no end.
    f"""INSERT INTO accounts_restriction (user_id, kind, valid, reason)
        SELECT {_person("n")}, kind,
          tstzrange(now() - interval '60 days',
            CASE WHEN n <= 350 AND kind = 'chat' THEN NULL ELSE now() - interval '30 days' END),
          'Rude to others.'
        FROM generate_series(1, 5000) n, unnest(ARRAY['chat', 'tip', 'upload', 'stream']) kind""",
    f"""INSERT INTO accounts_rolegrant (user_id, role, valid, reason)
        SELECT {_person("n")}, role,
          tstzrange(now() - interval '1 year', CASE WHEN n <= 100 THEN NULL ELSE now() - interval '1 day' END),
          'Joined the team.'
        FROM generate_series(1, 2000) n, unnest(ARRAY['vbl_support', 'vbl_moderator']) role""",
    f"""INSERT INTO accounts_accountflag (user_id, kind, source, confidence, note, resolved_at, resolution)
        SELECT {_person("n")}, kind, 'automatic', 0.7, '',
          CASE WHEN n > 150 THEN now() END, CASE WHEN n > 150 THEN 'dismissed' END
        FROM generate_series(1, 5000) n, unnest(ARRAY['spam', 'harassment']) kind""",
    # A session cannot begin in the past: its trigger says when it was written.
    "ALTER TABLE accounts_usersession DISABLE TRIGGER USER",
    f"""INSERT INTO accounts_usersession (user_id, token_digest, user_agent, created_at, last_used_at, expires_at)
        SELECT {_person("n % 5000 + 1")}, decode(lpad(to_hex(n), 64, '0'), 'hex'), '',
          now() - interval '1 year', now(),
          CASE WHEN n % 50 = 0 THEN now() - interval '120 days' ELSE now() + interval '7 days' END
        FROM generate_series(1, 20000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE accounts_usersession ENABLE TRIGGER USER",
    # Half of the events within the next hour, half beyond the next month: two partitions at least.
    f"""INSERT INTO audit_event
          (id, area, action, actor_id, acting_role, subject_type, subject_id, changed, detail, request_id)
        SELECT uuidv7(make_interval(secs => n % 3600 * 0.9, days => CASE WHEN n % 2 = 0 THEN 32 ELSE 0 END)),
          'moderation', CASE WHEN n % 100 < 3 THEN 'restriction_placed' ELSE 'flag_raised' END,
          {_person("n % 3000 + 1")}, 'vbl_moderator', 'accounts.user', {_person("n % 2000 + 1")}, '{{}}', '{{}}', NULL
        FROM generate_series(1, 30000) n""",
    f"""INSERT INTO accounts_loginevent (id, user_id, succeeded, failure)
        SELECT uuidv7(make_interval(secs => n, days => n % 3)), {_person("n % 3000 + 1")}, true, NULL
        FROM generate_series(1, 20000) n""",
    # A hundred versions of the terms and of a wording of consent, each a day after the one before.
    f"""INSERT INTO accounts_legaldocument (id, kind, version_label, language, title, text, status)
        SELECT {_document("n")}, CASE WHEN n > 100 THEN 'consent_analytics' ELSE 'terms' END, n::text, 'en', 'Terms',
          repeat('These are the words. ', 40), 'draft'
        FROM generate_series(1, 200) n""",
    """UPDATE accounts_legaldocument SET status = 'published',
          published_at = now() - interval '400 days', effective_at = now() - interval '400 days'
            + version_label::integer * interval '1 day'""",
    f"""INSERT INTO accounts_acceptance (user_id, document_id, accepted_at, channel, user_agent_family)
        SELECT {_person("n")}, {_document("1 + (n + k) % 100")}, now() - interval '1 day', 'web', ''
        FROM generate_series(1, 8000) n, generate_series(0, 2) k""",
    f"""INSERT INTO accounts_consent (user_id, purpose, wording_id, explicit, channel, valid)
        SELECT {_person("n")}, 'analytics', {_document("101 + n % 100")}, false, 'web',
          tstzrange(now() - interval '1 day', NULL)
        FROM generate_series(1, 12000) n""",
    f"""INSERT INTO accounts_ageassurance (user_id, method, outcome, age_band, provider, receipt, checked_at, valid)
        SELECT {_person("n")}, 'document', 'of_age', '25_plus', 'Proof of Age Ltd', 'receipt-' || n,
          now() - interval '1 year',
          tstzrange(now() - interval '1 year', now() + CASE WHEN n % 50 = 0 THEN -1 ELSE 1 END * interval '9 days')
        FROM generate_series(1, 12000) n""",
    # Of most whose time has passed it was noted that it has: those are not looked at again.
    f"""INSERT INTO accounts_ageassurance
          (user_id, method, outcome, age_band, provider, receipt, checked_at, valid, ending)
        SELECT {_person("n")}, 'document', 'of_age', '25_plus', 'Proof of Age Ltd', 'earlier-' || n,
          now() - interval '3 years', tstzrange(now() - interval '3 years', now() - interval '2 years'), 'expired'
        FROM generate_series(1, 12000) n""",
    f"""INSERT INTO accounts_identityproviderlink (user_id, provider, subject)
        SELECT {_person("n")}, 'google', 'subject-' || n FROM generate_series(1, 12000) n""",
    f"""INSERT INTO accounts_profilemedia
          (user_id, kind, object_key, sha256, size_bytes, media_type, width, height, status, decision_reason)
        SELECT {_person("n")}, 'avatar', 'people/' || {_person("n")} || '/avatar.webp', sha256('x'), 9000, 'image/webp',
          512, 512, 'pending', ''
        FROM generate_series(1, 12000) n""",
    f"""UPDATE accounts_profilemedia SET status = 'approved', decided_by_id = {_person("20000")},
          decided_at = now(), decision_reason = 'looks right'
        WHERE user_id > {_person("300")}""",
    *query_rows_admission.STATEMENTS,
    *query_rows_watching.STATEMENTS,
    "SET CONSTRAINTS ALL IMMEDIATE",
    *query_rows_schedule.STATEMENTS,
    *query_rows_broadcasting.STATEMENTS,
    "SET CONSTRAINTS ALL IMMEDIATE",
    # What search and the record of words would keep of these rows nobody asks for here, and it takes a minute.
    *(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in KEEPERS),
    *query_rows_catalogue.STATEMENTS,
    *query_rows_archives.STATEMENTS,
    *query_rows_decisions.STATEMENTS,
    *query_rows_workload.STATEMENTS,
    *query_rows_ledger.STATEMENTS,
    "SET CONSTRAINTS ALL IMMEDIATE",
    *query_rows_compliance.STATEMENTS,
    *query_rows_requests.STATEMENTS,
    *query_rows_read_alerts.STATEMENTS,
    *(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}" for table, trigger in KEEPERS),
    *query_rows_takedowns.STATEMENTS,
    *query_rows_moderation.STATEMENTS,
    *query_rows_payments.STATEMENTS,
    *query_rows_messages.STATEMENTS,
    *query_rows_prices.STATEMENTS,
    *query_rows_providers.STATEMENTS,
    *query_rows_wallets.STATEMENTS,
    *query_rows_disputes.STATEMENTS,
    *query_rows_subscriptions.STATEMENTS,
    *query_rows_ties.STATEMENTS,
    *query_rows_audience.STATEMENTS,
    *query_rows_notifications.STATEMENTS,
    *query_rows_interaction.STATEMENTS,
    *query_rows_chat.STATEMENTS,
    *query_rows_payouts.STATEMENTS,
    *query_rows_personal_archives.STATEMENTS,
    *query_rows_reconciliation.STATEMENTS,
    *query_rows_invoices.STATEMENTS,
    *query_rows_filings.STATEMENTS,
    *query_rows_playback.STATEMENTS,
)
TABLES = (
    "accounts_user",
    "accounts_restriction",
    "accounts_rolegrant",
    "accounts_accountflag",
    "accounts_usersession",
    "accounts_loginevent",
    "accounts_legaldocument",
    "accounts_acceptance",
    "accounts_consent",
    "accounts_ageassurance",
    "accounts_identityproviderlink",
    "accounts_profilemedia",
    "audit_event",
)


def fill() -> None:
    """Write the rows and tell the planner about them; the caller's transaction takes them away again."""
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement)
        cursor.execute(f"ANALYZE {', '.join(TABLES)}")
