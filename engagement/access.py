"""Who may do what to the tables of engagement: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration
from engagement.notification_access import NOTIFICATION_ACCESS, NOTIFICATION_FUNCTIONS
from engagement.tie_access import TIE_ACCESS, TIE_FUNCTIONS

ACCESS: AccessDeclaration = {
    **TIE_ACCESS,
    **NOTIFICATION_ACCESS,
}

FUNCTIONS: FunctionDeclaration = {
    **TIE_FUNCTIONS,
    **NOTIFICATION_FUNCTIONS,
}
