from django.db import migrations

from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout

# Who may watch is asked by the person concerned, by staff and by workers. What somebody's age is, or where they are
# barred, is nobody else's business: the public site asks about whoever is signed in, or about nobody.
WATCH_FACTS = """
#variable_conflict use_column
BEGIN
  IF coalesce(nullif(current_setting('role', true), 'none'), session_user) IN ('vbl_viewer', 'vbl_performer')
    AND streams_watch_facts.viewer IS NOT NULL
    AND streams_watch_facts.viewer IS DISTINCT FROM (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
  THEN
    RAISE EXCEPTION 'Only for oneself can one ask what one may watch.' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY
  WITH target AS (
    SELECT s.id AS stream_id, NULL::uuid AS archive_id, s.performer_id, s.status, s.visibility,
      s.deleted_at IS NOT NULL AS is_deleted, NULL::timestamptz AS published_at
    FROM streams_stream s WHERE s.id = streams_watch_facts.stream
    UNION ALL
    SELECT a.stream_id, a.id, a.performer_id, a.status, a.visibility, a.deleted_at IS NOT NULL, a.published_at
    FROM streams_archive a WHERE a.id = streams_watch_facts.archive
  ), scoped AS (
    -- An archive without rules of its own takes those of its stream, and the private list with them.
    SELECT t.*, t.archive_id IS NULL
      OR NOT EXISTS (SELECT FROM streams_accessrule r WHERE r.archive_id = t.archive_id) AS takes_stream
    FROM target t
  ), demand AS (
    SELECT r.kind, r.minimum_age, r.countries, r.country_mode
    FROM scoped t JOIN streams_accessrule r ON r.archive_id = t.archive_id
    UNION ALL
    SELECT r.kind, r.minimum_age, r.countries, r.country_mode
    FROM scoped t JOIN streams_accessrule r ON r.stream_id = t.stream_id AND t.takes_stream
  ), label AS (
    SELECT l.code, l.minimum_age, v.action
    FROM scoped t
      JOIN streams_streamlabel sl ON sl.stream_id = t.stream_id
      JOIN streams_contentlabel l ON l.id = sl.label_id
      LEFT JOIN streams_viewerlabelpreference v
        ON v.label_id = l.id AND v.viewer_id = streams_watch_facts.viewer
  )
  SELECT t.stream_id, t.archive_id, t.performer_id,
    t.performer_id IS NOT DISTINCT FROM streams_watch_facts.viewer,
    t.status, t.visibility, t.is_deleted, t.published_at, p.status,
    (SELECT u.status FROM accounts_user u WHERE u.id = streams_watch_facts.viewer),
    EXISTS (SELECT FROM accounts_restriction x
      WHERE x.user_id = streams_watch_facts.viewer AND x.kind = 'sign_in' AND x.valid @> streams_watch_facts.at_time),
    -- Where the country or the part of it is unknown, whatever is blocked there is blocked.
    EXISTS (SELECT FROM performers_geoblock g
      WHERE g.performer_id = t.performer_id
        AND (streams_watch_facts.country IS NULL OR g.country = streams_watch_facts.country
          AND (g.subdivision IS NULL OR streams_watch_facts.subdivision IS NULL
            OR g.subdivision = streams_watch_facts.subdivision))),
    EXISTS (SELECT FROM demand d
      WHERE d.kind = 'countries' AND (streams_watch_facts.country IS NULL
        OR (streams_watch_facts.country = ANY (d.countries)) <> (d.country_mode = 'allowed'))),
    greatest((SELECT max(l.minimum_age) FROM label l), (SELECT max(d.minimum_age) FROM demand d), 0)::integer,
    coalesce((SELECT max(left(x.age_band, 2)::integer) FROM accounts_ageassurance x
      WHERE x.user_id = streams_watch_facts.viewer AND x.outcome = 'of_age'
        AND x.valid @> streams_watch_facts.at_time), 0),
    coalesce((SELECT array_agg(l.code ORDER BY l.code) FROM label l WHERE l.action = 'hide'), '{}'),
    coalesce((SELECT array_agg(l.code ORDER BY l.code) FROM label l WHERE l.action = 'blur'), '{}'),
    coalesce((SELECT array_agg(d.kind ORDER BY d.kind) FROM demand d
      WHERE d.kind NOT IN ('minimum_age', 'countries')), '{}'),
    EXISTS (SELECT FROM streams_accessgrant g
      WHERE g.user_id = streams_watch_facts.viewer AND g.valid @> streams_watch_facts.at_time
        AND (g.archive_id = t.archive_id OR g.stream_id = t.stream_id AND t.takes_stream))
  FROM scoped t JOIN performers_performerprofile p ON p.id = t.performer_id;
END
"""

