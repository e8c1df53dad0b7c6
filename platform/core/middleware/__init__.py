"""What surrounds every request."""

from core.middleware.acting_role import ActingRoleMiddleware, as_login_role

__all__ = ["ActingRoleMiddleware", "as_login_role"]
