"""Who may do what to the tables of engagement: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration
from engagement.chat_access import CHAT_ACCESS, CHAT_FUNCTIONS
from engagement.interaction_access import INTERACTION_ACCESS, INTERACTION_FUNCTIONS
from engagement.message_access import MESSAGE_ACCESS, MESSAGE_FUNCTIONS
from engagement.notification_access import NOTIFICATION_ACCESS, NOTIFICATION_FUNCTIONS
from engagement.tie_access import TIE_ACCESS, TIE_FUNCTIONS

ACCESS: AccessDeclaration = {
    **MESSAGE_ACCESS,
    **TIE_ACCESS,
    **CHAT_ACCESS,
    **INTERACTION_ACCESS,
    **NOTIFICATION_ACCESS,
}

FUNCTIONS: FunctionDeclaration = {
    **MESSAGE_FUNCTIONS,
    **TIE_FUNCTIONS,
    **CHAT_FUNCTIONS,
    **INTERACTION_FUNCTIONS,
    **NOTIFICATION_FUNCTIONS,
}
