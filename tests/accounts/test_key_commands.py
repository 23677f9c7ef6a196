"""create_api_key, list_api_keys, revoke_api_key (operations.md)."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import standing
from accounts.models import ApiKey, ApiKeyAccount
from aether.settings import ROOT
from tests.conftest import Caller, Party


def run(command: str, *arguments: str) -> tuple[str, str]:
    """What the command says on standard output and on standard error."""
    out, words = io.StringIO(), io.StringIO()
    call_command(command, *arguments, stdout=out, stderr=words)
    return out.getvalue(), words.getvalue()


def refusal(command: str, *arguments: str) -> str:
    before = ApiKey.objects.count()
    with pytest.raises(CommandError) as caught:
        run(command, *arguments)
    assert caught.value.returncode != 0
    assert ApiKey.objects.count() == before
    return str(caught.value)


def whoami(key: str, party: Party, **headers: str) -> Any:
    return Caller({"x-aether-api-key": key, "x-account-id": party.id}).get("/v3/auth/whoami", **headers)


def test_the_key_alone_goes_to_standard_output_and_works(north: Party, south: Party) -> None:
    out, words = run("create_api_key", "--name", "Badge printer", "--account", north.id)
    key = out.removesuffix("\n")
    assert key.startswith("aes_")
    assert "\n" not in key
    assert key not in words
    assert words == (
        "Made the secret key 'Badge printer' for north with the role user. It is shown only now; keep it safe.\n"
    )
    answer = whoami(key, north)
    assert (answer.status, answer.data["role"], answer.data["key"]["name"]) == (200, "user", "Badge printer")
    assert whoami(key, south).status == 403
    assert not ApiKey.objects.filter(digest__contains=key.split("_", 2)[2]).exists()


def test_every_option_is_kept(north: Party, south: Party) -> None:
    arguments = ["--name", "App", "--account", north.id, "south", "--role", "manager", "--read-only", "--rate", "90"]
    arguments += ["--origin", "https://App.example.org/", "--network", "10.0.0.0/8", "192.0.2.7", "--expires-in", "30"]
    out, _ = run("create_api_key", *arguments, "--json")
    told = json.loads(out)
    row = ApiKey.objects.get(prefix=told["prefix"])
    assert row.verify(told["key"])
    assert (row.role, row.read_only, row.rate_per_minute) == ("manager", True, 90)
    assert row.allowed_origins == told["allowed_origins"] == ["https://app.example.org"]
    assert row.allowed_networks == told["allowed_networks"] == ["10.0.0.0/8", "192.0.2.7/32"]
    assert abs(row.expires_on - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    accounts = list(ApiKeyAccount.objects.filter(api_key=row).order_by("pk").values_list("account__code", flat=True))
    assert accounts == ["north", "south"]
    assert told["accounts"] == [north.id, south.id]


def test_accounts_may_be_given_one_by_one(north: Party, south: Party) -> None:
    out, _ = run("create_api_key", "--name", "Two", "--account", north.id, "--account", south.id)
    assert [whoami(out.strip(), party).status for party in (north, south)] == [200, 200]


def test_a_bypass_key_needs_no_account(north: Party) -> None:
    out, _ = run("create_api_key", "--name", "Nightly", "--allow-bypass", "--role", "super")
    answer = Caller({"x-aether-api-key": out.strip(), "x-no-account-id": "bypass"}).get("/v3/auth/whoami")
    assert (answer.status, answer.data["bypass"]) == (200, True)


def test_a_publishable_key_is_a_guest(north: Party) -> None:
    out, _ = run("create_api_key", "--name", "Web", "--account", north.id, "--kind", "publishable")
    assert out.startswith("aep_")
    assert whoami(out.strip(), north).data["guest"] is True


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--account", "nowhere"], "There is no account 'nowhere'. Give the id or the code of one."),
        ([], "Say for which accounts: --account ID, or --all-accounts."),
        (
            ["--account", "north", "--kind", "publishable", "--allow-bypass"],
            "A publishable key is known to everybody; it can never bypass.",
        ),
        (
            ["--account", "north", "--kind", "publishable", "--role", "manager"],
            "A publishable key reads what a guest reads; a role above that needs a secret key.",
        ),
        (
            ["--account", "north", "--allow-bypass"],
            "A key that is held to some accounts can't bypass: that opens all of them.",
        ),
        (["--account", "north", "--all-accounts"], "--account and --all-accounts exclude each other."),
        (["--account", "north", "--expires-in", "0"], "--expires-in is a whole number from 1 to 36500."),
        (["--account", "north", "--rate", "-1"], "--rate is a whole number from 1 to 1000000."),
        (
            ["--account", "north", "--origin", "https://a.example/path"],
            "--origin takes origins such as https://app.example.org, without a path.",
        ),
        (
            ["--account", "north", "--network", "home"],
            "--network takes addresses or networks such as 192.0.2.7 or 10.0.0.0/8.",
        ),
        (["--account", "north", "--role", "king"], "invalid choice: 'king'"),
        (["--account", "north", "--name", "  "], "Give the key a name: --name 'Badge printer'."),
        (["--account", "north", "--name", "x" * 101], "at most 100 characters"),
    ],
)
def test_what_does_not_go_together_is_refused(north: Party, arguments: list[str], sentence: str) -> None:
    assert sentence in refusal("create_api_key", "--name", "Key", *arguments)


def test_a_dry_run_makes_no_key(north: Party) -> None:
    before = ApiKey.objects.count()
    out, words = run("create_api_key", "--name", "Perhaps", "--account", north.id, "--dry-run")
    assert (out, ApiKey.objects.count()) == ("", before)
    assert words == "Would make the secret key 'Perhaps' for north with the role user. Nothing was written.\n"
    assert "at most 100" in refusal("create_api_key", "--name", "x" * 101, "--account", north.id, "--dry-run")


def test_keys_are_listed_without_their_secrets(north: Party, south: Party) -> None:
    ApiKey.issue(name="Everywhere", role="super", all_accounts=True, allow_bypass=True)
    ApiKey.issue(name="Late", accounts=[south.account], expires_on=timezone.now() - timedelta(days=1))
    out, _ = run("list_api_keys", "--json")
    keys = json.loads(out)
    assert len(keys) == ApiKey.objects.count()
    late = next(key for key in keys if key["name"] == "Late")
    assert (late["state"], late["accounts"]) == ("expired", [south.id])
    assert not any(key.split("_", 2)[2] in out for key in (*north.keys.values(), *south.keys.values()))

    names = {key["name"] for key in json.loads(run("list_api_keys", "--account", "north", "--json")[0])}
    assert names == {"North user", "North administrator", "North manager", "North web", "North reader", "Everywhere"}


def test_the_list_is_a_table_for_people(north: Party) -> None:
    out, words = run("list_api_keys", "--account", north.id)
    heading, first, *_ = out.splitlines()
    assert heading.split() == [
        *("prefix", "name", "kind", "role", "accounts", "limits", "state", "expires_on", "last_used_on"),
    ]
    assert first.split()[:5] == [north.keys["user"].split("_")[1], "North", "user", "secret", "user"]
    assert words == "5 keys.\n"


def test_a_revoked_key_opens_nothing(north: Party) -> None:
    key = north.keys["manager"]
    prefix = key.split("_")[1]
    assert north.manager.get("/v3/auth/whoami").status == 200
    would = f"Would revoke North manager ({prefix}). Nothing was written.\n"
    assert run("revoke_api_key", prefix, "--dry-run") == ("", would)
    assert north.manager.get("/v3/auth/whoami").status == 200
    assert run("revoke_api_key", prefix) == ("", f"Revoked North manager ({prefix}).\n")
    assert north.manager.get("/v3/auth/whoami").status == 403
    standing.forget()
    assert north.manager.get("/v3/auth/whoami").status == 403
    assert north.member.get("/v3/auth/whoami").status == 200
    assert run("revoke_api_key", prefix)[1] == f"North manager ({prefix}) was revoked before.\n"


def test_a_whole_key_names_itself(north: Party) -> None:
    run("revoke_api_key", north.keys["user"])
    assert north.member.get("/v3/auth/whoami").status == 403


@pytest.mark.parametrize("prefix", ["000000000000", "", "aes_", "%", "0' OR 1=1 --"])
def test_an_unknown_prefix_is_refused(north: Party, prefix: str) -> None:
    assert refusal("revoke_api_key", prefix) == "There is no API key with that prefix. See list_api_keys."
    assert not ApiKey.objects.filter(enable=False).exists()


@pytest.mark.parametrize("command", ["create_api_key", "list_api_keys", "revoke_api_key", "load_demo"])
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        call_command(command, "--help")
    assert left.value.code == 0
    assert f"example:\n  manage.py {command}" in capsys.readouterr().out


def test_failure_is_an_exit_code_and_a_sentence(tmp_path: Any) -> None:
    """In a process of its own, on a database that has no tables yet."""
    environment = {"AETHER_HOME": str(tmp_path), "AETHER_ENV_FILE": "/dev/null", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "manage.py", "create_api_key", "--name", "x", "--account", "y"]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("CommandError: The database does not play along: ")
    assert answer.stderr.endswith("Is it up, and has `manage.py migrate` been run?\n")
