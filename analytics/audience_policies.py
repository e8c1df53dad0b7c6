"""Who reads figures of the audience: whoever plans and answers for the platform, and the performer whose they are."""

from core.db.roles import Role

AUDIENCE_READERS = (
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.ANALYST,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)
"""Staff who read breakdowns and cohorts: sums without people."""
