"""Pages of insight in a real browser: readable in both themes, whole at 1280 pixels, usable from the keyboard."""

import csv
import secrets
from collections.abc import Iterator

import psycopg
import pytest

from core.db.roles import Role
from tests.site.conftest import Site
from tests.site.test_a_day import sign_in

# One server serves every test of this kind.
pytestmark = pytest.mark.xdist_group("site")

HANDLE = "figures_reader"
ROWS = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE performers_performerprofile DISABLE TRIGGER USER;
INSERT INTO performers_performerprofile (id, user_id, stage_name, slug, headline, biography, pronouns,
  displayed_location, status, submitted_at, verified_at)
SELECT id, id, 'Night owl', 'night-owl', '', '', '', '', 'verified', now() - interval '2 years',
  now() - interval '1 year'
FROM accounts_user WHERE handle = 'engb_5';
ALTER TABLE performers_performerprofile ENABLE TRIGGER USER;

ALTER TABLE streams_stream DISABLE TRIGGER USER;
INSERT INTO streams_stream (performer_id, title, description, language, visibility, status, started_at, ended_at,
  end_reason)
SELECT id, 'Through the night', '', 'en', 'unlisted', 'ended', now() - interval '20 hours', now() - interval '4 hours',
  'performer'
FROM performers_performerprofile WHERE slug = 'night-owl';
ALTER TABLE streams_stream ENABLE TRIGGER USER;

INSERT INTO analytics_streamperformance (stream_id, performer_id, started_at, ended_at, minutes_on_air, unique_viewers,
  peak_viewers, peak_at, viewer_minutes, watch_seconds, sessions, stalled_seconds, errors, chat_messages, new_followers,
  tips, tip_tokens, tokens_spent, tokens_reversed)
SELECT id, performer_id, started_at, ended_at, 960, 4200, 1900, started_at, 900000, 54000000, 5000, 90000, 12, 8000, 55,
  300, 7500, 9000, 100
FROM streams_stream WHERE title = 'Through the night';
INSERT INTO analytics_streamminute (stream_id, performer_id, minute, concurrent, joins, leaves, chat_messages, tips,
  tip_tokens)
SELECT id, performer_id, date_trunc('minute', started_at) + make_interval(mins => n),
  1000 + (900 * sin(n / 90.0))::int, 5, 5, 8 + (7 * sin(n / 30.0))::int, (n % 7 = 0)::int, (n % 7 = 0)::int * 25
FROM streams_stream, generate_series(0, 959) n WHERE title = 'Through the night';
"""
DAYS = """
INSERT INTO analytics_{table} ({key}day, streams, minutes_on_air, unique_viewers, peak_viewers, peak_at, viewer_minutes,
  watch_seconds, sessions, stalled_seconds, errors, chat_messages, tips, tip_tokens, tokens_spent, tokens_reversed,
  new_followers, lost_followers, {last})
SELECT {value}d::date, 1, 300 + n % 60, 900 + n, 400 + (100 * sin(n / 5.0))::int, d + interval '21 hours',
  60000 + 90 * n, 3600000 + 9000 * n, 1200, 40000, 3, 2000 + (900 * sin(n / 3.0))::int, 40, 900, 1500 + 10 * n,
  20 * (n % 3), 12, 4,
  {count}
