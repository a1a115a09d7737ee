from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modalembic.errors import (
    DuplicateLabel,
    DuplicateLocation,
    DuplicateRevision,
    MissingRevision,
    ModalembicError,
    MultipleHeads,
    NoModules,
    NotAProject,
    ProjectProblems,
    RevisionCircle,
    RevisionFileError,
    RevisionIdError,
    UnknownModule,
)
from modalembic.history.plan import plan_upgrade
from modalembic.history.targets import TargetResolver
from modalembic.project import Project
from tests.projects import GLOB, ProjectFiles, read_only


@pytest.fixture
def project(tmp_path: Path) -> ProjectFiles:
    return ProjectFiles(tmp_path / "shop").configure()


def problem(project: ProjectFiles, kind: type[ModalembicError]) -> ModalembicError:
    """The only thing that is wrong with the project, as a command would raise it."""
    loaded = project.load()
    with pytest.raises(kind) as caught:
        loaded.require_sound()
    assert loaded.problems == (caught.value,)
    assert caught.value.hint
    return caught.value


def planned(project: Project) -> list[str]:
    resolver = TargetResolver(project.graph, project.module_order)
    goals = resolver.upgrade("heads")
    steps = plan_upgrade(project.graph, "heads", goals, frozenset(), project.module_order).steps
    return [step.revision.id for step in steps]


def test_a_project_as_real_ones_are(project: ProjectFiles) -> None:
    """A central history, a branch hung on it, a base without a label, a dependency on a bare
    label, a foreign label that looks reserved, a computed header."""
    project.configure(f'{GLOB}\nlocations = {{ legacy = "alembic/versions" }}\n')
    legacy = project.location("alembic/versions")
    legacy.revision("l1", labels="head").revision("l2", down="l1")
    project.module("billing", tier="core").revision("b1", down="l2").revision("b2", down="b1")
    project.module("cms", requires=["billing"]).revision("c1", depends_on="head")
    project.module("ext").raw("e1.py", "revision = 'e' + '1'\ndown_revision = None\n")
    project.module("none")
    loaded = project.load()
    loaded.require_sound()
    assert loaded.module_order == ("legacy", "billing", "cms", "ext", "none")
    assert planned(loaded) == ["l1", "l2", "b1", "b2", "c1", "e1"]
    assert loaded.graph.heads == {
        "legacy": ("l2",),
        "billing": ("b2",),
        "cms": ("c1",),
        "ext": ("e1",),
    }
    assert loaded.graph.labels == {"head": "l1", "cms": "c1", "ext": "e1"}
    assert [warning.code for warning in loaded.warnings] == ["reserved-label", "label-dependency"]


# --- what is wrong with a history ----------------------------------------------------------------


def test_two_files_with_one_revision_id(project: ProjectFiles) -> None:
    a = project.module("a").revision("x1").revision_path("x1")
    b = project.module("b").revision("x1").revision_path("x1")
    error = problem(project, DuplicateRevision)
    assert error.code == "duplicate-revision"
    assert error.message == f"revision x1 is in two files: {a} (a) and {b} (b)"
    assert (error.path, error.line) == (b, 6)


@pytest.mark.parametrize(
    ("header", "line"), [({"down": "gone"}, 7), ({"depends_on": "gone"}, 9)], ids=["down", "needs"]
)
def test_a_revision_that_is_nowhere(
    project: ProjectFiles, header: dict[str, str], line: int
) -> None:
    billing = project.module("billing").revision("b1", **header)
    error = problem(project, MissingRevision)
    name = "down_revision" if "down" in header else "depends_on"
    assert error.code == "missing-revision"
    assert error.message == f"b1 of billing has {name} 'gone', which is in no version location"
    assert error.hint is not None
    assert "`modalembic modules`" in error.hint
    assert (error.path, error.line) == (billing.revision_path("b1"), line)


def test_a_circle_across_modules(project: ProjectFiles) -> None:
    a = project.module("a").revision("a1", depends_on="b1").revision_path("a1")
    b = project.module("b").revision("b1", depends_on="a1").revision_path("b1")
    error = problem(project, RevisionCircle)
    assert error.code == "revision-circle"
    assert error.message == "revisions need each other in a circle: a1 (a) -> b1 (b) -> a1 (a)"
    assert error.hint == f"take out one of the dependencies, in one of {a}, {b}"
    assert (error.path, error.line) == (a, 9)


