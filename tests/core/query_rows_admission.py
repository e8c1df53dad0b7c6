"""Performers in a number at which the planner chooses as it would in earnest; person 42 is one of them."""

PEOPLE = (
    "SELECT u.id, right(u.handle, 5)::integer AS n FROM accounts_user u WHERE u.handle ~ '^viewer_[0-9]{5}$'"
)
"""The people of `query_data`, with their numbers."""

PERFORMERS = 8_000
ADMITTED = 5_800
_DEFINITION = "('018bcfe6-0000-7000-9000-00000000000' || n)::uuid"
_NUMBER = "lpad(n::text, 5, '0')"


def _among(most: int, columns: str) -> str:
    """SQL that selects columns over the first people, of `id` and `n`."""
    return f"SELECT {columns} FROM ({PEOPLE}) p WHERE n <= {most}"


STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO performers_performerprofile
          (id, user_id, stage_name, slug, headline, biography, pronouns, displayed_location, status)
        {_among(PERFORMERS, f"id, id, 'Performer ' || {_NUMBER}, 'performer-' || {_NUMBER}, '', '', '', '', 'draft'")}""",
    f"""UPDATE performers_performerprofile SET status = 'submitted', submitted_at = now() - interval '1 day'
        WHERE id IN ({_among(6000, "id")})""",
    f"""UPDATE performers_performerprofile SET status = 'verified', verified_at = now()
        WHERE id IN ({_among(ADMITTED, "id")})""",
    f"""UPDATE performers_performerprofile SET renewal_submitted_at = now()
        WHERE id IN ({_among(ADMITTED, "id")} AND n > 5600)""",
    "ANALYZE performers_performerprofile",
    # A declaration and an examination each; the document of every fiftieth runs out within a month.
    f"""INSERT INTO performers_identityrecord (performer_id, legal_name, birth_date)
        {_among(6000, "id, 'x', 'x'")}""",
    """INSERT INTO performers_identitydocument
          (record_id, performer_id, kind, storage_reference, sha256, issuing_country, expires_on)
        SELECT r.id, r.performer_id, 'passport', 'x', sha256(uuid_send(r.id)), 'DE',
          CURRENT_DATE + CASE WHEN row_number() OVER (ORDER BY r.id) % 50 = 0 THEN 9 ELSE 900 END
        FROM performers_identityrecord r""",
    # The trigger looks at both for every examination.
    "ANALYZE performers_identityrecord, performers_identitydocument",
    f"""INSERT INTO performers_identityrecord
          (performer_id, declaration_id, legal_name, birth_date, verdict, adult_at_examination, examined_by_id,
           examined_at)
        SELECT r.performer_id, r.id, 'x', 'x', 'accepted', true,
          (SELECT id FROM accounts_user WHERE handle = 'viewer_20000'), now()
        FROM performers_identityrecord r WHERE r.performer_id IN ({_among(ADMITTED, "id")})""",
    f"""INSERT INTO performers_performerresidence (performer_id, country, valid)
        {_among(PERFORMERS, "id, 'DE', tstzrange(now() - interval '1 year', NULL)")}""",
    f"""INSERT INTO performers_performerlanguage (performer_id, language, level)
        SELECT p.id, language, 'fluent'
        FROM ({_among(PERFORMERS, "id, n")}) p,
          unnest(ARRAY['en', CASE WHEN p.n % 40 = 0 THEN 'haw' ELSE 'de' END]) language""",
    f"""INSERT INTO performers_attributedefinition (id, code, label, kind, unit, choices, special_category)
        SELECT {_DEFINITION}, 'attribute_' || n, 'Attribute', 'number', '', '{{}}', false
        FROM generate_series(1, 9) n""",
    f"""INSERT INTO performers_performerattribute (performer_id, definition_id, number, visibility)
        SELECT p.id, {_DEFINITION}, 7, CASE WHEN p.number % 3 = 0 THEN 'private' ELSE 'public' END
        FROM ({_among(3000, "id, n AS number")}) p, generate_series(1, 9) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE performers_performerprofile, performers_identityrecord, performers_performerresidence, "
    "performers_performerlanguage, performers_performerattribute, performers_performeralias",
)
