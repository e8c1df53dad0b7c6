"""People, their handles, roles, limits, preferences and sessions."""

from accounts.models.acceptance import Acceptance
from accounts.models.account_flag import AccountFlag
from accounts.models.age_assurance import AgeAssurance
from accounts.models.consent import Consent
from accounts.models.identity_provider_link import IdentityProviderLink
from accounts.models.legal_document import LegalDocument
from accounts.models.login_event import LoginEvent
from accounts.models.profile_media import ProfileMedia
from accounts.models.reserved_handle import ReservedHandle
from accounts.models.restriction import Restriction
from accounts.models.role_grant import RoleGrant
from accounts.models.user import User
from accounts.models.user_password import UserPassword
from accounts.models.user_session import UserSession
from accounts.models.viewer_profile import ViewerProfile

__all__ = [
    "Acceptance",
    "AccountFlag",
    "AgeAssurance",
    "Consent",
    "IdentityProviderLink",
    "LegalDocument",
    "LoginEvent",
    "ProfileMedia",
    "ReservedHandle",
    "Restriction",
    "RoleGrant",
    "User",
    "UserPassword",
    "UserSession",
    "ViewerProfile",
]
