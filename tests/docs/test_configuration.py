"""Every key of the configuration is in the reference, and every key there exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modalembic.config import load_configuration
from modalembic.config.load import _KEYS
from modalembic.errors import ConfigurationError
from tests.docs.pages import first_cells, page

REFERENCE = page("reference/configuration.md")
NESTED = {
    "module.NAME",
    "manifest",
    "embedded",
    "container",
    "drift",
    "new_module",
    "structure",
}


def _known_keys(directory: Path, table: str) -> set[str]:
    """The keys that a table takes, as the error for an unknown one lists them."""
    name = table.replace("NAME", "billing")
    directory.joinpath("modalembic.toml").write_text(f"[{name}]\nzzzzzz = 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_configuration(directory, environ={})
    assert raised.value.hint is not None
    return set(raised.value.hint.removeprefix("the keys known here are ").split(", "))


def test_every_key_has_a_heading_and_every_heading_is_a_key() -> None:
    assert set(REFERENCE.headings(3)) == set(_KEYS)


@pytest.mark.parametrize("table", sorted(NESTED))
def test_every_key_of_a_table_is_in_its_section(table: str, tmp_path: Path) -> None:
    section = REFERENCE.section(table)
    assert {key for cell in first_cells(section) for key in cell} == _known_keys(tmp_path, table)


def test_every_key_says_type_and_default() -> None:
    parts = re.split(r"^### +(.+?) *$", REFERENCE.text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert [key for key, text in sections.items() if not re.search("Type: .*Default: ", text)] == []


def test_examples_are_accepted(tmp_path: Path) -> None:
    """Each `Example:` is one line that the loader takes."""
    examples = re.findall(r"^- Example: `(.+)`$", REFERENCE.text, re.MULTILINE)
    for example in examples:
        tmp_path.joinpath("modalembic.toml").write_text(example, encoding="utf-8")
        load_configuration(tmp_path, environ={})
    assert len(examples) > 20


def test_environment_variables_that_are_read_are_listed() -> None:
    section = REFERENCE.section("Environment variables")
    listed = {name for cell in first_cells(section) for name in cell}
    read = re.findall(r"MODALEMBIC_[A-Z_]+", str(load_configuration.__doc__))
    of_the_command_line = {"NO_COLOR", "MODALEMBIC_LOG_FORMAT"}
    assert listed - of_the_command_line == set(read)
