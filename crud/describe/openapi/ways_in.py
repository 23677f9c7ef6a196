"""The part of the document about mails that let somebody in: new passwords, links to sign in, invitations."""

from __future__ import annotations

from typing import Any, Final

from crud.describe.discovery import ID_SCHEMA
from crud.describe.openapi.fixed import EXAMPLES, JWT, KEY, PAIR, WHEN, YES_NO
from crud.describe.openapi.parts import (
    ID,
    MOMENT,
    TEXT,
    Json,
    body_of,
    headers,
    list_of,
    object_schema,
    operation,
    param,
    parameter,
    success,
)

ACCEPTED: Final = success(object_schema({"accepted": YES_NO}), {"accepted": True}, status=202)
PAIR_EXAMPLE: Final = {name: EXAMPLES[name] for name in PAIR}
TOKEN: Final[Json] = {"type": "string", "description": "As it stands in the link, behind #token=."}
INVITED: Final[Json] = {"invitation_id": ID_SCHEMA, "expires_on": WHEN}
INVITED_EXAMPLE: Final[Json] = {"invitation_id": ID, "expires_on": MOMENT}
INVITATION: Final[Json] = object_schema(
    {
        "email": TEXT,
        "role": {"type": "string", "enum": ["user", "administrator", "manager"]},
        "site_id": ID_SCHEMA,
        "name": TEXT,
    },
    ["email", "role"],
    closed=True,
)
INVITATIONS: Final[Json] = object_schema(
    {"invitations": list_of(INVITATION) | {"minItems": 1, "maxItems": 1_000}}, ["invitations"], closed=True
)


def _post(
    name: str, summary: str, body: Json, example: Json, answer: Json, status: int, *, user: bool = False, **more: Any
) -> Json:
    """A POST with a key, and no account; `user`: it may come with a user's token."""
    post = operation(name, summary, "auth", {str(status): answer}, body=body_of(body, example), **more)
    return {"parameters": [param("RequestId")], "post": post if user else post | {"security": KEY}}


def _closed(*names: str, optional: tuple[str, ...] = ()) -> Json:
    schemas = {name: TOKEN if name == "token" else TEXT for name in (*names, *optional)}
    return object_schema(schemas, list(names), closed=True)


