from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.config import ModuleTable, load_configuration
from modalembic.errors import ConfigurationError, NotAProject
from tests.projects import ProjectFiles


@pytest.mark.parametrize("file", ["pyproject.toml", "modalembic.toml"])
def test_every_key_is_read(project: ProjectFiles, file: str) -> None:
    prefix = "tool.modalembic." if file == "pyproject.toml" else ""
    project.configure(
        f"""\
        modules = "app/modules/*"
        entry_points = ["modalembic.modules"]
        versions = ["db"]
        multiple_heads = true
        models = ["{{package}}.tables"]
        model_entry_points = "invenio_db.models"
        metadata = "app.db:metadata"
        context = "app.db:migration_context"
        script_location = "alembic"
        alembic_config = "alembic.ini"
        sys_path = ["src"]
        database = "postgresql://localhost/shop"
        version_table = "versions"
        version_table_schema = "admin"
        allow_orphans = ["abc"]
        lock_wait = "2min"
        lock_timeout = 3
        statement_timeout = "500ms"
        retries = 0
        [{prefix}locations]
        core = "alembic/versions"
        [{prefix}owners]
        shared = "core"
        [{prefix}naming_convention]
        pk = "pk_%(table_name)s"
        [{prefix}manifest]
        file = "module.py"
        symbol = ""
        name = "slug"
        [{prefix}module.cms]
        tier = "internal"
        requires = ["core"]
        [{prefix}embedded]
        data = "var/pg"
        programs = "/usr/lib/postgresql/18/bin"
        [{prefix}container]
        image = "postgres:18"
        """,
        file=file,
    )
    found = load_configuration(project.root, environ={})
    assert (found.root, found.file) == (project.root, project.root / file)
    assert (found.modules, found.entry_points) == (("app/modules/*",), ("modalembic.modules",))
    assert (found.versions, found.multiple_heads) == (("db",), True)
    assert (found.models, found.model_entry_points) == (
        ("{package}.tables",),
        ("invenio_db.models",),
    )
    assert (found.metadata, found.context) == ("app.db:metadata", "app.db:migration_context")
    assert (found.script_location, found.alembic_config) == ("alembic", "alembic.ini")
    assert (found.sys_path, found.database) == (("src",), "postgresql://localhost/shop")
    assert (found.version_table, found.version_table_schema) == ("versions", "admin")
    assert found.allow_orphans == ("abc",)
    assert (found.lock_wait, found.lock_timeout) == (120.0, 3.0)
    assert (found.statement_timeout, found.retries) == (0.5, 0)
    assert found.locations == {"core": "alembic/versions"}
    assert found.owners == {"shared": "core"}
    assert found.naming_convention == {"pk": "pk_%(table_name)s"}
    shape = found.manifest
    assert (shape.file, shape.symbol, shape.name) == ("module.py", None, ("slug",))
    assert (shape.configured, shape.tier) == (True, ("tier",))
    line = found.line_of("module", "cms")
    assert found.module == {
        "cms": ModuleTable("cms", line, tier="internal", requires=("core",)),
    }
    assert line is not None
    assert (project.root / file).read_text().splitlines()[line - 1] == f"[{prefix}module.cms]"
    assert found.embedded_data == project.root / "var/pg"
    assert found.embedded_programs == Path("/usr/lib/postgresql/18/bin")
    assert found.container_image == "postgres:18"


def test_the_defaults(project: ProjectFiles) -> None:
    found = load_configuration(project.configure("").root, environ={})
    assert found.modules == found.entry_points == ()
    assert found.versions == ("migrations/versions", "migrations")
    assert (found.lock_wait, found.lock_timeout, found.statement_timeout) == (60.0, 5.0, 0.0)
    assert (found.multiple_heads, found.database, found.cache_directory) == (False, None, None)


def test_what_the_environment_says(project: ProjectFiles) -> None:
    project.configure('container.image = "postgres:17"')
    found = load_configuration(
        project.root,
        environ={
            "MODALEMBIC_DATABASE_URL": "postgresql://x/y",
            "MODALEMBIC_POSTGRES_IMAGE": "postgres:18",
            "MODALEMBIC_CACHE_DIR": "/var/cache/x",
        },
    )
    assert found.environment_database == "postgresql://x/y"
    assert found.container_image == "postgres:18"
    assert found.cache_directory == Path("/var/cache/x")


