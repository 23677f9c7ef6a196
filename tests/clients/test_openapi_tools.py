"""The OpenAPI document is one that other people's tools take: four generators, two linters, and a generated client."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

import aether.urls  # noqa: F401  (the apps describe their paths where they route them)
from aether import __version__
from crud.declare.object_type import registry
from crud.describe.openapi import document, document_json
from tests.clients.typescript import PROJECT, node
from tests.conftest import Party

pytestmark = pytest.mark.timeout(200)
CONFIGURATION = """\
content_type_overrides:  # the generator knows no PDF: it is bytes
  application/pdf: application/octet-stream
  image/png: application/octet-stream
post_hooks: []
"""


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    path.write_bytes(document_json())
    return path


@pytest.fixture(scope="module")
def some_described(described: Path) -> Path:
    """With the paths of some types only: the others' are made alike, and a client of all of them takes a minute."""
    contents = json.loads(described.read_bytes())
    alike = {f"/v3/crud/{name}" for name in registry.keys() - {"event", "event_session", "site_domain", "hosted_file"}}
    contents["paths"] = {
        path: item for path, item in contents["paths"].items() if "/".join(path.split("/")[:4]) not in alike
    }
    path = described.with_name("some.json")
    path.write_text(json.dumps(contents))
    return path


def program(*arguments: str | Path) -> str:
    """What it printed. It must end well."""
    answer = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)], capture_output=True, text=True, timeout=180, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout + answer.stderr


def of_npm(script: str, *arguments: str | Path) -> str:
    answer = node(f"node_modules/{script}", *map(str, arguments), cwd=PROJECT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


def test_the_version_is_the_release() -> None:
    assert document()["info"]["version"] == __version__


def test_redocly_has_nothing_to_say(described: Path) -> None:
    printed = of_npm("@redocly/cli/bin/cli.js", "lint", described, "--format=summary")
    assert "error" not in printed, printed
    assert "warning " not in printed.replace("Deprecation warning", ""), printed


def test_spectral_has_nothing_to_say(described: Path) -> None:
    arguments = ("--ruleset", ".spectral.yaml", "--fail-severity", "hint")
    of_npm("@stoplight/spectral-cli/dist/index.js", "lint", described, *arguments)


def test_two_generators_make_typescript_of_it(described: Path, some_described: Path, tmp_path: Path) -> None:
    of_npm("openapi-typescript/bin/cli.js", described, "-o", tmp_path / "types.ts")
    of_npm("@hey-api/openapi-ts/bin/run.js", "-i", some_described, "-o", tmp_path / "client", "--no-log-file")
    for name in ("types.ts", "client/sdk.gen.ts"):
        assert "event_session" in (tmp_path / name).read_text()


def test_a_generator_makes_models_of_it(described: Path, tmp_path: Path) -> None:
    models = tmp_path / "models.py"
    arguments = ("--input-file-type", "openapi", "--output-model-type", "typing.TypedDict", "--formatters", "builtin")
    program("datamodel_code_generator", "--input", described, "--output", models, *arguments)
    compile(models.read_text(), models, "exec")


@pytest.fixture
def generated(some_described: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The modules of a Python client, by their paths."""
    (tmp_path / "configuration.yaml").write_text(CONFIGURATION)
    printed = program(
        *("openapi_python_client", "generate", "--path", some_described, "--meta", "none"),
        *("--output-path", tmp_path / "generated_client", "--config", tmp_path / "configuration.yaml"),
    )
    assert "arning" not in printed, printed
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda name: importlib.import_module(f"generated_client.{name}")
    for name in [name for name in sys.modules if name.startswith("generated_client")]:
        del sys.modules[name]


def test_a_generated_python_client_shakes_hands_searches_and_creates(generated: Any, north: Party) -> None:
    staff = north.administrator
    models, api = (
        generated("models"),
        SimpleNamespace(
            find_domain=generated("api.site_domain.search_site_domain"),
            create=generated("api.event.create_event"),
            search=generated("api.event.search_event"),
        ),
    )
    transport = httpx.WSGITransport(app=get_wsgi_application())

    def client(key: str) -> Any:
        return generated("client").Client(
            base_url="http://localhost", headers={"x-aether-api-key": key}, httpx_args={"transport": transport}
        )

    def where(field: str, value: str) -> Any:
        condition = {"field": field, "op": "eq", "value": value}
        return models.Search.from_dict({"and": [condition]})

    key = staff.headers["x-aether-api-key"]
    domain = api.find_domain.sync(client=client(key), body=where("fqdn", north.fqdn)).data[0]
    account = {"x_account_id": domain.account_id}
    made = api.create.sync(client=client(key), body=models.EventCreate(name="Gala"), **account)
    assert made.data.name == "Gala"
    listed = api.search.sync(client=client(key), body=where("name", "Gala"), **account)
    assert [row.id for row in listed.data] == [made.data.id]
    refused = api.create.sync(client=client("aes_wrong"), body=models.EventCreate(name="Gala"), **account)
    assert refused.meta.details.category == "permission"
