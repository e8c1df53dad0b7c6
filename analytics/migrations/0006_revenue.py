from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

# What each account is to revenue, by the word with which its code begins (billing.chart). Null: nothing, it is the other
# side, such as cash and wallets. What is not named here at all is told by the proof (analytics_revenue_differences).
CLASS = """
SELECT CASE split_part(code, ':', 1)
  WHEN 'tax_payable' THEN 'tax'
  WHEN 'deferred_revenue' THEN 'deferred'
  WHEN 'token_revenue' THEN 'token_revenue'
  WHEN 'earnings' THEN 'performer_share'
  WHEN 'studio_earnings' THEN 'studio_share'
  WHEN 'receivable' THEN CASE WHEN studio IS NULL THEN 'performer_share' ELSE 'studio_share' END
  WHEN 'platform_share' THEN 'platform_share'
  WHEN 'refund_loss' THEN 'losses'
  WHEN 'suspense' THEN CASE WHEN split_part(code, ':', 2) IN ('tickets', 'subscriptions') THEN 'waiting' END
  WHEN 'provider_fees' THEN 'provider_fees'
  WHEN 'dispute_fees' THEN 'dispute_fees'
END
"""

# A reversal is told by what it reverses. Null: it only moves what was earned before (payouts, debts, exchanges).
SIDE = """
SELECT CASE
  WHEN coalesce(reversed, kind) IN ('payout', 'payout_return', 'exchange', 'debt', 'debt_set_off', 'transfer') THEN NULL
  WHEN coalesce(reversed, kind) = 'dispute' THEN 'disputes'
  WHEN coalesce(reversed, kind) IN ('refund', 'spend_refund') THEN 'refunds'
  WHEN coalesce(reversed, kind) IN (
    'purchase', 'tip', 'gift', 'ticket', 'private_show', 'reward', 'hold_capture'
  ) THEN CASE WHEN reversed IS NULL THEN 'gross' ELSE 'refunds' END
  ELSE 'adjustments'
END
"""

