"""Nothing is cut off at 1280 pixels: the lists with the most columns, and the curve of viewers."""

import secrets

import psycopg
import pytest

from core.db.roles import Role
from tests.site.conftest import Site
from tests.site.test_a_day import sign_in

# One server serves every test of this kind.
pytestmark = pytest.mark.xdist_group("site")

ROWS = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE performers_performerprofile DISABLE TRIGGER USER;
INSERT INTO performers_performerprofile (id, user_id, stage_name, slug, headline, biography, pronouns,
  displayed_location, status, submitted_at, renewal_submitted_at, verified_at)
SELECT id, id, 'Marathon broadcaster ' || row_number() OVER (ORDER BY id), replace(handle, '_', '-'), '', '', '', '',
  CASE WHEN row_number() OVER (ORDER BY id) > 3 THEN 'verified' ELSE 'submitted' END, now() - interval '3 days',
  CASE WHEN row_number() OVER (ORDER BY id) > 3 THEN now() - interval '1 day' END, now() - interval '1 year'
FROM accounts_user WHERE handle LIKE 'engb_%' ORDER BY id LIMIT 5;
ALTER TABLE performers_performerprofile ENABLE TRIGGER USER;

ALTER TABLE performers_identityrecord DISABLE TRIGGER USER;
INSERT INTO performers_identityrecord (id, performer_id, legal_name, birth_date)
SELECT uuidv7(interval '-1 hour'), id, 'x', 'x' FROM performers_performerprofile;
INSERT INTO performers_identityrecord (performer_id, declaration_id, legal_name, birth_date, verdict,
  adult_at_examination, examined_by_id, examined_at, documents_until)
SELECT r.performer_id, r.id, 'x', 'x', 'accepted', true, (SELECT id FROM accounts_user WHERE handle = 'first_admin'),
  now(), now() + interval '20 days'
FROM performers_identityrecord r;
ALTER TABLE performers_identityrecord ENABLE TRIGGER USER;

ALTER TABLE streams_stream DISABLE TRIGGER USER;
INSERT INTO streams_stream (performer_id, title, description, language, visibility, status, started_at, lease,
  last_heartbeat_at)
SELECT id, 'Thirty-six hours awake, the second night', '', 'en', 'unlisted', 'interrupted',
  now() - interval '90 minutes', uuidv7(), now() - interval '95 seconds'
FROM performers_performerprofile;
ALTER TABLE streams_stream ENABLE TRIGGER USER;

ALTER TABLE streams_viewercountsample DISABLE TRIGGER USER;
INSERT INTO streams_viewercountsample (id, stream_id, performer_id, viewers)
SELECT uuidv7(make_interval(mins => -minute)), s.id, s.performer_id, 12000 + minute
FROM streams_stream s, generate_series(1, 85) minute;
ALTER TABLE streams_viewercountsample ENABLE TRIGGER USER;
"""
OVERHANG = """
selector => [...document.querySelectorAll(selector)]
  .map(box => box.scrollWidth - box.clientWidth)
"""
BEYOND_THE_PICTURE = """
() => { const picture = document.querySelector('.panel svg').getBoundingClientRect();
  return [...document.querySelectorAll('.panel svg text')].map(text => text.getBoundingClientRect())
    .filter(box => box.width && (box.right > picture.right || box.left < picture.left)).length }
"""


@pytest.fixture(scope="module")
def colleagues(site: Site) -> Site:
    """One who examines and one who watches over streams, and rows in all columns of the lists that they open."""
    from tests.site.staff import add_staff

    for handle, role in (("examiner", Role.COMPLIANCE), ("watcher", Role.MODERATOR)):
        site.staff[handle] = secrets.token_urlsafe(16)
        add_staff(site, handle, site.staff[handle], role)
    with psycopg.connect(site.owner_url) as connection:
        connection.execute(ROWS)
    return site


@pytest.mark.parametrize(
    ("handle", "address", "last_column"),
    [
        ("examiner", "/performers/performerprofile/", "Documents until (UTC)"),
        ("examiner", "/performers/performerprofile/?waiting=applications", "Documents until (UTC)"),
        ("watcher", "/streams/stream/", "Language"),
    ],
)
def test_lists_are_whole_at_1280_pixels(
    page, colleagues: Site, handle: str, address: str, last_column: str
) -> None:
    sign_in(page, colleagues, handle)
    page.goto(address)
    assert page.get_by_role("columnheader").last.inner_text().strip() == last_column
    assert page.locator("#result_list tbody tr").count() >= 3
    assert page.evaluate(OVERHANG, "#changelist .results") == [0]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_the_curve_of_viewers_is_whole(page, colleagues: Site) -> None:
    sign_in(page, colleagues, "watcher")
    page.goto("/streams/stream/")
    page.locator("#result_list tbody th a").first.click()
    page.locator(".panel svg").wait_for()
    assert page.locator(".panel svg text").count() > 5
    assert page.evaluate(BEYOND_THE_PICTURE) == 0
