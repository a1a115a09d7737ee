from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.config.toml import line_of, read_toml
from modalembic.errors import ConfigurationError

DOCUMENT = '''\
title = "x"

[tool.modalembic]
modules = [
    "a",  # [tool.other]
    "b",
]
container.image = "postgres"
embedded = { data = "d", programs = "p" }
text = """
[tool.nothing]
"""
"quoted key" = 1

[tool.modalembic.module.cms]
tier = "core"

[[tool.list]]
x = 1

[[tool.list]]
y = 2
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("title", 1),
        ("tool", 3),
        ("tool.modalembic", 3),
        ("tool.modalembic.modules", 4),
        ("tool.modalembic.container", 8),
        ("tool.modalembic.container.image", 8),
        ("tool.modalembic.embedded.programs", 9),
        ("tool.modalembic.text", 10),
        ("tool.nothing", None),
        ("tool.modalembic.quoted key", 13),
        ("tool.modalembic.module.cms", 15),
        ("tool.modalembic.module.cms.tier", 16),
        ("tool.list.x", 19),
        ("tool.list.y", 22),
        ("tool.other", None),
    ],
)
def test_the_line_of_a_key(tmp_path: Path, keys: str, line: int | None) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(DOCUMENT)
    assert line_of(path, tuple(keys.split("."))) == line


def test_lines_are_found_in_time_linear_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(
        "".join(f"[tool.modalembic.module.m{n}]\npath = 'm{n}'\n\n" for n in range(900))
    )
    import tomllib

    read = 0
    loads = tomllib.loads

    def counted(text: str) -> dict[str, object]:
        nonlocal read
        read += len(text)
        return loads(text)

    monkeypatch.setattr("tomllib.loads", counted)
    assert [line_of(path, ("tool", "modalembic", "module", f"m{n}")) for n in range(900)] == [
        n * 3 + 1 for n in range(900)
    ]
    assert read < 2 * path.stat().st_size


@pytest.mark.parametrize(
    ("text", "line"), [("a = 1\nb = \n", 2), ("a = 1\n\nb = [\n1,\n", 5), ("a = 1\na = 2\n", 2)]
)
def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "modalembic.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_toml(path)
    assert caught.value.message.startswith("modalembic.toml is not valid TOML: ")
    assert (caught.value.path, caught.value.line) == (path, line)


def test_what_is_not_utf_8_or_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "modalembic.toml"
    path.write_bytes(b"a = '\xff'\n")
    with pytest.raises(ConfigurationError, match=r"modalembic\.toml is not UTF-8: "):
        read_toml(path)
    with pytest.raises(ConfigurationError, match=r"modalembic\.toml: No such file"):
        read_toml(tmp_path / "none" / "modalembic.toml")