# The tables themselves are asked, whatever the projection says, in one statement so that the planner can join them.
ALLOWED = """
      AND EXISTS (SELECT FROM performers_performerprofile p
        WHERE p.id = d.performer_id AND p.status IN ('verified', 'paused'))
      AND (d.kind <> 'stream' OR EXISTS (SELECT FROM streams_stream s
        WHERE s.id = d.id AND s.visibility = 'public' AND s.deleted_at IS NULL
          AND s.status IN ('scheduled', 'starting', 'live', 'interrupted')))
      AND (d.kind <> 'archive' OR EXISTS (SELECT FROM streams_archive a
        WHERE a.id = d.id AND a.visibility = 'public' AND a.deleted_at IS NULL AND a.status = 'approved'
          AND a.published_at <= statement_timestamp()))
      AND (streams_search.kinds IS NULL OR d.kind = ANY (streams_search.kinds))
      AND (streams_search.in_language IS NULL OR d.language = streams_search.in_language)
      AND (streams_search.category_path IS NULL OR CASE d.kind
        WHEN 'performer' THEN EXISTS (SELECT FROM streams_performercategory k
          JOIN streams_category c ON c.id = k.category_id
          WHERE k.performer_id = d.performer_id AND starts_with(c.path, streams_search.category_path))
        ELSE EXISTS (SELECT FROM streams_streamcategory k JOIN streams_category c ON c.id = k.category_id
          WHERE starts_with(c.path, streams_search.category_path) AND k.stream_id = CASE d.kind WHEN 'stream' THEN d.id
            ELSE (SELECT a.stream_id FROM streams_archive a WHERE a.id = d.id) END)
        END)
      AND (streams_search.country IS NULL OR NOT EXISTS (SELECT FROM performers_geoblock g
        WHERE g.performer_id = d.performer_id AND g.country = streams_search.country
          AND (g.subdivision IS NULL OR streams_search.subdivision IS NULL
            OR g.subdivision = streams_search.subdivision)))
"""

SEARCH = f"""
#variable_conflict use_column
DECLARE
  wanted tsquery := streams_search_query(streams_search.words);
  folded text := streams_folded(streams_search.words);
  threshold text := current_setting('pg_trgm.word_similarity_threshold', true);
  found_so_far integer := 0;
BEGIN
  IF coalesce(folded, '') = '' THEN
    RETURN;
  END IF;
  IF wanted IS NOT NULL AND coalesce(streams_search.after_tier, 9) > 1 THEN
    RETURN QUERY
    WITH ranked AS (
      SELECT d.id, d.kind,
        CASE
          WHEN d.folded_name = folded THEN 4
          WHEN starts_with(d.folded_title, folded) THEN 3
          WHEN d.kind = 'performer' AND starts_with(d.folded_name, folded) THEN 3
          ELSE 2
        END::smallint AS tier,
        -- A name that is meant leads to who has it first, and to what she sends then.
        CASE WHEN d.folded_name = folded AND d.kind = 'performer' THEN 2000000 ELSE
          (ts_rank(d.vector, wanted) * 1000000)::integer END AS score,
        EXISTS (SELECT FROM streams_stream s
          WHERE s.id = d.id AND s.status IN ('live', 'interrupted')) AS on_air
      FROM streams_searchdocument d
      WHERE d.vector @@ wanted{ALLOWED}    )
    SELECT r.id, r.kind, r.tier, r.score, r.on_air FROM ranked r
    WHERE streams_search.after_tier IS NULL
      OR ROW(r.tier, r.score, r.on_air, r.id) < ROW(streams_search.after_tier, streams_search.after_score,
        streams_search.after_on_air, streams_search.after_id)
    ORDER BY r.tier DESC, r.score DESC, r.on_air DESC, r.id DESC
    LIMIT streams_search.most;
    GET DIAGNOSTICS found_so_far = ROW_COUNT;
  END IF;
  IF found_so_far >= streams_search.most THEN
    RETURN;
  END IF;
  -- Only now what merely looks like it.
  PERFORM set_config('pg_trgm.word_similarity_threshold', '0.5', true);
  RETURN QUERY
  WITH ranked AS (
    SELECT d.id, d.kind, 1::smallint AS tier,
      (greatest(word_similarity(folded, d.folded_title), word_similarity(folded, d.folded_name)) * 1000000)::integer
        AS score,
      EXISTS (SELECT FROM streams_stream s
        WHERE s.id = d.id AND s.status IN ('live', 'interrupted')) AS on_air
    FROM streams_searchdocument d
    WHERE (folded <% d.folded_title OR folded <% d.folded_name)
      AND (wanted IS NULL OR NOT d.vector @@ wanted)
{ALLOWED}  )
  SELECT r.id, r.kind, r.tier, r.score, r.on_air FROM ranked r
  WHERE coalesce(streams_search.after_tier, 9) > 1
    OR ROW(r.score, r.on_air, r.id)
      < ROW(streams_search.after_score, streams_search.after_on_air, streams_search.after_id)
  ORDER BY r.score DESC, r.on_air DESC, r.id DESC
  LIMIT streams_search.most - found_so_far;
  PERFORM set_config('pg_trgm.word_similarity_threshold', coalesce(threshold, '0.6'), true);
END
"""

