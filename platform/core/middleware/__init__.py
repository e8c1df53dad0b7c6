"""What surrounds every request."""

from core.middleware.acting_role import ActingRoleMiddleware, as_login_role
from core.middleware.client_address import ClientAddressMiddleware, client_address

__all__ = ["ActingRoleMiddleware", "ClientAddressMiddleware", "as_login_role", "client_address"]