def test_a_long_circle_is_not_printed_whole(project: ProjectFiles) -> None:
    module = project.module("a")
    for number in range(30):
        module.revision(f"a{number:02}", down=f"a{(number + 1) % 30:02}")
    error = problem(project, RevisionCircle)
    assert error.message.endswith("a09 (a) -> … -> a00 (a)")


def test_modules_may_need_each_other_in_a_circle_as_long_as_revisions_do_not(
    project: ProjectFiles,
) -> None:
    project.module("a").revision("a1").revision("a2", down="a1", depends_on="b1")
    project.module("b").revision("b1", depends_on="a1").revision("b2", down="b1", depends_on="a2")
    loaded = project.load()
    loaded.require_sound()
    assert planned(loaded) == ["a1", "b1", "a2", "b2"]


def test_a_label_on_two_revisions(project: ProjectFiles) -> None:
    a = project.module("a").revision("a1", labels="main").revision_path("a1")
    b = project.module("b").revision("b1", labels=("other", "main")).revision_path("b1")
    error = problem(project, DuplicateLabel)
    assert error.code == "duplicate-label"
    assert error.message == (
        f"branch label 'main' is on two revisions: a1 of a ({a}:6) and b1 of b"
    )
    assert (
        error.hint
        == 'for one of them write [tool.modalembic.module.b] labels = { main = "b_main" }'
    )
    assert (error.path, error.line) == (b, 8)


def test_all_labels_that_a_module_has_to_rename_are_in_one_table(project: ProjectFiles) -> None:
    project.configure('modules = ["app/modules/*"]\nmultiple_heads = true')
    for module in "a", "b":
        files = project.module(module).revision(f"{module}0")
        files.revision(f"{module}1", down=f"{module}0", labels="expand")
        files.revision(f"{module}2", down=f"{module}0", labels="contract")
    problems = project.load().problems
    assert [type(problem) for problem in problems] == [DuplicateLabel] * 2
    hint = 'labels = { contract = "b_contract", expand = "b_expand" }'
    for problem in problems:
        assert problem.hint == f"for one of them write [tool.modalembic.module.b] {hint}"


def test_a_label_that_is_the_id_of_a_revision(project: ProjectFiles) -> None:
    project.module("a").revision("a1")
    project.module("b").revision("b1", labels="a1")
    error = problem(project, DuplicateLabel)
    assert error.message.startswith("branch label 'a1' is the id of a revision, too: a1 of a (")


@pytest.mark.parametrize(
    ("id_", "what"),
    [("a-1", "has -"), ("a@b+c", "has + @"), ("head", "is a word"), ("base", "is a word")],
)
def test_an_id_that_no_target_can_spell(project: ProjectFiles, id_: str, what: str) -> None:
    module = project.module("a").revision(id_)
    error = problem(project, RevisionIdError)
    assert error.code == "revision-id"
    assert error.message == f"revision id {id_!r} {what} that Alembic uses in targets"
    assert error.hint == "give the revision another id, here and where others name it"
    assert (error.path, error.line) == (module.revision_path(id_), 6)


def test_several_heads_in_one_module(project: ProjectFiles) -> None:
    billing = project.module("billing").revision("b1")
    billing.revision("b2", down="b1").revision("b3", down="b1")
    error = problem(project, MultipleHeads)
    assert error.code == "multiple-heads"
    assert error.message == "billing has 2 heads: b2, b3"
    assert error.hint is not None
    assert "`modalembic merge billing`" in error.hint
    assert "multiple_heads = true in [tool.modalembic.module.billing]" in error.hint
    assert (error.path, error.line) == (billing.revision_path("b3"), 6)


@pytest.mark.parametrize(
    "configuration",
    [f"{GLOB}\nmultiple_heads = true", f"{GLOB}\nmodule.billing.multiple_heads = true"],
)
def test_a_module_may_keep_an_expand_and_a_contract_line(
    project: ProjectFiles, configuration: str
) -> None:
    billing = project.configure(configuration).module("billing").revision("b1")
    billing.revision("b2", down="b1").revision("b3", down="b1")
    assert not project.load().problems


