from accounts.models.access_request import AccessRequest
from accounts.models.account import Account
from accounts.models.account_service import AccountService
from accounts.models.admin_session import AdminSession
from accounts.models.api_key import ApiKey, ApiKeyAccount
from accounts.models.contact import Contact
from accounts.models.one_time_token import OneTimeToken
from accounts.models.organization import Organization
from accounts.models.person import Person
from accounts.models.refresh_token import RefreshToken
from accounts.models.second_factor import SecondFactor
from accounts.models.site import Site
from accounts.models.site_domain import SiteDomain
from accounts.models.user import User

__all__ = [
    "AccessRequest",
    "Account",
    "AccountService",
    "AdminSession",
    "ApiKey",
    "ApiKeyAccount",
    "Contact",
    "OneTimeToken",
    "Organization",
    "Person",
    "RefreshToken",
    "SecondFactor",
    "Site",
    "SiteDomain",
    "User",
]