# What belongs to these performers, as it should stand in the documents; what should not stand there goes.
SEARCH_REFRESH = """
WITH performer AS (
  SELECT p.* FROM performers_performerprofile p
  WHERE p.id = ANY (streams_search_refresh.performers) AND p.status IN ('verified', 'paused')
), wanted AS (
  SELECT p.id, 'performer' AS kind, p.id AS performer_id, '' AS language, p.headline AS title, p.stage_name,
    p.biography AS description
  FROM performer p
  UNION ALL
  SELECT s.id, 'stream', s.performer_id, s.language, s.title, p.stage_name, s.description
  FROM performer p JOIN streams_stream s ON s.performer_id = p.id
  WHERE s.visibility = 'public' AND s.deleted_at IS NULL
    AND s.status IN ('scheduled', 'starting', 'live', 'interrupted')
  UNION ALL
  SELECT a.id, 'archive', a.performer_id, s.language, a.title, p.stage_name, a.description
  FROM performer p JOIN streams_archive a ON a.performer_id = p.id JOIN streams_stream s ON s.id = a.stream_id
  WHERE a.visibility = 'public' AND a.deleted_at IS NULL AND a.status = 'approved' AND a.published_at IS NOT NULL
), gone AS (
  DELETE FROM streams_searchdocument d
  WHERE d.performer_id = ANY (streams_search_refresh.performers) AND NOT EXISTS (SELECT FROM wanted w WHERE w.id = d.id)
  RETURNING 1
), written AS (
  INSERT INTO streams_searchdocument (id, kind, performer_id, language, title, stage_name, description)
  SELECT w.id, w.kind, w.performer_id, w.language, w.title, w.stage_name, w.description FROM wanted w
  ON CONFLICT (id) DO UPDATE SET language = excluded.language, title = excluded.title,
    stage_name = excluded.stage_name, description = excluded.description
  WHERE ROW(streams_searchdocument.language, streams_searchdocument.title, streams_searchdocument.stage_name,
      streams_searchdocument.description)
    IS DISTINCT FROM ROW(excluded.language, excluded.title, excluded.stage_name, excluded.description)
  RETURNING 1
)
SELECT (SELECT count(*) FROM gone)::integer + (SELECT count(*) FROM written)::integer
"""

