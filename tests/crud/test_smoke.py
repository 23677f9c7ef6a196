import pytest

from tests.conftest import Party

# A full-text index finds what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def test_journal_round(north: Party, south: Party) -> None:
    j = north.member.create("journal", name="Notes")
    print(j)
    got = north.member.get(f"/v3/crud/journal/{j['id']}")
    assert got.status == 200, got.body
    assert got.data == j
    e = north.member.post(f"/v3/crud/journal/{j['id']}/entry/", {"name": "First", "content": "Hello World annual meeting"})
    assert e.status == 201, e.body
    assert south.member.get(f"/v3/crud/journal/{j['id']}").status == 403
    assert south.member.get("/v3/crud/journal/AAAAAAAAAAA").status == 404
    r = north.member.get(f"/v3/crud/journal/{j['id']}/entry/")
    assert r.status == 200 and r.ids == [e.data["id"]], r.body
    s = north.member.search("journal_entry", {"q": "ann meet", "and": [{"field": "name", "op": "like", "value": "%irs%"}]})
    assert s.status == 200 and s.ids == [e.data["id"]], s.body
    p = north.member.patch(f"/v3/crud/journal_entry/{e.data['id']}?view=enriched", {"name": "Second"})
    assert p.status == 200, p.body
    print(p.body)
    h = north.administrator.get(f"/v3/crud/journal_entry/{e.data['id']}/history")
    print(h.body)
    d = north.administrator.delete(f"/v3/crud/journal_entry/{e.data['id']}?method=delete")
    assert d.status == 200, d.body
    assert north.guest.get("/v3/crud/journal/").status == 403
    assert north.guest.search("journal", {}).data == []
    dom = north.guest.with_headers().search("site_domain", {"q": north.fqdn})
    print(dom.body)
    print(north.manager.get("/v3/crud/site/?view=enriched&inc_account=true").body)
