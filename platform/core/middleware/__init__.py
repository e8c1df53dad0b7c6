"""What surrounds every request."""

from core.middleware.acting_role import ActingRoleMiddleware, as_login_role
from core.middleware.client_address import ClientAddressMiddleware, client_address
from core.middleware.second_factor import second_factor_passed

__all__ = [
    "ActingRoleMiddleware",
    "ClientAddressMiddleware",
    "as_login_role",
    "client_address",
    "second_factor_passed",
]