# One statement reads everything, with one snapshot, and says in the books up to which moment. What belongs to an order
# of several lines is shared between them in proportion to what each brought to that account: of a purchase that is
# exactly its part. Parts are rounded so that together they are the posting, whatever it is.
COMPUTE = """
DECLARE
  begun timestamptz := clock_timestamp();
  computed integer;
BEGIN
  DELETE FROM analytics_revenueday r WHERE r.day = ANY (days);
  WITH horizon AS MATERIALIZED (
    SELECT coalesce(before, analytics_horizon()) AS moment
  ), told AS MATERIALIZED (
    SELECT j.id, j.booked_on AS day, j.kind, o.kind AS reversed, j.source_table, j.source_id
    FROM billing_journalentry j
    LEFT JOIN billing_journalentry o ON o.id = j.reverses_id AND j.kind = 'reversal'
    WHERE j.booked_on = ANY (days)
  ), side AS MATERIALIZED (
    -- Asked once for each kind, and below once for each account: there are few kinds, and many entries.
    SELECT k.kind, k.reversed, analytics_revenue_side(k.kind, k.reversed) AS side
    FROM (SELECT DISTINCT t.kind, t.reversed FROM told t) k
  ), entry AS MATERIALIZED (
    SELECT t.id, t.day, coalesce(t.reversed, t.kind) AS kind, t.source_table, t.source_id, s.side
    FROM told t JOIN side s ON s.kind = t.kind AND coalesce(s.reversed, '') = coalesce(t.reversed, '')
    WHERE s.side IS NOT NULL
  ), leg AS MATERIALIZED (
    SELECT p.entry_id, p.account_id, p.currency, p.amount
    FROM horizon h CROSS JOIN entry e JOIN billing_posting p ON p.entry_id = e.id AND p.moment < h.moment
  ), account AS MATERIALIZED (
    SELECT a.id, analytics_revenue_class(a.code, a.studio_id) AS class
    FROM billing_ledgeraccount a WHERE a.id IN (SELECT l.account_id FROM leg l)
  ), posted AS MATERIALIZED (
    SELECT l.entry_id, e.day, e.side, l.currency, a.class, sum(l.amount)::bigint AS amount
    FROM leg l JOIN account a ON a.id = l.account_id AND a.class IS NOT NULL JOIN entry e ON e.id = l.entry_id
    GROUP BY l.entry_id, e.day, e.side, l.currency, a.class
  ), paid AS (
    SELECT e.id AS entry_id, y.order_id FROM entry e
    JOIN billing_payment y ON y.id = e.source_id WHERE e.source_table = 'billing_payment'
    UNION ALL
    SELECT e.id, y.order_id FROM entry e
    JOIN billing_dispute d ON d.id = e.source_id JOIN billing_payment y ON y.id = d.payment_id
    WHERE e.source_table = 'billing_dispute'
  ), about AS MATERIALIZED (
    -- The lines of the order that an entry is about; an entry without is about one thing (single).
    SELECT q.entry_id, l.position, k.kind, s.performer_id, o.country, l.net, l.tax, l.total, s.id AS split_id,
      x.performer_share, x.studio_share, x.platform_share
    FROM paid q
    JOIN billing_order o ON o.id = q.order_id
    JOIN billing_orderline l ON l.order_id = o.id
    JOIN billing_product k ON k.id = l.product_id
    LEFT JOIN billing_revenuesplit s ON s.order_line_id = l.id AND s.reverses_id IS NULL
    LEFT JOIN LATERAL (
      SELECT sum(v.amount) FILTER (WHERE v.party = 'performer') AS performer_share,
        sum(v.amount) FILTER (WHERE v.party = 'studio') AS studio_share,
        sum(v.amount) FILTER (WHERE v.party = 'platform') AS platform_share
      FROM billing_revenuesplitline v WHERE v.split_id = s.id
    ) x ON true
  ), single AS (
    SELECT p.day, p.side, p.currency, p.class,
      CASE
        WHEN t.id IS NOT NULL THEN t.kind
        WHEN e.source_table = 'billing_tokenlot' THEN 'token_pack'
        WHEN e.kind = 'expiry' THEN 'expiry'
        WHEN e.source_table = 'billing_settlementfile' THEN 'provider'
        ELSE 'other'
      END AS kind, t.performer_id, NULL::text AS country, p.amount::numeric AS amount
    FROM posted p
    JOIN entry e ON e.id = p.entry_id
    LEFT JOIN billing_tokenspend t ON e.source_table = 'billing_tokenspend' AND t.id = e.source_id
    WHERE NOT EXISTS (SELECT FROM about a WHERE a.entry_id = p.entry_id)
  ), weighed AS (
    SELECT p.*, a.position, a.kind, a.performer_id, a.country, a.total,
      coalesce(CASE p.class
        WHEN 'tax' THEN a.tax
        WHEN 'performer_share' THEN a.performer_share
        WHEN 'studio_share' THEN a.studio_share
        WHEN 'platform_share' THEN a.platform_share
        WHEN 'waiting' THEN CASE WHEN a.split_id IS NULL AND a.kind <> 'token_pack' THEN a.net END
        WHEN 'deferred' THEN CASE WHEN a.split_id IS NULL AND a.kind = 'token_pack' THEN a.net END
        WHEN 'losses' THEN CASE WHEN a.split_id IS NULL AND a.kind = 'token_pack' THEN a.net END
        ELSE a.total
      END, 0)::numeric AS weight
    FROM posted p JOIN about a ON a.entry_id = p.entry_id
  ), summed AS (
    SELECT w.*,
      sum(w.weight) OVER whole AS weights, sum(w.weight) OVER upto AS reached,
      sum(w.total) OVER whole AS totals, sum(w.total) OVER upto AS reached_total
    FROM weighed w
    WINDOW whole AS (PARTITION BY w.entry_id, w.currency, w.class),
      upto AS (
        PARTITION BY w.entry_id, w.currency, w.class ORDER BY w.position
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      )
  ), part AS (
    SELECT s.day, s.side, s.currency, s.class, s.kind, s.performer_id, s.country,
      CASE WHEN s.weights > 0
        THEN div(s.amount * s.reached, s.weights) - div(s.amount * (s.reached - s.weight), s.weights)
        ELSE div(s.amount * s.reached_total, s.totals) - div(s.amount * (s.reached_total - s.total), s.totals)
      END AS amount
    FROM summed s
    UNION ALL
    SELECT n.day, n.side, n.currency, n.class, n.kind, n.performer_id, n.country, n.amount FROM single n
  ), figure AS (
    SELECT p.*, p.class NOT IN ('provider_fees', 'dispute_fees') AS is_sale FROM part p
  ), figures AS (
    SELECT p.day, p.performer_id, p.kind, p.currency, p.country,
      coalesce(sum(p.amount) FILTER (WHERE p.is_sale AND p.side = 'gross'), 0) AS gross,
      -coalesce(sum(p.amount) FILTER (WHERE p.is_sale AND p.side = 'refunds'), 0) AS refunds,
      -coalesce(sum(p.amount) FILTER (WHERE p.is_sale AND p.side = 'disputes'), 0) AS disputes,
      coalesce(sum(p.amount) FILTER (WHERE p.is_sale AND p.side = 'adjustments'), 0) AS adjustments,
      coalesce(sum(p.amount) FILTER (WHERE p.class = 'tax'), 0) AS tax,
      coalesce(sum(p.amount) FILTER (WHERE p.class = 'deferred'), 0) AS deferred,
      coalesce(sum(p.amount) FILTER (WHERE p.class = 'token_revenue'), 0) AS token_revenue,
      coalesce(sum(p.amount) FILTER (WHERE p.class = 'performer_share'), 0) AS performer_share,
      coalesce(sum(p.amount) FILTER (WHERE p.class = 'studio_share'), 0) AS studio_share,
      coalesce(sum(p.amount) FILTER (WHERE p.class = 'platform_share'), 0) AS platform_share,
      coalesce(sum(p.amount) FILTER (WHERE p.class = 'waiting'), 0) AS waiting,
      -coalesce(sum(p.amount) FILTER (WHERE p.class = 'losses'), 0) AS losses,
      -coalesce(sum(p.amount) FILTER (WHERE p.class = 'provider_fees'), 0) AS provider_fees,
      -coalesce(sum(p.amount) FILTER (WHERE p.class = 'dispute_fees'), 0) AS dispute_fees
    FROM figure p GROUP BY p.day, p.performer_id, p.kind, p.currency, p.country
  ), written AS (
    INSERT INTO analytics_revenueday (
      id, day, performer_id, kind, currency, country, gross, refunds, disputes, adjustments, tax, deferred,
      token_revenue, performer_share, studio_share, platform_share, waiting, losses, provider_fees, dispute_fees
    )
    SELECT uuidv7(), f.day, f.performer_id, f.kind, f.currency, f.country, f.gross, f.refunds, f.disputes,
      f.adjustments, f.tax, f.deferred, f.token_revenue, f.performer_share, f.studio_share, f.platform_share,
      f.waiting, f.losses, f.provider_fees, f.dispute_fees
    FROM figures f
    WHERE (
      f.gross, f.refunds, f.disputes, f.adjustments, f.tax, f.deferred, f.token_revenue, f.performer_share,
      f.studio_share, f.platform_share, f.waiting, f.losses, f.provider_fees, f.dispute_fees
    ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    RETURNING day
  )
  INSERT INTO analytics_revenuebook AS b (id, day, moment, entries, figures, took, computed_at)
  SELECT uuidv7(), d.day, h.moment,
    (SELECT count(DISTINCT p.entry_id) FROM posted p WHERE p.day = d.day),
    (SELECT count(*) FROM written w WHERE w.day = d.day),
    (clock_timestamp() - begun) / cardinality(days), statement_timestamp()
  FROM horizon h CROSS JOIN (SELECT DISTINCT unnest(days) AS day) d
  ON CONFLICT (day) DO UPDATE SET moment = excluded.moment, entries = excluded.entries, figures = excluded.figures,
    took = excluded.took, computed_at = excluded.computed_at;
  SELECT coalesce(sum(b.figures), 0) INTO computed FROM analytics_revenuebook b WHERE b.day = ANY (days);
  RETURN computed;
END
"""

