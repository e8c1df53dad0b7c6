"""Who may do what to the tables of engagement: the one declaration behind GRANTs and Django permissions."""

from core.db.access import AccessDeclaration, FunctionDeclaration

ACCESS: AccessDeclaration = {}

FUNCTIONS: FunctionDeclaration = {}
