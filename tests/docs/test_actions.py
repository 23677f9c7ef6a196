"""The samples of docs/actions.md, run against a server of its own that asks a Novi of the tests' own."""

import pytest

from aether.settings import ROOT
from tests.accounts.fake_novi import KEY, fake_novi
from tests.clients.typescript import compile_beside_the_client, node
from tests.docs.conftest import own_environment, serving
from tests.docs.markdown import Shell, blocks_of, samples_of

PAGE = "docs/actions.md"
UUID = "0b7e7a52-4c2f-4d7e-9f0c-1a2b3c4d5e6f"
PROGRAM = """
import {{ AetherError, request }} from './aether_client.ts';
import type {{ ApiCfg }} from './aether_client.ts';
{samples}
const cfg: ApiCfg = {{ base_url: process.env.BASE!, api_key: process.env.KEY!, account_id: process.env.ACCOUNT! }};
const saved = await save_leads(cfg, process.env.EXHIBIT!, 'csv');
console.log(saved.name, (await saved.blob.text()).split('\\r\\n')[0]!.split(',').length > 10);
console.log(await save_leads(cfg, 'nowhere0000', 'csv').catch((error) => error.status));
const uuids = ['{uuid}', '{uuid}'.replace('6f', '70')] as const;
console.log(await novi_member(cfg, uuids[0]), await novi_member(cfg, uuids[1]));
"""


@pytest.mark.timeout(300)
def test_the_samples_answer_what_the_page_says(tmp_path):
    home, here = tmp_path / "home", tmp_path / "page"
    home.mkdir()
    here.mkdir()
    (here / "var").symlink_to(home)
    with fake_novi() as (novi, base):
        known, unknown = novi.answer, novi.says(b"", 404)
        novi.answer = lambda handler: (known if handler.path.endswith(UUID) else unknown)(handler)
        own = {"NOVI_API_BASE": base, "NOVI_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}
        with serving_here(home, own) as server:
            shell = Shell(here, {"BASE": server.base})
            problems = [problem for sample in samples_of(PAGE) if (problem := shell.problem(sample))]
            account = server.demo["accounts"][0]
            samples = "".join(block.text for block in blocks_of(PAGE) if block.language == "ts")
            complaints = compile_beside_the_client({"program.ts": PROGRAM.format(uuid=UUID, samples=samples)}, tmp_path)
            answer = node(
                "dist/program.js",
                cwd=tmp_path,
                BASE=server.base,
                KEY=account["api_keys"]["user"],
                ACCOUNT=account["id"],
                EXHIBIT=account["samples"]["event_exhibit"],
            )
    assert complaints == ""
    assert not problems, "\n\n".join(["", *problems])
    assert (answer.stdout, answer.stderr) == ("leads.csv true\n404\nmember unknown\n", "")
    assert {authorization for _, _, authorization in novi.seen} == {f"Basic {KEY}"}


def serving_here(home, variables):
    return serving(ROOT, home, own_environment(home, "aether_actions") | variables)
