"""Who may do what to the tables of engagement: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration
from engagement.message_access import MESSAGE_ACCESS, MESSAGE_FUNCTIONS

ACCESS: AccessDeclaration = {
    **MESSAGE_ACCESS,
}

FUNCTIONS: FunctionDeclaration = {
    **MESSAGE_FUNCTIONS,
}