def test_two_modules_in_one_version_location(project: ProjectFiles) -> None:
    project.configure(f'{GLOB}\nlocations = {{ core = "app/modules/cms/migrations" }}\n')
    cms = project.module("cms").revision("c1")
    error = problem(project, DuplicateLocation)
    location = cms.path / "migrations/versions"
    assert error.code == "duplicate-location"
    assert error.message == f"core and cms keep their revisions in one directory, {location}"
    assert error.path == cms.path


def test_a_revision_file_that_does_not_parse(project: ProjectFiles) -> None:
    """Revisions that would follow it, or be joined by it, are no problems of their own."""
    billing = project.module("billing").revision("b1").revision("b2", down="b1")
    billing.revision("b3", down="b1").raw("b4.py", "revision = 'b4'\ndown_revision = ('b2',\n")
    project.module("cms").revision("c1", depends_on="b4")
    error = problem(project, RevisionFileError)
    assert error.message == "the revision file does not parse: '(' was never closed"
    assert (error.path, error.line) == (billing.revision_path("b4"), 2)


def test_several_problems_are_raised_together(project: ProjectFiles) -> None:
    project.module("a", requires=["gone"]).revision("x-1")
    project.module("b").revision("b1").raw("b2.py", "def")
    loaded = project.load()
    with pytest.raises(ProjectProblems) as caught:
        loaded.require_sound()
    error = caught.value
    assert error.code == "project-problems"
    assert error.message == "3 things are wrong with this project"
    assert error.problems == loaded.problems
    assert [type(found) for found in error.problems] == [
        UnknownModule,
        RevisionFileError,
        RevisionIdError,
    ]
    assert (error.hint, error.path, error.line) == (
        error.problems[0].hint,
        error.problems[0].path,
        error.problems[0].line,
    )