# Asks the ledger by itself. Sales and what was given back are read from the other side of the entries, from cash and
# wallets; everything else by the codes of accounts. Neither orders nor shares are asked, and no function of the above.
DIFFERENCES = """
WITH state AS MATERIALIZED (
  SELECT coalesce(max(s.until), 0) AS until,
    coalesce(max(s.after::text), '00000000-0000-0000-0000-000000000000')::uuid AS after
  FROM analytics_rollupstate s WHERE s.name = 'revenue_day'
), pending AS MATERIALIZED (
  SELECT DISTINCT (t.start AT TIME ZONE 'UTC')::date AS day
  FROM analytics_rolluptouch t CROSS JOIN state s
  WHERE t.rollup = 'revenue_day' AND (t.moment, t.id) > (s.until, s.after)
), upto AS MATERIALIZED (
  -- A day for which nothing waits has everything that the roll-up has passed; else what it had when it was computed.
  SELECT g.day::date AS day,
    CASE WHEN p.day IS NOT NULL THEN coalesce(b.moment, 0) ELSE greatest(b.moment, s.until) END AS moment
  FROM generate_series(since, until - 1, interval '1 day') g (day)
  CROSS JOIN state s
  LEFT JOIN pending p ON p.day = g.day::date
  LEFT JOIN analytics_revenuebook b ON b.day = g.day::date
), entry AS MATERIALIZED (
  SELECT j.id, u.day, u.moment, coalesce(o.kind, j.kind) AS what, j.kind = 'reversal' AS is_reversal
  FROM upto u JOIN billing_journalentry j ON j.booked_on = u.day
  LEFT JOIN billing_journalentry o ON j.kind = 'reversal' AND o.id = j.reverses_id
  WHERE j.booked_on >= since AND j.booked_on < until
), summed AS MATERIALIZED (
  SELECT e.day, e.what, e.is_reversal, p.account_id, p.currency, sum(p.amount) AS amount, sum(abs(p.amount)) AS volume
  FROM entry e JOIN billing_posting p ON p.entry_id = e.id AND p.moment < e.moment
  GROUP BY e.day, e.what, e.is_reversal, p.account_id, p.currency
), leg AS (
  SELECT s.*, w.word, w.word || CASE WHEN a.studio_id IS NULL THEN '' ELSE ' of a studio' END AS owed,
    w.word IN (
      'cash', 'bank', 'disputed', 'wallet', 'hold', 'tokens_sold', 'promotion_cost', 'provider_fees', 'dispute_fees',
      'payout_reserve', 'exchange_clearing', 'debts_charged', 'debts_written_off', 'suspense'
    ) AS is_other,
    w.word IN (
      'tax_payable', 'deferred_revenue', 'token_revenue', 'platform_share', 'refund_loss', 'provider_fees',
      'dispute_fees', 'waiting'
    ) AS is_revenue,
    w.word IN ('earnings', 'studio_earnings', 'receivable') AS is_earned,
    s.what IN ('payout', 'payout_return', 'exchange', 'debt', 'debt_set_off', 'transfer') AS only_moves,
    s.what IN ('purchase', 'tip', 'gift', 'ticket', 'private_show', 'reward', 'hold_capture') AS sells
  FROM summed s
  JOIN billing_ledgeraccount a ON a.id = s.account_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN a.code ~ '^suspense:(tickets|subscriptions):' THEN 'waiting' ELSE split_part(a.code, ':', 1) END
      AS word
  ) w
), said AS (
  SELECT l.day, l.currency,
    -sum(l.amount) FILTER (WHERE l.is_other AND l.sells AND NOT l.is_reversal) AS gross,
    sum(l.amount) FILTER (
      WHERE l.is_other AND (l.what IN ('refund', 'spend_refund') OR l.sells AND l.is_reversal)
    ) AS refunds,
    sum(l.amount) FILTER (WHERE l.is_other AND l.what = 'dispute') AS disputes,
    -sum(l.amount) FILTER (
      WHERE l.is_other
        AND l.what IN ('hold', 'hold_return', 'promotion', 'expiry', 'fee', 'suspense', 'adjustment', 'reversal')
    ) AS adjustments,
    sum(l.amount) FILTER (WHERE l.word = 'tax_payable') AS tax,
    sum(l.amount) FILTER (WHERE l.word = 'deferred_revenue') AS deferred,
    sum(l.amount) FILTER (WHERE l.word = 'token_revenue') AS token_revenue,
    sum(l.amount) FILTER (WHERE NOT l.only_moves AND l.owed IN ('earnings', 'receivable')) AS performer_share,
    sum(l.amount) FILTER (
      WHERE NOT l.only_moves AND l.owed IN ('studio_earnings of a studio', 'receivable of a studio')
    ) AS studio_share,
    sum(l.amount) FILTER (WHERE l.word = 'platform_share') AS platform_share,
    sum(l.amount) FILTER (WHERE l.word = 'waiting') AS waiting,
    -sum(l.amount) FILTER (WHERE l.word = 'refund_loss') AS losses,
    -sum(l.amount) FILTER (WHERE l.word = 'provider_fees') AS provider_fees,
    -sum(l.amount) FILTER (WHERE l.word = 'dispute_fees') AS dispute_fees,
    sum(l.volume) FILTER (
      WHERE NOT (l.is_other OR l.is_revenue OR l.is_earned) OR l.is_revenue AND l.only_moves
    ) AS unclassified
  FROM leg l GROUP BY l.day, l.currency
), shown AS (
  SELECT r.day, r.currency, sum(r.gross) AS gross, sum(r.refunds) AS refunds, sum(r.disputes) AS disputes,
    sum(r.adjustments) AS adjustments, sum(r.tax) AS tax, sum(r.deferred) AS deferred,
    sum(r.token_revenue) AS token_revenue, sum(r.performer_share) AS performer_share,
    sum(r.studio_share) AS studio_share, sum(r.platform_share) AS platform_share, sum(r.waiting) AS waiting,
    sum(r.losses) AS losses, sum(r.provider_fees) AS provider_fees, sum(r.dispute_fees) AS dispute_fees
  FROM analytics_revenueday r WHERE r.day >= since AND r.day < until GROUP BY r.day, r.currency
)
SELECT coalesce(w.day, l.day), coalesce(w.currency, l.currency), v.measure, coalesce(v.shown, 0)::bigint,
  coalesce(v.said, 0)::bigint
FROM shown w FULL JOIN said l ON l.day = w.day AND l.currency = w.currency
CROSS JOIN LATERAL (VALUES
  ('gross', w.gross, l.gross), ('refunds', w.refunds, l.refunds), ('disputes', w.disputes, l.disputes),
  ('adjustments', w.adjustments, l.adjustments), ('tax', w.tax, l.tax), ('deferred', w.deferred, l.deferred),
  ('token_revenue', w.token_revenue, l.token_revenue), ('performer_share', w.performer_share, l.performer_share),
  ('studio_share', w.studio_share, l.studio_share), ('platform_share', w.platform_share, l.platform_share),
  ('waiting', w.waiting, l.waiting), ('losses', w.losses, l.losses),
  ('provider_fees', w.provider_fees, l.provider_fees), ('dispute_fees', w.dispute_fees, l.dispute_fees),
  ('unclassified', 0, l.unclassified)
) v (measure, shown, said)
WHERE coalesce(v.shown, 0) <> 0 OR coalesce(v.said, 0) <> 0
"""

