"""Who may do what to the tables of billing: the one declaration behind GRANTs and Django permissions."""

from billing.payment_access import PAYMENT_ACCESS, PAYMENT_FUNCTIONS
from core.db.access import AccessDeclaration, FunctionDeclaration

ACCESS: AccessDeclaration = {
    **PAYMENT_ACCESS,
}

FUNCTIONS: FunctionDeclaration = {
    **PAYMENT_FUNCTIONS,
}
