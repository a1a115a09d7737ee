"""What stands in blocks is what it says: TOML, Python, JSON, YAML."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path

import pytest
import yaml

from modalembic.config import load_configuration
from tests.docs.pages import Block, all_blocks


@pytest.mark.parametrize("block", all_blocks("toml"), ids=str)
def test_toml_is_valid_and_accepted(block: Block, tmp_path: Path) -> None:
    if "modalembic" in tomllib.loads(block.text).get("tool", {}):
        tmp_path.joinpath("pyproject.toml").write_text(block.text, encoding="utf-8")
        load_configuration(tmp_path, environ={})


@pytest.mark.parametrize("block", all_blocks("python"), ids=str)
def test_python_compiles(block: Block) -> None:
    ast.parse(block.text)


@pytest.mark.parametrize("block", all_blocks("json"), ids=str)
def test_json_is_valid(block: Block) -> None:
    assert json.loads(block.text)["version"] == 1


@pytest.mark.parametrize("block", all_blocks("yaml"), ids=str)
def test_yaml_is_valid(block: Block) -> None:
    assert yaml.safe_load(block.text)


def test_every_block_says_its_language() -> None:
    assert [str(block) for block in all_blocks("")] == []
