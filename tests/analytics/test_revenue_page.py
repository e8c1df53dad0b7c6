"""The page of revenue: who sees it, what it says of the ledger, how often it asks, and what leaves it."""

import csv
import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.admin.revenue import PlatformRevenue
from analytics.selectors.revenue import (
    revenue_by_country,
    revenue_by_day,
    revenue_by_kind,
    revenue_by_performer,
    revenue_by_unit,
    revenue_of_performer,
    revenue_proof,
)
from audit.models import Event
from core.db.context import acting
from core.db.roles import Role
from tests.analytics.revenue_data import compute, today
from tests.billing.factories_wallets import bought, performer, tip
from tests.billing.paying import paid
from tests.browser import Browser
from tests.sql import run

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
STAFF = (Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.ADMINISTRATOR, Role.ANALYST)
SOURCES = re.compile(
    r"billing_(posting|journalentry|tokenspend|payment|order|revenuesplit)|engagement_chatmessage"
)


def address(**asked: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return reverse("admin:insight_revenue") + (f"?{query}" if query else "")


def prove() -> None:
    with acting(Role.WORKER):
        run("SELECT analytics_revenue_check(%s, %s)", [today(), today() + dt.timedelta(days=1)])


def sold() -> str:
    """A pack, and a tip out of another one; who got it."""
    to = performer()
    tip(bought(100, cost=1_000), to, 10)
    paid()
    compute()
    return str(to.pk)


@pytest.mark.parametrize("role", STAFF)
def test_staff_of_money_see_sales_and_the_proof(staff_client: StaffClient, role: Role) -> None:
    pk = sold()
    prove()
    page = staff_client(role).get(address(unit="EUR")).content.decode()
    assert "All 1 days agree with the ledger to the minor unit." in page
    assert "39.99" in page  # 29.99 of the pack, and 10.00 of the lots of a test without tax
    assert 'role="img"' in page and "Sales day by day" in page and "Packs of tokens" in page
    assert (pk in page) == (role != Role.ANALYST)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE])
def test_others_do_not(staff_client: StaffClient, role: Role) -> None:
    assert staff_client(role).get(address()).status_code == 403


def test_without_a_unit_it_is_the_currency_of_most_sales(staff_client: StaffClient) -> None:
    sold()
    tip(bought(1_000, cost=100, currency="USD"), performer(), 900)
    compute()
    finance = staff_client(Role.FINANCE)
    assert "Sales, EUR" in finance.get(address()).content.decode()
    tokens = finance.get(address(unit="TOKEN")).content.decode()
    assert "Sales, TOKEN" in tokens and "910" in tokens


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"unit": "XYZ"}, "There is no currency with the code"),
        ({"unit": "eur"}, "Write a currency as EUR"),
        ({"unit": "A%27--"}, "Write a currency as EUR"),
        ({"since": "2015-01-01", "until": "2024-12-31"}, "Choose at most 400"),
        ({"since": "2024-03-02", "until": "2024-03-01"}, "The end lies before the beginning."),
        ({"since": "2024-03-01", "until": "2024-03-02", "zone": "Europe/Berlin"}, "by days of UTC"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    staff_client: StaffClient, asked: dict[str, str], words: str
) -> None:
    assert words in staff_client(Role.FINANCE).get(address(**asked)).content.decode()


def test_days_that_differ_stand_on_the_page(staff_client: StaffClient) -> None:
    sold()
    run("UPDATE analytics_revenueday SET gross = gross + 1, tax = tax + 1 WHERE kind = 'token_pack'")
    prove()
    page = staff_client(Role.AUDITOR).get(address(unit="EUR")).content.decode()
    assert "The figures are NOT those of the ledger" in page
    part = page[page.index("Figures beside the ledger") :]
    assert str(today()) in part and "0.01" in part and "Sales" in part and "Tax" in part


def test_days_that_were_not_compared_yet_say_so(staff_client: StaffClient) -> None:
    finance = staff_client(Role.FINANCE)
    assert "No day of this range was computed yet." in finance.get(address()).content.decode()
    sold()
    assert "None of these days was compared" in finance.get(address()).content.decode()


def test_sales_before_stand_beside(staff_client: StaffClient) -> None:
    sold()
    run("UPDATE analytics_revenueday SET day = day - 1 WHERE kind <> 'token_pack'")
    page = staff_client(Role.FINANCE).get(address(since=today(), until=today(), unit="EUR", compare="on"))
    assert "Sales before" in page.content.decode()
    tile = next(tile for tile in page.context["insight"].tiles if tile.words == "Sales, EUR")
    assert (tile.shown, tile.show(tile.before)) == ("29.99", "10.00")


def test_what_is_saved_is_exact_and_on_record(staff_client: StaffClient) -> None:
    sold()
    finance = staff_client(Role.FINANCE)
    days = {"since": f"{today()}", "until": f"{today()}", "unit": "EUR"}
    saved = finance.send(address(), {**days, "part": "kinds"})
    lines = list(csv.reader(saved.content.decode().splitlines()))
    by_kind = {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[1:]}
    assert by_kind["Packs of tokens"]["Sales"] == "29.99"
    assert by_kind["Packs of tokens"]["Tax"] == "4.79"
    sales = list(csv.reader(finance.send(address(), {**days, "part": "sales"}).content.decode().splitlines()))
    assert sales[1][:2] == [f"{today()}", "39.99"]
    exported = Event.objects.filter(action="insight_exported").latest("pk")
    assert exported.detail["page"] == PlatformRevenue.name and exported.detail["part"] == "sales"
    assert staff_client(Role.ANALYST).send(address(), {**days, "part": "performers"}).status_code == 403


@pytest.mark.parametrize("count", [1, 20])
def test_one_performer_or_twenty_cost_the_same_number_of_queries(
    staff_client: StaffClient, count: int
) -> None:
    for _ in range(count):
        tip(bought(100, cost=1_000), performer(), 10)
    compute()
    finance = staff_client(Role.FINANCE)
    finance.get(address(unit="TOKEN"))
    with CaptureQueriesContext(connection) as asked:
        page = finance.get(address(unit="TOKEN"))
    assert page.status_code == 200
    assert len([query for query in asked if "analytics_revenue" in query["sql"]]) == 9


def test_selectors_read_figures_alone() -> None:
    pk = sold()
    days = {"since": today(), "until": today()}
    with CaptureQueriesContext(connection) as asked:
        revenue_by_unit(**days)
        revenue_by_day(**days, currency="EUR")
        revenue_by_kind(**days, currency="EUR")
        revenue_by_country(**days, currency="EUR")
        revenue_by_performer(**days, currency="TOKEN")
        revenue_proof(**days)
        of_one = revenue_of_performer(performer_id=pk, **days)  # type: ignore[arg-type]
    assert {code: sums["gross"] for (_, code), sums in of_one.items()} == {"EUR": 0, "TOKEN": 10}
    assert len(asked) == 8
    for query in asked:
        plan = "\n".join(line for (line,) in run(f"EXPLAIN {query['sql']}"))
        assert not SOURCES.search(plan), plan