def test_what_is_wrong_is_listed_in_the_same_order_under_every_hash_seed(
    project: ProjectFiles,
) -> None:
    for name in "abcdef":
        project.module(name).revision(f"{name}1", depends_on=("gone2", "gone1"), labels="main")
    program = (
        "import sys; from modalembic.project import Project\n"
        "for problem in Project.load(sys.argv[1]).problems: print(problem)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program, str(project.root)],
            env={**environment(project), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(found) == 1
    assert len(found.pop().splitlines()) == 5 + 12


# --- warnings ------------------------------------------------------------------------------------


def test_a_dependency_on_a_bare_label_warns_with_the_concrete_id(project: ProjectFiles) -> None:
    project.module("core").revision("a1").revision("a2", down="a1")
    cms = project.module("cms").revision("c1", depends_on="core")
    (warning,) = project.load().warnings
    assert warning.code == "label-dependency"
    assert warning.message == (
        "c1 depends on the label 'core', which means the first revision there, a1, not the last, a2"
    )
    assert warning.hint == "write depends_on = 'a1', if that is what is meant"
    assert (warning.path, warning.line) == (cms.revision_path("c1"), 9)


def test_a_label_that_looks_reserved_warns(project: ProjectFiles) -> None:
    cms = project.module("cms").revision("c1", labels="heads")
    (warning,) = project.load().warnings
    assert warning.code == "reserved-label"
    assert warning.message == "branch label 'heads' of c1 means something else as a target"
    assert warning.hint == "address the branch as cms@head"
    assert (warning.path, warning.line) == (cms.revision_path("c1"), 6)


# --- the project itself --------------------------------------------------------------------------


def test_a_project_without_modules(project: ProjectFiles) -> None:
    error = problem(project, NoModules)
    assert error.code == "no-modules"
    assert error.message == "the project has no modules"
    assert error.hint == 'say where they are, as in modules = ["app/modules/*"]'
    assert (error.path, error.line) == (project.root / "pyproject.toml", 2)


def test_a_directory_that_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(NotAProject):
        Project.load(tmp_path)


def test_a_module_by_name(project: ProjectFiles) -> None:
    project.module("cms")
    loaded = project.load()
    assert loaded.module("cms") is loaded.modules[0]
    with pytest.raises(UnknownModule) as caught:
        loaded.module("pages")
    assert caught.value.message == "there is no module 'pages'"
    assert caught.value.hint == "the modules are cms"


@pytest.mark.parametrize(
    ("configuration", "search"),
    [
        ("", [".", "src"]),
        ('sys_path = ["lib"]', ["lib"]),
        ('[tool.alembic]\nprepend_sys_path = ["lib", "."]', ["lib", "."]),
    ],
)
def test_where_python_looks_for_the_projects_packages(
    project: ProjectFiles, configuration: str, search: list[str]
) -> None:
    project.configure(f"{GLOB}\n{configuration}").file("src/x.py").module("cms")
    assert list(project.load().search) == [(project.root / path).resolve() for path in search]


def test_a_module_below_src_is_named_without_it(project: ProjectFiles) -> None:
    project.configure('modules = ["src/app/*"]').module("cms", at="src/app/cms")
    assert project.load().module("cms").package == "app.cms"


def test_a_path_with_spaces_and_letters_that_are_not_ascii(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path / "Mein Läden %s ☂").configure()
    project.module("cms").revision("c1").revision("c2", down="c1")
    for _ in range(2):
        loaded = project.load()
        loaded.require_sound()
        assert planned(loaded) == ["c1", "c2"]
        assert Path(loaded.graph.revisions["c2"].path).read_text().startswith('"""c2')


def test_a_project_reached_through_a_link(tmp_path: Path, project: ProjectFiles) -> None:
    project.module("cms").revision("c1")
    (tmp_path / "link").symlink_to(project.root)
    loaded = Project.load(tmp_path / "link", environ=project.environ)
    assert loaded.module("cms").package == "app.modules.cms"


def test_a_read_only_tree(project: ProjectFiles) -> None:
    project.module("cms").revision("c1").raw("c2.py", "revision = 'c' '2'\ndown_revision = 'c1'\n")
    before = sorted(project.root.rglob("*"))
    with read_only(project.root):
        project.load().require_sound()
        project.load().require_sound()
    assert sorted(project.root.rglob("*")) == before


def test_three_hundred_modules(project: ProjectFiles) -> None:
    text = [GLOB]
    for number in range(300):
        name = f"m{number:03}"
        module = project.module(name, requires=[f"m{number - 1:03}"] if number else [])
        module.revision(f"{name}_1", depends_on=f"m{number - 1:03}_2" if number else None)
        module.revision(f"{name}_2", down=f"{name}_1")
        text.append(f'[tool.modalembic.module.{name}]\ntier = "core"')
    project.configure("\n".join(text))
    loaded = project.load()
    loaded.require_sound()
    assert len(loaded.modules) == 300
    assert planned(loaded) == [f"m{n:03}_{step}" for n in range(300) for step in (1, 2)]


def test_loading_imports_neither_alembic_nor_sqlalchemy_nor_any_file_of_the_project(
    project: ProjectFiles,
) -> None:
    project.file("app/__init__.py", "raise RuntimeError('imported')")
    cms = project.module("cms", tier="core").revision("c1").revision("c2", down="c1")
    cms.file("__init__.py", "raise RuntimeError('imported')")
    cms.file("models.py", "raise RuntimeError('imported')")
    cms.raw("c3.py", "revision = 'c3'\ndown_revision = 'c2'\nraise RuntimeError('imported')\n")
    program = (
        "import json, sys\n"
        "from modalembic.history.plan import plan_upgrade\n"
        "from modalembic.history.targets import TargetResolver\n"
        "from modalembic.project import Project\n"
        "project = Project.load(sys.argv[1])\n"
        "project.require_sound()\n"
        "goals = TargetResolver(project.graph, project.module_order).upgrade('heads')\n"
        "plan = plan_upgrade(project.graph, 'heads', goals, set(), project.module_order)\n"
        "assert len(plan.steps) == 3\n"
        "print(json.dumps([[name, getattr(module, '__file__', None)]"
        " for name, module in sys.modules.items()]))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", program, str(project.root)],
        env=environment(project),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded: dict[str, str | None] = dict(json.loads(found.stdout))
    heavy = {"alembic", "sqlalchemy", "mako", "psycopg", "rich", "typer"}
    assert not heavy & {name.partition(".")[0] for name in loaded}
    assert not [file for file in loaded.values() if file and file.startswith(str(project.root))]


def environment(project: ProjectFiles) -> dict[str, str]:
    return {**os.environ, **project.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
