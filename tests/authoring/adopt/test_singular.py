"""Each singular `head`, wherever it stands, and what should stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.authoring.adopt.singular import singular_heads
from tests.checks.repository import repository
from tests.projects import ProjectFiles


def found(root: Path, *histories: Path) -> list[tuple[str, int, str]]:
    return [
        (each.path.relative_to(root).as_posix(), each.line, each.replacement)
        for each in singular_heads(root, histories)
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("alembic upgrade head", "alembic upgrade heads"),
        ("\tpoetry run alembic -c db/x.ini upgrade head", None),
        ("RUN python -m alembic -x tenant=a upgrade head --sql", None),
        ("run: alembic stamp head && pytest", None),
        ("sh -c 'alembic upgrade head; gunicorn app'", None),
        ("alembic history -r base:head", None),
        ("Run `alembic upgrade head` first.", None),
        ('CMD ["alembic", "upgrade", "head"]', None),
        ("command: [alembic, upgrade, head]", None),
        ("os.system('alembic upgrade head')", None),
    ],
)
def test_a_command_for_alembic(tmp_path: Path, before: str, after: str | None) -> None:
    (tmp_path / "file").write_text(f"\n{before}\n")
    assert found(tmp_path) == [("file", 2, after or before.replace("head", "heads"))]


@pytest.mark.parametrize(
    "line",
    [
        "alembic upgrade heads",
        "alembic upgrade billing@head",
        "alembic upgrade header",
        "alembic revision -m 'bump the head'",
        "git rebase head",
        "alembic upgrade 1a2b && git checkout head",
        "alembic downgrade base",
        "flask db upgrade heads",
        "flask db upgrade 1a2b3c",
        "flask db upgrade --sql heads",
        "flask db upgrade_all",
        "flask run",
    ],
)
def test_what_is_fine_as_it_is(tmp_path: Path, line: str) -> None:
    (tmp_path / "file.sh").write_text(f"{line}\n")
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("flask db upgrade", "flask db upgrade heads"),
        (
            "flask --app shop db upgrade && flask run",
            "flask --app shop db upgrade heads && flask run",
        ),
        ("flask db upgrade --sql", "flask db upgrade heads --sql"),
        ("flask db upgrade -d other", "flask db upgrade heads -d other"),
        ("flask db upgrade head", "flask db upgrade heads"),
        ("python manage.py db stamp", "python manage.py db stamp heads"),
        ('sh -c "flask db upgrade"', 'sh -c "flask db upgrade heads"'),
        ('CMD ["flask", "db", "upgrade"]', 'CMD ["flask", "db", "upgrade", "heads"]'),
        ('["sh", "-c", "flask db upgrade", "x"]', '["sh", "-c", "flask db upgrade heads", "x"]'),
    ],
)
def test_a_command_for_flask_migrate(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "file").write_text(before)
    assert found(tmp_path) == [("file", 1, after)]


def test_commands_over_several_lines(tmp_path: Path) -> None:
    ProjectFiles(tmp_path).file(
        "compose.yml",
        """
        services:
          migrate:
            command:
              - alembic
              - upgrade
              - head
          flask:
            command:
              - flask
              - db
              - upgrade
        """,
    ).file("run.sh", "alembic \\\n    upgrade \\\n    head\n")
    assert found(tmp_path) == [
        ("compose.yml", 7, "      - heads"),
        ("compose.yml", 12, "      - upgrade\n      - heads"),
        ("run.sh", 3, "    heads"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('command.upgrade(config, "head")', 'command.upgrade(config, "heads")'),
        ("alembic.command.stamp(config, revision='head')", None),
        ('upgrade(Config("ä"), "head", sql=True)', None),
        ('main(argv=["-c", ini, "upgrade", "head"])', None),
        ('script.walk_revisions("base", "head")', None),
        ('script.get_revision("head")', None),
    ],
)
def test_calls_in_python(tmp_path: Path, before: str, after: str | None) -> None:
    (tmp_path / "x.py").write_text(f"import alembic\n{before}\n")
    assert found(tmp_path) == [("x.py", 2, after or before.replace("head", "heads"))]


def test_flask_migrates_functions_mean_one_head(tmp_path: Path) -> None:
    text = "from flask_migrate import upgrade as up\nimport flask_migrate\n"
    calls = "up()\nflask_migrate.stamp(directory='x')\nup('x', 'a1')\nup(revision='heads')\n"
    (tmp_path / "x.py").write_text(text + calls)
    assert found(tmp_path) == [
        ("x.py", 3, 'up(revision="heads")'),
        ("x.py", 4, "flask_migrate.stamp(directory='x', revision=\"heads\")"),
    ]


def test_a_list_of_two_hits_in_a_line_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.sh").write_text("alembic upgrade head; alembic stamp head\r\n")
    assert found(tmp_path) == [("x.sh", 1, "alembic upgrade heads; alembic stamp heads")]


def test_revisions_environments_and_what_is_no_text_are_left_out(tmp_path: Path) -> None:
    line = "alembic upgrade head\n"
    project = ProjectFiles(tmp_path).file("versions/a1.py", f'"""{line}"""\n')
    project.file("venv/pyvenv.cfg").file("venv/x.sh", line).file("node_modules/x.sh", line)
    project.file(".github/workflows/ci.yml", f"run: {line}")
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe alembic upgrade head")
    assert found(tmp_path, tmp_path / "versions") == [
        (".github/workflows/ci.yml", 1, "run: alembic upgrade heads")
    ]


def test_what_git_ignores_is_not_read(tmp_path: Path) -> None:
    project = ProjectFiles(tmp_path).file("a.sh", "alembic upgrade head\n")
    project.file(".gitignore", "b.sh\n")
    repository(tmp_path, project)
    project.file("b.sh", "alembic upgrade head\n").file("c.sh", "alembic stamp head\n")
    assert [path for path, _, _ in found(tmp_path)] == ["a.sh", "c.sh"]
