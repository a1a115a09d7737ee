"""What Invenio's nine packages do to one another's tables."""

from __future__ import annotations

import shutil

import pytest

from tests.corpora.commands import Corpus
from tests.corpora.environments import ASSETS, Environments

pytestmark = [pytest.mark.corpus]


def test_the_one_table_that_changed_hands_has_revisions_in_no_order(
    environments: Environments, tmp_path_factory: pytest.TempPathFactory, server_url: str
) -> None:
    directory = tmp_path_factory.mktemp("invenio")
    shutil.copytree(ASSETS / "invenio", directory, dirs_exist_ok=True)
    corpus = Corpus(
        environments.with_packages("invenio"), directory / "project", directory / "stock"
    )
    found = corpus.modalembic(
        *("check", "dependencies", "--format", "json"),
        environ={"MODALEMBIC_SCRATCH_URL": server_url},
        code=1,
    ).document["findings"]
    # accounts changes the type of its timestamps, oauthclient copies rows without a time zone into
    # them: what they mean depends on which runs first.
    assert [(each["rule"], each["name"], each["part"]) for each in found] == [
        (
            "dependencies/unordered-touch",
            "public.accounts_useridentity",
            "23e196599f9f, aaa265b0afa6",
        )
    ]
    assert "tell their authors" in found[0]["fix"]