@pytest.mark.parametrize(
    ("text", "message", "hint", "line"),
    [
        ("\nmodule = 1", "module: expected a table, not the int 1", None, 3),
        ("moduls = []", "moduls: unknown key", "did you mean 'modules'?", 2),
        ("zzz = []", "zzz: unknown key", "the keys known here are alembic_config, ", 2),
        ("modules = 5", "modules: expected a list of strings, not the int 5", None, 2),
        (
            "modules = ['a', 1]",
            "modules: expected a list of strings, not the list ['a', 1]",
            None,
            2,
        ),
        ("modules = ['']", "modules: expected a list of strings, not the list ['']", None, 2),
        ("modules = ''", "modules: expected a list of strings, not ''", None, 2),
        ("sys_path = 'src'", "sys_path: expected a list of strings, not 'src'", None, 2),
        ("context = true", "context: expected a string, not true", None, 2),
        ("context = ''", "context: expected a string, not ''", None, 2),
        ("multiple_heads = 'yes'", "multiple_heads: expected true or false, not 'yes'", None, 2),
        ("retries = -1", "retries: expected a whole number, zero or more, not the int -1", None, 2),
        ("retries = true", "retries: expected a whole number, zero or more, not true", None, 2),
        ("retries = 1.5", "retries: expected a whole number, zero or more, not the float", None, 2),
        ("lock_wait = []", "lock_wait: expected a length of time such as '5s'", None, 2),
        ("lock_wait = 'soon'", "lock_wait: 'soon' is not a length of time", None, 2),
        ("lock_wait = nan", "lock_wait: nan is not a length of time", None, 2),
        ("lock_wait = 2024-01-01", "lock_wait: expected a length of time", None, 2),
        ("locations = 'x'", "locations: expected a table of strings, not 'x'", None, 2),
        (
            "locations = { core = 1 }",
            "locations: expected a table of strings, but core is the int 1",
            None,
            2,
        ),
        ("module.cms = 1", "module.cms: expected a table, not the int 1", None, 2),
        ("\nmodule.cms.tiers = 'core'", "module.cms.tiers: unknown key", "mean 'tier'?", 3),
        (
            "\n[tool.modalembic.module.cms]\ntier = 'main'",
            "module.cms.tier: expected 'core', 'optional' or 'internal', not 'main'",
            None,
            4,
        ),
        ("[tool.modalembic.manifest]\nnames = 'x'", "manifest.names: unknown key", "'name'?", 3),
        ("context = {}", "context: expected a string, not a table", None, 2),
        ("manifest.symbol = 1", "manifest.symbol: expected a string, not the int 1", None, 2),
        ("manifest.tiers = { a = 'b' }", "manifest.tiers: expected 'core', 'optional'", None, 2),
        ("embedded = 1", "embedded: expected a table, not the int 1", None, 2),
        ("container = { img = 'x' }", "container.img: unknown key", "mean 'image'?", 2),
    ],
)
@pytest.mark.parametrize("file", ["pyproject.toml", "modalembic.toml"])
def test_what_is_wrong_is_refused_with_key_file_and_line(
    project: ProjectFiles, *, file: str, text: str, message: str, hint: str | None, line: int
) -> None:
    if file == "modalembic.toml":
        text, line = text.replace("tool.modalembic.", ""), line - 1
    project.configure(text, file=file)
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(project.root, environ={})
    assert caught.value.code == "configuration"
    assert caught.value.message.startswith(message)
    assert hint is None or hint in (caught.value.hint or "")
    assert (caught.value.path, caught.value.line) == (project.root / file, line)


@pytest.mark.parametrize("tool", ["tool = 1", "[tool]\nmodalembic = 1"])
def test_a_tool_table_that_is_none(project: ProjectFiles, tool: str) -> None:
    project.file("pyproject.toml", tool)
    with pytest.raises((ConfigurationError, NotAProject)) as caught:
        load_configuration(project.root, environ={})
    assert caught.value.message.startswith(("[tool.modalembic] has to be a table", "no modalembic"))


def test_two_configurations_are_one_too_many(project: ProjectFiles) -> None:
    project.configure("").configure("", file="modalembic.toml")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(project.root, environ={})
    assert caught.value.message == (
        "both modalembic.toml and pyproject.toml configure this project"
    )
    assert caught.value.hint == "keep one of them"
    assert (caught.value.path, caught.value.line) == (project.root / "pyproject.toml", 1)


def test_the_nearest_project_upwards_is_found(
    project: ProjectFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.configure("").file("app/pyproject.toml", "[tool.other]\n").file("app/x/y.py")
    monkeypatch.chdir(project.root / "app/x")
    assert load_configuration(environ={}).root == project.root


def test_a_directory_that_is_named_is_not_searched_upwards(project: ProjectFiles) -> None:
    project.configure("").file("app/x.py")
    with pytest.raises(NotAProject) as caught:
        load_configuration(project.root / "app", environ={})
    assert caught.value.code == "not-a-project"
    assert caught.value.message == f"no modalembic project in {project.root / 'app'}"
    assert caught.value.hint is not None
    assert "modalembic init" in caught.value.hint


def test_outside_of_every_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotAProject) as caught:
        load_configuration(environ={})
    assert caught.value.message == f"no modalembic project in {tmp_path} or above"


def test_a_directory_that_is_none(project: ProjectFiles) -> None:
    project.configure("")
    for wrong in ("pyproject.toml", "nowhere"):
        with pytest.raises(NotAProject) as caught:
            load_configuration(project.root / wrong, environ={})
        assert caught.value.message == f"{project.root / wrong} is not a directory"
        assert caught.value.hint == "--project takes a directory"


def test_a_project_is_the_same_through_a_link_and_by_a_relative_path(
    project: ProjectFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.configure("").file("app/x.py")
    (tmp_path / "link").symlink_to(project.root)
    monkeypatch.chdir(project.root / "app")
    for spelling in ("..", tmp_path / "link", f"{tmp_path}/other/../link"):
        (tmp_path / "other").mkdir(exist_ok=True)
        assert load_configuration(spelling, environ={}).root == project.root


def test_the_lines_of_other_keys_can_be_asked_for(project: ProjectFiles) -> None:
    project.configure('database = "x"\n[tool.modalembic.locations]\ncore = "y"\n')
    found = load_configuration(project.root, environ={})
    assert found.line_of("database") == 2
    assert found.line_of("locations", "core") == 4
    assert found.line_of("context") is None


def test_a_configuration_is_never_changed(project: ProjectFiles) -> None:
    found = load_configuration(project.configure("[tool.modalembic.module.x]").root, environ={})
    for mapping in (found.module, found.locations, found.owners, found.manifest.tiers):
        assert not hasattr(mapping, "__setitem__")
