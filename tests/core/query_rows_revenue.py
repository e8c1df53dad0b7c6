"""Figures of revenue in a number at which the planner chooses as it would in earnest: 90 days of 200 performers.

Performer 42 of the people of `query_data` is asked about; on two days a figure differs from the ledger.
"""

from tests.core.query_rows_admission import PEOPLE

DAYS = "generate_series(date '2026-01-01', date '2026-03-31', interval '1 day') d (day)"

STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO analytics_revenueday (id, day, performer_id, kind, currency, country, gross, tax, platform_share)
        SELECT uuidv7(), d.day::date, p.id, k.kind, k.currency, k.country, 119, k.tax, 119 - k.tax
        FROM {DAYS}
        CROSS JOIN (SELECT id FROM ({PEOPLE}) q WHERE q.n <= 200) p
        CROSS JOIN (VALUES ('subscription', 'EUR', 'DE', 19), ('tip', 'TOKEN', NULL, 0))
          k (kind, currency, country, tax)""",
    f"""INSERT INTO analytics_revenuebook (id, day, moment, entries, figures, took, computed_at, proven_at)
        SELECT uuidv7(), d.day::date, 1, 400, 400, '20 ms', now(), now() FROM {DAYS}""",
    f"""INSERT INTO analytics_revenuecheck (id, day, currency, measure, figures, ledger, checked_at)
        SELECT uuidv7(), d.day::date, u.currency, m.measure, 23800,
          23800 - CASE WHEN m.measure = 'gross' AND u.currency = 'EUR' AND extract(doy FROM d.day) IN (60, 61)
            THEN 1 ELSE 0 END, now()
        FROM {DAYS} CROSS JOIN (VALUES ('EUR'), ('TOKEN'), ('USD'), ('GBP')) u (currency)
        CROSS JOIN unnest(
          ARRAY['gross', 'refunds', 'tax', 'deferred', 'performer_share', 'platform_share']) m (measure)""",
    "ANALYZE analytics_revenueday",
    "ANALYZE analytics_revenuebook",
    "ANALYZE analytics_revenuecheck",
)
