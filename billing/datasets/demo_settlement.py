"""What the simulator and the bank settled in the demo, a report that does not foot, and work for compliance."""

import datetime as dt

from accounts.models import User
from billing.models import KycCase, ProviderAccount, SanctionsScreening, SettlementFile
from billing.providers.simulator_files import bank_statement, days_of, settlement_report
from billing.reconciliation_choices import KycCause, SanctionsList, SettlementFileKind
from billing.services.kyc_cases import kyc_case_open
from billing.services.sanctions_screenings import sanctions_screening_record
from billing.services.settlement_files import settlement_file_take
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile

CURRENCIES = ("EUR", "GBP")
SCREENED = 8
VERSION = "2026-11-01"
DAY = dt.timedelta(days=1)


def demo_settlement_load() -> str:
    """One report and one statement for each currency; run again, it changes nothing."""
    with acting(Role.WORKER):
        if SettlementFile.objects.exists():
            return "there before"
        account = ProviderAccount.objects.filter(code="simulator").first()
    if account is None:
        return "no provider to settle with"
    files = [file for currency in CURRENCIES for file in _files(account, currency)]
    screened = _screen()
    lines, matched = sum(file.line_count for file in files), sum(file.matched_count for file in files)
    return f"{len(files)} files with {lines} lines, {matched} matched at once, {screened} people screened"


def _files(account: ProviderAccount, currency: str) -> list[SettlementFile]:
    days = list(days_of(account, currency))
    if not days:
        return []
    since, until = days[0], days[-1] + DAY
    report = settlement_report(account, currency, since=since, until=until)
    bodies = [
        (SettlementFileKind.PROVIDER_CSV, report, f"settlement-{currency}-{since}.csv"),
        (
            SettlementFileKind.BANK_CAMT053,
            bank_statement(account, currency, since=since, until=until),
            f"statement-{currency}-{since}.xml",
        ),
    ]
    if currency == CURRENCIES[0]:
        bodies.append((SettlementFileKind.PROVIDER_CSV, _without_a_line(report), "settlement-cut.csv"))
    return [
        settlement_file_take(provider_account_id=account.pk, kind=kind, body=body, name=name, actor=None)
        for kind, body, name in bodies
    ]


def _without_a_line(report: bytes) -> bytes:
    """The report as it comes when a line is lost on the way: it does not foot."""
    lines = report.splitlines(keepends=True)
    return b"".join([*lines[:2], *lines[3:]])


def _screen() -> int:
    """Screenings of a few performers, one of which found a name, and the case that follows."""
    with acting(Role.ADMINISTRATOR):
        officer = User.objects.filter(handle="demo_compliance").first()
    if officer is None:
        return 0
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        if SanctionsScreening.objects.exists() or KycCase.objects.exists():
            return 0
        performers = list(
            PerformerProfile.objects.exclude(pk=officer.pk)
            .order_by("pk")
            .values_list("pk", flat=True)[:SCREENED]
        )
    for number, performer_id in enumerate(performers):
        screening = sanctions_screening_record(
            user_id=performer_id,
            sanctions_list=SanctionsList.EU,
            list_version=VERSION,
            hit="A name that sounds alike; born in another decade." if number == 0 else "",
            actor=officer,
        )
        if number == 0:
            kyc_case_open(
                user_id=performer_id,
                cause=KycCause.SCREENING,
                screening_id=screening.pk,
                reason="A list of sanctions has a similar name.",
                actor=officer,
            )
    return len(performers)
