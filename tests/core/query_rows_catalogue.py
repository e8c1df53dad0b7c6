"""Rows of the catalogue for the planner: a tree of 4,210 categories, 20,000 tags, 12,000 streams with links."""

_PERFORMERS = "accounts_user WHERE handle BETWEEN 'viewer_15001' AND 'viewer_18000'"

STATEMENTS: tuple[str, ...] = (
    # The tree is complete when all of it is written.
    "SET CONSTRAINTS ALL DEFERRED",
    f"""INSERT INTO performers_performerprofile
          (id, user_id, stage_name, slug, headline, biography, pronouns, displayed_location, status)
        SELECT id, id, 'Catalogue ' || handle, 'catalogue-' || replace(handle, '_', '-'), '', '', '', '', 'draft'
        FROM {_PERFORMERS} ON CONFLICT DO NOTHING""",
    """INSERT INTO streams_category (name, slug, path, depth, numchild, is_listed)
        SELECT 'Field ' || p, 'field-' || p, p, 1, 20, true
        FROM (SELECT lpad((7000 + a)::text, 4, '0') p FROM generate_series(1, 10) a)""",
    """INSERT INTO streams_category (name, slug, path, depth, numchild, is_listed)
        SELECT 'Field ' || c.path || p, 'field-' || c.path || p, c.path || p, 2, 20, true
        FROM streams_category c, (SELECT lpad(a::text, 4, '0') p FROM generate_series(1, 20) a)
        WHERE c.slug LIKE 'field-%' AND c.depth = 1""",
    """INSERT INTO streams_category (name, slug, path, depth, numchild, is_listed)
        SELECT 'Field ' || c.path || p, 'field-' || c.path || p, c.path || p, 3, 0, true
        FROM streams_category c, (SELECT lpad(a::text, 4, '0') p FROM generate_series(1, 20) a)
        WHERE c.slug LIKE 'field-%' AND c.depth = 2""",
    "ANALYZE streams_category",
    """INSERT INTO streams_tag (name, is_usable, is_listable, reviewed_at, reviewed_by_id)
        SELECT 'word-' || lpad(n::text, 5, '0'), true, n > 100,
          CASE WHEN n > 100 THEN now() END, CASE WHEN n > 100 THEN u.id END
        FROM generate_series(1, 20000) n, (SELECT id FROM accounts_user WHERE handle = 'viewer_19999') u""",
    "ANALYZE streams_tag",
    f"""INSERT INTO streams_stream (performer_id, title, description, language, visibility, status)
        SELECT id, 'Catalogue show ' || n, '', 'en', 'public', 'scheduled'
        FROM (SELECT id FROM {_PERFORMERS}) p, generate_series(1, 4) n""",
    "ANALYZE streams_stream",
    """INSERT INTO streams_streamtag (stream_id, performer_id, tag_id, is_public)
        SELECT s.id, s.performer_id, t.id, true
        FROM (SELECT id, performer_id, row_number() OVER (ORDER BY id) n FROM streams_stream
              WHERE title LIKE 'Catalogue show %') s
        JOIN streams_tag t
          ON t.name = 'word-' || lpad((CASE WHEN s.n % 40 = 0 THEN 742 ELSE 1000 + s.n END)::text, 5, '0')""",
    """INSERT INTO streams_streamcategory (stream_id, performer_id, category_id, is_primary, is_public)
        SELECT s.id, s.performer_id, c.id, true, true
        FROM (SELECT id, performer_id, row_number() OVER (ORDER BY id) n FROM streams_stream
              WHERE title LIKE 'Catalogue show %') s
        JOIN (SELECT id, row_number() OVER (ORDER BY path) n FROM streams_category WHERE slug LIKE 'field-%') c
          ON c.n = s.n % 2000 + 1""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE streams_streamtag, streams_streamcategory, streams_category, streams_tag, streams_stream",
)