LISTINGS_REFRESH = """
#variable_conflict use_column
DECLARE
  taken uuid := uuidv7();
  listed integer;
  forgotten integer;
BEGIN
  INSERT INTO streams_livelistingsnapshot (id, taken_at, stream_count) VALUES (taken, statement_timestamp(), 0);
  INSERT INTO streams_livelisting (snapshot_id, stream_id, performer_id, language, labels, category_paths, tags,
    blocked_regions, only_countries, viewers, viewer_bucket, started_at)
  SELECT taken, s.id, s.performer_id, s.language,
    coalesce((SELECT array_agg(l.code ORDER BY l.code) FROM streams_streamlabel k
      JOIN streams_contentlabel l ON l.id = k.label_id WHERE k.stream_id = s.id), '{}'),
    -- Four signs of a path to each level (streams.models.category.STEP): the category and all above it.
    coalesce((SELECT array_agg(DISTINCT left(c.path, level)) FROM streams_streamcategory k
      JOIN streams_category c ON c.id = k.category_id, generate_series(4, length(c.path), 4) level
      WHERE k.stream_id = s.id), '{}'),
    coalesce((SELECT array_agg(t.name ORDER BY t.name) FROM streams_streamtag k
      JOIN streams_tag t ON t.id = k.tag_id WHERE k.stream_id = s.id), '{}'),
    -- A part of a country that is blocked stands there twice: as itself, and as some part of the country.
    coalesce((SELECT array_agg(DISTINCT region) FROM performers_geoblock g,
        unnest(CASE WHEN g.subdivision IS NULL THEN ARRAY[g.country]
          ELSE ARRAY[g.subdivision, g.country || '-?'] END) region
      WHERE g.performer_id = s.performer_id), '{}')
      || coalesce((SELECT r.countries FROM streams_accessrule r
        WHERE r.stream_id = s.id AND r.country_mode = 'denied'), '{}'),
    (SELECT r.countries FROM streams_accessrule r WHERE r.stream_id = s.id AND r.country_mode = 'allowed'),
    counted.viewers,
    CASE WHEN counted.viewers = 0 THEN 0 ELSE 1 + floor(4 * log(2, counted.viewers)) END,
    s.started_at
  FROM streams_stream s
    JOIN performers_performerprofile p ON p.id = s.performer_id AND p.status IN ('verified', 'paused')
    -- The last minute that was counted, if it is not long ago.
    CROSS JOIN LATERAL (SELECT coalesce((
      SELECT v.viewers FROM streams_viewercountsample v
      WHERE v.stream_id = s.id AND v.id > uuidv7(interval '-10 minutes')
      ORDER BY v.id DESC LIMIT 1), 0) AS viewers) counted
  WHERE s.status = 'live' AND s.visibility = 'public' AND s.deleted_at IS NULL;
  GET DIAGNOSTICS listed = ROW_COUNT;
  UPDATE streams_livelistingsnapshot n SET stream_count = listed WHERE n.id = taken;
  DELETE FROM streams_livelisting l USING streams_livelistingsnapshot n
  WHERE n.id = l.snapshot_id AND n.taken_at < statement_timestamp() - interval '10 minutes';
  DELETE FROM streams_livelistingsnapshot n WHERE n.taken_at < statement_timestamp() - interval '10 minutes';
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN QUERY SELECT taken, listed, forgotten;
END
"""


class Migration(migrations.Migration):
    """What viewers ask without a right to the rows themselves: may I watch, what is found, what is on air."""

    dependencies = [("streams", "0006_broadcasting_functions")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        CreateFunction(
            "streams_watch_facts",
            "stream uuid, archive uuid, viewer uuid, country text, subdivision text, at_time timestamptz",
            "TABLE (stream_id uuid, archive_id uuid, performer_id uuid, is_own boolean, status text, visibility text, "
            "is_deleted boolean, published_at timestamptz, performer_status text, viewer_status text, "
            "viewer_is_barred boolean, is_blocked_here boolean, country_is_refused boolean, minimum_age integer, "
            "viewer_age integer, hidden_labels text[], blurred_labels text[], audiences text[], is_granted boolean)",
            WATCH_FACTS,
            definer=True,
            volatility="stable",
            comment=(
                "What decides whether somebody may watch a stream or an archive; no row when there is none. The public "
                "site asks about whoever is signed in alone."
            ),
        ),
        CreateFunction(
            "streams_search",
            "words text, kinds text[], in_language text, category_path text, country text, subdivision text, "
            "after_tier smallint, after_score integer, after_on_air boolean, after_id uuid, most integer",
            "TABLE (id uuid, kind text, tier smallint, score integer, on_air boolean)",
            SEARCH,
            definer=True,
            volatility="volatile",
            comment="What is found by these words, the best first, after the place that is named; public things alone.",
        ),
        CreateFunction(
            "streams_search_refresh",
            "performers uuid[]",
            "integer",
            SEARCH_REFRESH,
            language="sql",
            definer=True,
            comment="Makes the search documents of these performers whole again; says how many changed.",
        ),
        CreateFunction(
            "streams_listings_refresh",
            "",
            "TABLE (snapshot uuid, listed integer, forgotten integer)",
            LISTINGS_REFRESH,
            definer=True,
            comment="Makes a new snapshot of the directory and forgets those older than 10 minutes. For workers.",
        ),
    ]
