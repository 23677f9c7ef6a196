"""docs/adding_an_action.md, followed word for word in a copy of the project."""

import pytest

from tests.docs.conftest import own_environment, serving
from tests.docs.markdown import Shell, blocks_of, samples_of
from tests.docs.test_adding_an_object_type import files_of, project

PAGE = "docs/adding_an_action.md"

__all__ = ["project"]


@pytest.mark.timeout(300)
def test_the_page_is_all_it_takes(project):
    before = files_of(project)
    for block in blocks_of(PAGE):
        if block.language == "python":
            (project / block.path).write_text(block.text)

    environment = own_environment(project / "var", "aether_tutorial")
    shell = Shell(project, environment)
    check, *requests = samples_of(PAGE)
    assert "manage.py check" in check.block.text
    problem = shell.problem(check)
    assert not problem, problem
    assert files_of(project) - before - {".shell-state"} == {"actions/journal.py", "content/entry_upkeep.py"}

    with serving(project, project / "var", environment) as server:
        shell.variables["BASE"] = server.base
        problems = [problem for sample in requests if (problem := shell.problem(sample))]
    assert not problems, "\n\n".join(["", *problems])
