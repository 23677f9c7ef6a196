from django.urls import re_path

from accounts import (
    invitation_views,
    methods_view,
    password_views,
    recovery_views,
    second_factor_views,
    session_views,
    views,
)

urlpatterns = [
    re_path(r"^api/authenticate_passcode/?\Z", views.PasscodeView.as_view()),
    re_path(r"^v3/auth/guest/?\Z", views.GuestView.as_view()),
    re_path(r"^v3/auth/login/?\Z", views.LoginView.as_view()),
    re_path(r"^v3/auth/refresh/?\Z", views.RefreshView.as_view()),
    re_path(r"^v3/auth/verify/?\Z", views.VerifyView.as_view()),
    re_path(r"^v3/auth/logout/?\Z", views.LogoutView.as_view()),
    re_path(r"^v3/auth/password/change/?\Z", password_views.PasswordChangeView.as_view()),
    re_path(r"^v3/auth/password/reset/?\Z", recovery_views.PasswordResetView.as_view()),
    re_path(r"^v3/auth/password/reset/confirm/?\Z", recovery_views.PasswordResetConfirmView.as_view()),
    re_path(r"^v3/auth/magic_link/?\Z", recovery_views.MagicLinkView.as_view()),
    re_path(r"^v3/auth/magic_link/confirm/?\Z", recovery_views.MagicLinkConfirmView.as_view()),
    re_path(r"^v3/auth/invite/?\Z", invitation_views.InviteView.as_view()),
    re_path(r"^v3/auth/invite/accept/?\Z", invitation_views.InviteAcceptView.as_view()),
    re_path(r"^v3/auth/mfa/?\Z", second_factor_views.MfaView.as_view()),
    re_path(r"^v3/auth/mfa/setup/?\Z", second_factor_views.MfaSetupView.as_view()),
    re_path(r"^v3/auth/mfa/confirm/?\Z", second_factor_views.MfaConfirmView.as_view()),
    re_path(r"^v3/auth/methods/?\Z", methods_view.MethodsView.as_view()),
    re_path(r"^v3/auth/rules/?\Z", password_views.RulesView.as_view()),
    re_path(r"^v3/auth/sessions/?\Z", session_views.SessionsView.as_view()),
    re_path(r"^v3/auth/sessions/(?P<session_id>[^/]+)/?\Z", session_views.UserSessionView.as_view()),
    re_path(r"^v3/auth/whoami/?\Z", views.WhoamiView.as_view()),
]
