"""People, their handles, roles, limits, preferences and sessions."""

from accounts.models.acceptance import Acceptance
from accounts.models.account_flag import AccountFlag
from accounts.models.age_assurance import AgeAssurance
from accounts.models.consent import Consent
from accounts.models.contact_verification import ContactVerification
from accounts.models.identity_provider_link import IdentityProviderLink
from accounts.models.legal_document import LegalDocument
from accounts.models.login_event import LoginEvent
from accounts.models.profile_media import ProfileMedia
from accounts.models.reserved_handle import ReservedHandle
from accounts.models.restriction import Restriction
from accounts.models.role_grant import RoleGrant
from accounts.models.second_factor import RecoveryCode, TotpDevice
from accounts.models.user import User
from accounts.models.user_contact import UserContact
from accounts.models.user_password import UserPassword
from accounts.models.user_session import UserSession
from accounts.models.viewer_profile import ViewerProfile

__all__ = [
    "Acceptance",
    "AccountFlag",
    "AgeAssurance",
    "Consent",
    "ContactVerification",
    "IdentityProviderLink",
    "LegalDocument",
    "LoginEvent",
    "ProfileMedia",
    "RecoveryCode",
    "ReservedHandle",
    "Restriction",
    "RoleGrant",
    "TotpDevice",
    "User",
    "UserContact",
    "UserPassword",
    "UserSession",
    "ViewerProfile",
]