FROM generate_series(0, 420) n
CROSS JOIN LATERAL (SELECT date_trunc('day', now(), 'UTC') - make_interval(days => n)) AS begun (d) {source};
"""
CONTRAST = """
least => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => channels(text).slice(0, 3)
    .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const card = getComputedStyle(document.querySelector('.figure')).backgroundColor;
  const texts = [...document.querySelectorAll('.figure svg text')].map(text => getComputedStyle(text).fill);
  const drawn = [...document.querySelectorAll('.figure svg .series .line, .figure svg .series .rect')]
    .map(line => getComputedStyle(line)).map(style => style.stroke === 'none' ? style.fill : style.stroke);
  return [texts.length, drawn.length, Math.min(...texts.map(text => ratio(text, card))),
    Math.min(...drawn.map(line => ratio(line, card)))];
}
"""
OVERHANG = "[...document.querySelectorAll('.figure .picture')].map(box => box.scrollWidth - box.clientWidth)"


@pytest.fixture(scope="module")
def figures(site: Site) -> Site:
    """An analyst, and more than a year of figures of one performer and of the platform."""
    from tests.site.staff import add_staff

    site.staff[HANDLE] = secrets.token_urlsafe(16)
    add_staff(site, HANDLE, site.staff[HANDLE], Role.ANALYST)
    platform = DAYS.format(table="platformday", key="", value="", last="performers", count="1", source="")
    performer = DAYS.format(
        table="performerday",
        key="performer_id, ",
        value="p.id, ",
        last="followers",
        count="5000 - 8 * n",
        source="CROSS JOIN performers_performerprofile p WHERE p.slug = 'night-owl'",
    )
    with psycopg.connect(site.owner_url) as connection:
        connection.execute(ROWS)
        connection.execute(platform)  # type: ignore[arg-type]
        connection.execute(performer)  # type: ignore[arg-type]
    return site


@pytest.fixture
def strict(page) -> Iterator:
    """The page; a violation of the content security policy fails the test."""
    violations: list[str] = []
    page.on(
        "console",
        lambda message: violations.append(message.text) if "Content Security" in message.text else None,
    )
    yield page
    assert violations == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_whole_and_readable(strict, figures: Site, scheme: str) -> None:
    page = strict
    page.emulate_media(color_scheme=scheme)
    sign_in(page, figures, HANDLE)
    assert page.get_by_role("heading", name="Yesterday").is_visible()
    page.get_by_role("link", name="Figures of the platform").click()
    for heading in ("Platform", "Figures of Night owl", "Figures of Through the night"):
        page.get_by_role("heading", name=heading, exact=True).wait_for()
        assert page.get_by_role("img").count() >= 3
        texts, drawn, of_text, of_series = page.evaluate(CONTRAST)
        assert texts > 20 and drawn > 2
        assert of_text >= 4.5, (heading, of_text)
        assert of_series >= 3, (heading, of_series)
        assert set(page.evaluate(OVERHANG)) == {0}
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        following = {"Platform": "Night owl", "Figures of Night owl": "Through the night"}.get(heading)
        if following:
            page.get_by_role("link", name=following, exact=True).first.click()


def test_a_range_is_chosen_and_a_table_opened_from_the_keyboard(strict, figures: Site) -> None:
    page = strict
    sign_in(page, figures, HANDLE)
    page.goto("/insights/platform/")
    page.get_by_role("link", name="Last 7 days").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Last 7 days").and_(page.locator("[aria-current]")).wait_for()
    table = page.get_by_role("region", name="Viewers as a table")
    assert not table.is_visible()
    page.locator("#viewers-title ~ details summary").focus()
    page.keyboard.press("Enter")
    table.wait_for()
    assert table.get_by_role("row").count() == 8
    page.get_by_label("Until").focus()
    page.keyboard.press("Control+a")
    page.get_by_label("From").fill("2010-01-01")
    page.get_by_label("From").press("Enter")
    page.get_by_role("alert").filter(has_text="Choose at most 400").wait_for()
    assert page.get_by_role("img").count() == 0


def test_a_figure_is_saved_as_a_file(strict, figures: Site) -> None:
    page = strict
    sign_in(page, figures, HANDLE)
    page.goto("/insights/platform/")
    with page.expect_download() as saved:
        page.locator("[aria-labelledby=viewers-title] .part-export button").click()
    with open(saved.value.path(), newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 29 and rows[0][:2] == ["Day (UTC)", "Most at once"]
    assert figures.owner("SELECT count(*) FROM vbl.audit_event WHERE action = 'insight_exported'") == [(1,)]
