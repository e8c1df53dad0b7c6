"""Who may do what to figures: the one declaration behind GRANTs and Django permissions."""

from analytics.audience_access import AUDIENCE_ACCESS, AUDIENCE_FUNCTIONS
from analytics.figure_access import FIGURE_ACCESS, FIGURE_FUNCTIONS
from analytics.playback_access import PLAYBACK_ACCESS, PLAYBACK_FUNCTIONS
from analytics.revenue_access import REVENUE_ACCESS, REVENUE_FUNCTIONS
from analytics.rollup_access import ROLLUP_ACCESS, ROLLUP_FUNCTIONS
from core.db.access import AccessDeclaration, FunctionDeclaration

ACCESS: AccessDeclaration = {
    **ROLLUP_ACCESS,
    **PLAYBACK_ACCESS,
    **FIGURE_ACCESS,
    **REVENUE_ACCESS,
    **AUDIENCE_ACCESS,
}

FUNCTIONS: FunctionDeclaration = {
    **ROLLUP_FUNCTIONS,
    **PLAYBACK_FUNCTIONS,
    **FIGURE_FUNCTIONS,
    **REVENUE_FUNCTIONS,
    **AUDIENCE_FUNCTIONS,
}
