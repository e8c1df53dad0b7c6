"""What the law says of each kind of filing: to whom, by when, and what has to be kept with it.

Where a statute says "promptly" or "as soon as reasonably possible", the hours are the house's own and stand here, in
one place. The database computes with them: `audit.filing_triggers.SetsDeadline`. Proposals for counsel.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audit.choices import HoldAuthority
from audit.filing_choices import FilingKind


@dataclass(frozen=True)
class FilingRule:
    """One kind of filing.

    `within`: from when the house became aware; None: the last day of January after the reporting year. `is_ceiling`:
    whether an earlier date alone may be given instead; an order of an authority carries a date of its own. `about`:
    whether it has to name a person or a case. `preserve`: how long what it is about is kept, None: not by itself.
    """

    basis: str
    deadline: str
    authority: str
    authority_kind: HoldAuthority
    within: timedelta | None
    is_ceiling: bool = True
    about: bool = False
    preserve: timedelta | None = None
    preserve_basis: str = ""


FILING_RULES: dict[FilingKind, FilingRule] = {
    FilingKind.CHILD_SAFETY: FilingRule(
        basis="18 U.S.C. 2258A(a)",
        deadline="as soon as reasonably possible; the house's 24 hours",
        authority="NCMEC CyberTipline",
        authority_kind=HoldAuthority.POLICE,
        within=timedelta(hours=24),
        about=True,
        preserve=timedelta(days=365),
        preserve_basis="18 U.S.C. 2258A(h)(1): one year after the report",
    ),
    FilingKind.SUSPECTED_OFFENCE: FilingRule(
        basis="Regulation (EU) 2022/2065, art. 18",
        deadline="promptly; the house's 24 hours",
        authority="",
        authority_kind=HoldAuthority.POLICE,
        within=timedelta(hours=24),
        about=True,
    ),
    FilingKind.DATA_BREACH: FilingRule(
        basis="Regulation (EU) 2016/679, art. 33",
        deadline="72 hours after becoming aware",
        authority="",
        authority_kind=HoldAuthority.REGULATOR,
        within=timedelta(hours=72),
    ),
    FilingKind.SUSPICIOUS_TRANSACTION: FilingRule(
        basis="31 CFR 1022.320",
        deadline="30 days after it was detected",
        authority="FinCEN",
        authority_kind=HoldAuthority.REGULATOR,
        within=timedelta(days=30),
        about=True,
    ),
    FilingKind.TAX_REPORT: FilingRule(
        basis="Directive 2011/16/EU, annex V, section III (DAC7)",
        deadline="31 January after the reporting year",
        authority="",
        authority_kind=HoldAuthority.REGULATOR,
        within=None,
    ),
    FilingKind.AUTHORITY_ORDER: FilingRule(
        basis="Regulation (EU) 2022/2065, art. 9 and 10",
        deadline="as the order says; without one, the house's 24 hours",
        authority="",
        authority_kind=HoldAuthority.REGULATOR,
        within=timedelta(hours=24),
        is_ceiling=False,
    ),
}


def statutory_due(kind: FilingKind | str, aware_at: datetime, reporting_year: int | None = None) -> datetime:
    """By when a filing is due (UTC), as the trigger computes it. Raises ValueError for a tax report without a year."""
    within = FILING_RULES[FilingKind(kind)].within
    if within is not None:
        return aware_at + within
    if reporting_year is None:
        raise ValueError("A tax report is due after its reporting year; none was given.")
    return datetime(reporting_year + 1, 2, 1, tzinfo=UTC)