WAYS_IN: Final[dict[str, Json]] = {
    "/v3/auth/password/reset": _post(
        "request_password_reset",
        "Ask for a mail with a link to a new password",
        object_schema(
            {"email": TEXT, "site_id": ID_SCHEMA, "fqdn": TEXT},
            closed=True,
            oneOf=[{"required": ["email", "site_id"]}, {"required": ["email", "fqdn"]}],
        ),
        {"email": "ada@example.org", "fqdn": "demo.example.org"},
        ACCEPTED,
        202,
        description="The same answer whoever has the address, if anybody. The link is good for 30 minutes, once.",
    ),
    "/v3/auth/password/reset/confirm": _post(
        "confirm_password_reset",
        "Choose a new password by the link of a mail",
        _closed("token", "new"),
        {"token": JWT, "new": "seven green bottles"},
        success(object_schema({"changed": YES_NO}), {"changed": True}),
        200,
        description="All sessions of the user end. A password that the rules refuse leaves the token as it was.",
    ),
    "/v3/auth/magic_link": _post(
        "request_magic_link",
        "Ask for a mail with a link to sign in",
        object_schema({"email": TEXT, "site_id": ID_SCHEMA}, ["email", "site_id"], closed=True),
        {"email": "ada@example.org", "site_id": ID},
        ACCEPTED,
        202,
        description="The same answer whoever has the address, if anybody, and whether the site allows it or not.",
    ),
    "/v3/auth/magic_link/confirm": _post(
        "confirm_magic_link",
        "Sign in by the link of a mail",
        _closed("token"),
        {"token": JWT},
        success(object_schema(PAIR), PAIR_EXAMPLE),
        200,
        description="Good for 15 minutes, once.",
    ),
    "/v3/auth/invite": {
        "parameters": headers(),
        "post": operation(
            "invite",
            "Invite people into the account",
            "auth",
            {
                "202": success(
                    {
                        "anyOf": [
                            object_schema(INVITED),
                            object_schema({"invitations": list_of(object_schema(INVITED))}),
                        ]
                    },
                    INVITED_EXAMPLE,
                    status=202,
                )
            },
            parameters=[param("IdempotencyKey")],
            body=body_of({"anyOf": [INVITATION, INVITATIONS]}, {"email": "ada@example.org", "role": "administrator"}),
            description="For managers, up to their own role. Good for seven days, once. Somebody who has a user "
            "already is told so by the mail, and nobody else is.",
        ),
    },
    "/v3/auth/invite/accept": _post(
        "accept_invitation",
        "Become a user by the link of an invitation",
        _closed("token", "password", optional=("username",)),
        {"token": JWT, "username": "ada", "password": "seven green bottles"},
        success(object_schema(PAIR), PAIR_EXAMPLE, status=201),
        201,
        description="Without a username it is the address.",
    ),
    "/v3/auth/mfa": {
        **_post(
            "sign_in_with_code",
            "Go on with a sign-in by a code of the second factor",
            _closed("mfa_token", "code"),
            {"mfa_token": JWT, "code": "123456"},
            success(object_schema(PAIR), PAIR_EXAMPLE),
            200,
            description="A code of the app, or a recovery code; each is good once. The token is good for five minutes "
            "and five wrong codes, with the key of the sign-in.",
        ),
        "delete": operation(
            "remove_mfa",
            "Take away one's second factor",
            "auth",
            {"200": success(object_schema({"removed": YES_NO}), {"removed": True})},
            body=body_of(_closed("code"), {"code": "123456"}),
            failures=(409,),
        ),
    },
    "/v3/auth/mfa/setup": _post(
        "set_up_mfa",
        "Set up a second factor",
        object_schema({"mfa_token": TEXT}, closed=True),
        {"mfa_token": JWT},
        success(
            object_schema({"secret": TEXT, "otpauth_url": TEXT}),
            {
                "secret": "JBSWY3DPEHPK3PXP",
                "otpauth_url": "otpauth://totp/Demo:ada?secret=JBSWY3DPEHPK3PXP&issuer=Demo",
            },
        ),
        200,
        user=True,
        failures=(409,),
        description="By who is signed in, or with the token of a sign-in that answered mfa_setup_required. It counts "
        "once it is confirmed.",
    ),
    "/v3/auth/mfa/confirm": _post(
        "confirm_mfa",
        "Confirm a second factor by its first code",
        _closed("code", optional=("mfa_token",)),
        {"mfa_token": JWT, "code": "123456"},
        success(
            {
                "anyOf": [
                    object_schema({"recovery_codes": list_of(TEXT)}),
                    object_schema({"recovery_codes": list_of(TEXT), **PAIR}),
                ]
            },
            {"recovery_codes": ["abcd-efgh-ijkl-mnop"]},
        ),
        200,
        user=True,
        failures=(409,),
        description="The recovery codes are told this once. With the token of a sign-in it answers as a login, too.",
    ),
    "/v3/auth/methods": {
        "parameters": [
            param("RequestId"),
            parameter("site_id", "The site to sign in at.", ID_SCHEMA, ID, required=True),
        ],
        "get": operation(
            "sign_in_methods",
            "The ways to sign in at a site",
            "auth",
            {
                "200": success(
                    object_schema(
                        {
                            **dict.fromkeys(("password", "magic_link", "passcode", "mfa"), YES_NO),
                            "oidc": list_of(object_schema(dict.fromkeys(("id", "name", "start_url"), TEXT))),
                        }
                    ),
                    {"password": True, "magic_link": False, "passcode": True, "mfa": True, "oidc": []},
                )
            },
            failures=(404,),
        )
        | {"security": KEY},
    },
}
