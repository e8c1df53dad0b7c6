"""Who may do what to the tables of engagement: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration
from engagement.interaction_access import INTERACTION_ACCESS, INTERACTION_FUNCTIONS

ACCESS: AccessDeclaration = {**INTERACTION_ACCESS}

FUNCTIONS: FunctionDeclaration = {**INTERACTION_FUNCTIONS}
