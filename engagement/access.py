"""Who may do what to the tables of engagement: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration
from engagement.interaction_access import INTERACTION_ACCESS, INTERACTION_FUNCTIONS
from engagement.tie_access import TIE_ACCESS, TIE_FUNCTIONS

ACCESS: AccessDeclaration = {
    **TIE_ACCESS,
    **INTERACTION_ACCESS,
}

FUNCTIONS: FunctionDeclaration = {
    **TIE_FUNCTIONS,
    **INTERACTION_FUNCTIONS,
}