CHECK = """
DECLARE
  compared integer;
BEGIN
  DELETE FROM analytics_revenuecheck c WHERE c.day >= since AND c.day < until;
  INSERT INTO analytics_revenuecheck (id, day, currency, measure, figures, ledger, checked_at)
  SELECT uuidv7(), d.day, d.currency, d.measure, d.figures, d.ledger, statement_timestamp()
  FROM analytics_revenue_differences(since, until) d;
  GET DIAGNOSTICS compared = ROW_COUNT;
  UPDATE analytics_revenuebook b SET proven_at = statement_timestamp(), differences = (
    SELECT count(*) FROM analytics_revenuecheck c WHERE c.day = b.day AND c.difference <> 0
  ) WHERE b.day >= since AND b.day < until;
  RETURN compared;
END
"""

SOURCE = """
INSERT INTO analytics_rollupsource (id, source, rollup, grain, is_platform, words)
VALUES (uuidv7(), 'ledger', 'revenue_day', 'day', true, 'Sums of postings of the day on which entries are booked.')
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Figures of revenue are computed from the ledger, a day at a time, and proven against it."""

    dependencies = [("analytics", "0005_figures_sources")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "analytics_revenue_class",
            "code text, studio uuid",
            "text",
            CLASS,
            language="sql",
            volatility="immutable",
            comment="The column of revenue that postings on an account with this code belong to; null: none.",
        ),
        CreateFunction(
            "analytics_revenue_side",
            "kind text, reversed text",
            "text",
            SIDE,
            language="sql",
            volatility="immutable",
            comment=(
                "Whether entries of a kind are sales, refunds, disputes or adjustments; null: they bear on no revenue. "
                "reversed: the kind that a reversal reverses."
            ),
        ),
        CreateFunction(
            "analytics_revenue_compute",
            "days date[], before bigint",
            "integer",
            COMPUTE,
            comment=(
                "Makes the revenue of whole days anew from postings before a moment of the ledger, or (null) from all "
                "that are final; how many rows there are then. For the worker."
            ),
        ),
        CreateFunction(
            "analytics_revenue_differences",
            "since date, until date",
            "TABLE (day date, currency text, measure text, figures bigint, ledger bigint)",
            DIFFERENCES,
            language="sql",
            volatility="stable",
            comment=(
                "Sums of revenue of the days [since, until) beside what the ledger says by itself, for each unit and "
                "measure that is not nil. For the worker."
            ),
        ),
        CreateFunction(
            "analytics_revenue_check",
            "since date, until date",
            "integer",
            CHECK,
            comment="Proves the days [since, until) and writes down what came of it; how many rows. For the worker.",
        ),
        # The line stays when this is undone: it is a fact, and goes with its table.
        migrations.RunSQL(SOURCE, migrations.RunSQL.noop),
    ]
