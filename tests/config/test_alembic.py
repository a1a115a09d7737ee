from __future__ import annotations

import os

import pytest

from modalembic.config.alembic import AlembicSettings, read_alembic_settings
from modalembic.errors import ConfigurationError
from tests.projects import ProjectFiles


def read(project: ProjectFiles, name: str | None = None) -> AlembicSettings:
    return read_alembic_settings(project.root, name)


def test_a_project_without_alembics_configuration(project: ProjectFiles) -> None:
    assert read(project) == AlembicSettings()


def test_tool_alembic_is_read_with_here_filled_in(project: ProjectFiles) -> None:
    project.file(
        "pyproject.toml",
        """
        [tool.alembic]
        script_location = "%(here)s/alembic"
        version_locations = ["%(here)s/a b", "pkg:versions", "100%%"]
        prepend_sys_path = ["src"]
        recursive_version_locations = true
        """,
    )
    found = read(project)
    assert found.script_location == f"{project.root}/alembic"
    assert found.version_locations == (f"{project.root}/a b", "pkg:versions", "100%")
    assert found.prepend_sys_path == ("src",)
    assert found.recursive_version_locations
    assert (found.ini, found.toml) == (None, project.root / "pyproject.toml")


def test_the_ini_file_wins_key_by_key(project: ProjectFiles) -> None:
    project.file(
        "pyproject.toml", '[tool.alembic]\nscript_location = "a"\nprepend_sys_path = ["x"]\n'
    )
    project.file("alembic.ini", "[alembic]\nscript_location = b\n")
    found = read(project)
    assert (found.script_location, found.prepend_sys_path) == ("b", ("x",))
    assert (found.ini, found.toml) == (
        project.root / "alembic.ini",
        project.root / "pyproject.toml",
    )


def test_here_is_where_the_ini_file_lies(project: ProjectFiles) -> None:
    project.file("db/alembic.ini", "[alembic]\nscript_location = %(here)s/env\n")
    assert read(project, "db/alembic.ini").script_location == f"{project.root}/db/env"


def test_keys_of_the_ini_file_may_name_each_other_and_logging_is_left_alone(
    project: ProjectFiles,
) -> None:
    project.file(
        "alembic.ini",
        """\
        [alembic]
        script_location = %(here)s/env
        version_locations = %(script_location)s/versions
        [formatter_generic]
        format = %(levelname)-5.5s [%(name)s] %(message)s
        """,
    )
    assert read(project).version_locations == (f"{project.root}/env/versions",)


@pytest.mark.parametrize(
    ("separator", "written"),
    [
        ("path_separator = os", f"a b{os.pathsep}c"),
        ("path_separator = :", "a b:c"),
        ("path_separator = ;", "a b;c"),
        ("path_separator = newline", "\n  a b\n  c\n"),
        ("version_path_separator = ;", "a b;c"),
    ],
)
def test_lists_are_split_as_alembic_splits_them(
    project: ProjectFiles, separator: str, written: str
) -> None:
    project.file("alembic.ini", f"[alembic]\n{separator}\nversion_locations = {written}\n")
    assert read(project).version_locations == ("a b", "c")


def test_without_a_separator_spaces_and_commas_split_and_colons_split_sys_path(
    project: ProjectFiles,
) -> None:
    project.file(
        "alembic.ini", "[alembic]\nversion_locations = a, b c:d\nprepend_sys_path = .:src\n"
    )
    assert read(project).version_locations == ("a", "b", "c:d")
    assert read(project).prepend_sys_path == (".", "src")


def test_a_directory_with_a_percent_sign(tmp_path_factory: pytest.TempPathFactory) -> None:
    project = ProjectFiles(tmp_path_factory.mktemp("a%b"))
    project.file("alembic.ini", "[alembic]\nscript_location = %(here)s/env\n")
    assert read(project).script_location == f"{project.root}/env"


def test_a_file_that_is_named_has_to_be_there(project: ProjectFiles) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(project, "db/alembic.ini")
    assert caught.value.message == "alembic_config names db/alembic.ini, which does not exist"
    assert caught.value.hint is not None
    assert caught.value.path == project.root / "db/alembic.ini"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("script_location = x\n", 1),
        ("[alembic]\nx = 1\nno value\n", 3),
        ("[alembic]\n[alembic]\n", 2),
        ("[alembic]\nscript_location = %(nowhere)s\n", None),
    ],
)
def test_a_file_that_does_not_parse_is_named_with_its_line(
    project: ProjectFiles, text: str, line: int | None
) -> None:
    (project.root / "alembic.ini").write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read(project)
    assert caught.value.message.startswith("alembic.ini does not parse: ")
    assert (caught.value.path, caught.value.line) == (project.root / "alembic.ini", line)


def test_a_file_of_something_else_says_nothing(project: ProjectFiles) -> None:
    project.file("alembic.ini", "[other]\nx = 1\n").file("pyproject.toml", "[tool]\nalembic = 1\n")
    assert read(project).script_location is None
    assert read(project).toml is None
