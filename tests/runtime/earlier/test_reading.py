"""Reading an earlier tree in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modalembic.errors import (
    EarlierFailed,
    ImportFailed,
    MigrationFailed,
    MultipleHeads,
    WorkingTreeLoaded,
)
from modalembic.postgres.scratch import ScratchServer
from modalembic.postgres.url import DatabaseURL
from modalembic.runtime.earlier import earlier_catalog
from modalembic.runtime.earlier.process import read_earlier
from modalembic.runtime.earlier.state import StatedTable, TreeState
from modalembic.runtime.earlier.tree import commit_of, earlier_tree
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import Scratch
from tests.checks.drift_shop import Told, executed
from tests.checks.moves_shop import INVOICES, PEOPLE, moves_shop, split_monolith
from tests.checks.repository import Repository, repository
from tests.projects import ProjectFiles, SitePackages


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return moves_shop(tmp_path / "shop")


def read(repo: Repository, reference: str = "main") -> TreeState:
    project = repo.project.load()
    with earlier_tree(project.root, commit_of(project.root, reference)) as tree:
        return read_earlier(project, tree, tables=True)


def table(state: TreeState, key: str) -> StatedTable:
    [found] = [each for each in state.tables if each.key == key]
    return found


def rewrite_base(repo: Repository) -> None:
    """Let `main` be what the working tree is."""
    repo.commit()
    repo.git("branch", "--force", "main")


class TestTheState:
    def test_is_that_of_the_commit_at_the_places_of_the_working_tree(
        self, repo: Repository
    ) -> None:
        repo.project.file("app/modules/core/models/people.py", "raise RuntimeError\n")
        repo.project.module("billing").revision("b9", down="b1")

        state = read(repo)

        assert [(t.key, t.name, t.owner) for t in state.tables] == [
            ("invoices", "public.invoices", "core"),
            ("payments", "public.payments", "billing"),
            ("people", "public.people", "core"),
        ]
        people = table(state, "people")
        root = repo.project.root.resolve()
        assert people.path == root / "app/modules/core/models/people.py"
        assert people.line == PEOPLE.splitlines().index("class Person(Base):") + 1
        assert state.heads == {"billing": ("b1",), "core": ("c1",)}
        assert state.revisions == {"b1": "billing", "c1": "core"}
        assert (state.found, state.plain) == (True, False)

    def test_is_the_same_whatever_the_hash_seed(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = set()
        for seed in ("0", "1", "42"):
            monkeypatch.setenv("PYTHONHASHSEED", seed)
            found.add(read(repo).tables)

        assert len(found) == 1

    def test_what_the_application_prints_is_not_in_the_way(self, repo: Repository) -> None:
        repo.project.file(
            "app/base.py", (repo.top / "app/base.py").read_text() + "\nprint('{\"answer\": 1}')\n"
        )
        rewrite_base(repo)

        assert len(read(repo).tables) == 3

    def test_a_project_below_the_top_of_its_repository_is_read(self, tmp_path: Path) -> None:
        inner = moves_shop(tmp_path / "top/services/shop")
        (tmp_path / "top/services/shop/.git").rename(tmp_path / "top/services/shop/git")
        (tmp_path / "top/services/shop/git").rename(tmp_path / "git of shop")
        outer = repository(tmp_path / "top", inner.project)

        state = read(Repository(outer.top, inner.project))

        assert [t.key for t in state.tables] == ["invoices", "payments", "people"]
        place = inner.project.root.resolve()
        assert all(t.path.is_relative_to(place) for t in state.tables)

    def test_settings_are_read_from_the_directory_that_it_runs_in(self, repo: Repository) -> None:
        repo.project.file("settings.txt", "invoices_of_old")
        text = INVOICES.replace('"invoices"', "open('settings.txt').read()")
        repo.project.file("app/modules/core/models/invoices.py", text)
        rewrite_base(repo)
        repo.project.file("settings.txt", "invoices_of_now")

        assert "invoices_of_old" in [t.key for t in read(repo).tables]

    def test_statements_that_need_a_database_cannot_be_told(self, repo: Repository) -> None:
        listener = (
            "\nfrom sqlalchemy import event\n"
            "@event.listens_for(Person.__table__, 'after_create')\n"
            "def fill(table, connection, **_):\n"
            "    connection.execute(text('SELECT 1')).scalar_one()\n"
        )
        people = PEOPLE.replace("import Integer", "import Integer, text") + listener
        repo.project.file("app/modules/core/models/people.py", people)
        rewrite_base(repo)

        state = read(repo)

        assert table(state, "people").parts is None
        assert "scalar_one" in str(table(state, "people").reason)
        assert table(state, "invoices").parts


class TestErrors:
    def test_are_told_at_their_place_in_the_working_tree(self, repo: Repository) -> None:
        place = repo.project.root.resolve() / "app/modules/core/models/people.py"
        repo.project.file("app/modules/core/models/people.py", "x = (\n")
        rewrite_base(repo)
        repo.project.file("app/modules/core/models/people.py", PEOPLE)

        with pytest.raises(ImportFailed, match=r"at the base \([0-9a-f]{12}\)") as caught:
            read(repo)

        assert (caught.value.path, caught.value.line) == (place, 1)
        assert caught.value.module == "core"
        assert "modalembic-tree-" not in caught.value.message + str(caught.value.hint)

    def test_of_the_history_keep_no_models_from_being_read(
        self, repo: Repository, server_url: str
    ) -> None:
        repo.project.module("billing").revision("b2", down="b1").revision("b3", down="b1")
        rewrite_base(repo)

        assert len(read(repo).tables) == 3

        server = ScratchServer(DatabaseURL.parse(server_url))
        project = repo.project.load()
        with pytest.raises(MultipleHeads, match="at main"):
            earlier_catalog(
                project, "main", "migrations", Scratch(project, server=server), Observer()
            )

    def test_a_process_that_ends_is_one(self, repo: Repository) -> None:
        repo.project.file(
            "app/base.py", "import os, sys\nprint('no more')\nsys.stdout.flush()\nos._exit(3)\n"
        )
        rewrite_base(repo)

        with pytest.raises(EarlierFailed, match="ended with 3: no more"):
            read(repo)


class TestTheWorkingTree:
    def test_is_not_loaded_by_an_absolute_path(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SHOP_ROOT", str(repo.project.root.resolve() / "lib"))
        repo.project.file("lib/shop_helpers.py", "x = 1\n")
        base = (repo.top / "app/base.py").read_text()
        repo.project.file(
            "app/base.py",
            "import os, sys\nsys.path.insert(0, os.environ['SHOP_ROOT'])\n"
            "import shop_helpers\n" + base,
        )
        rewrite_base(repo)

        with pytest.raises(WorkingTreeLoaded, match="shop_helpers") as caught:
            read(repo)

        assert caught.value.path == repo.project.root.resolve() / "lib/shop_helpers.py"

    def test_is_left_behind_by_every_entry_of_the_search_path(
        self, repo: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repo.project.file("lib/shop_base.py", (repo.top / "app/base.py").read_text())
        repo.project.file("app/base.py", "from shop_base import Base\n")
        rewrite_base(repo)
        repo.project.file("lib/shop_base.py", "raise RuntimeError\n")
        monkeypatch.syspath_prepend(repo.top / "lib")

        assert len(read(repo).tables) == 3

    def test_is_left_behind_by_an_editable_installation(
        self, repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repo.project.file("packages/shop_base/__init__.py", (repo.top / "app/base.py").read_text())
        repo.project.file("app/base.py", "from shop_base import Base\n")
        rewrite_base(repo)
        repo.project.file("packages/shop_base/__init__.py", "raise RuntimeError\n")
        # As setuptools does it: a finder with a table, which a .pth file imports.
        finder = "__editable___shop_base_finder"
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / f"{finder}.py").write_text(
            "import sys\nfrom importlib.machinery import PathFinder\n"
            "from importlib.util import spec_from_file_location\nfrom pathlib import Path\n"
            f"MAPPING = {{'shop_base': {str(repo.top / 'packages/shop_base')!r}}}\n"
            "class Finder:\n"
            "    @classmethod\n"
            "    def find_spec(cls, name, path=None, target=None):\n"
            "        if name in MAPPING:\n"
            "            place = Path(MAPPING[name])\n"
            "            return spec_from_file_location(name, place / '__init__.py')\n"
            "sys.meta_path.append(Finder)\n"
        )
        (tmp_path / "site/sitecustomize.py").write_text(f"import {finder}\n")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))

        assert len(read(repo).tables) == 3


class TestEntryPoints:
    @pytest.fixture
    def packages(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SitePackages:
        site = SitePackages(tmp_path / "site/site-packages")
        site.path.mkdir(parents=True)
        monkeypatch.syspath_prepend(site.path)
        return site

    @pytest.fixture
    def plugins(self, tmp_path: Path) -> Repository:
        """A repository with a project and a distribution of its own, `shop-parts`, whose modules
        are found by entry points."""
        project = ProjectFiles(tmp_path / "shop").configure('entry_points = ["shop.modules"]')
        project.file(
            "parts/pyproject.toml",
            '[project]\nname = "shop-parts"\nversion = "1"\n'
            '[project.entry-points."shop.modules"]\nold = "shop_parts.old"\n',
        )
        project.file("parts/src/shop_parts/__init__.py")
        project.file("parts/src/shop_parts/old/__init__.py")
        project.file(
            "parts/src/shop_parts/old/models.py",
            PEOPLE.replace("app.base", "shop_parts.base"),
        )
        base = moves_shop(tmp_path / "other").top / "app/base.py"
        project.file("parts/src/shop_parts/base.py", base.read_text())
        return repository(project.root, project)

    def test_are_those_that_the_commit_declares(
        self, plugins: Repository, packages: SitePackages, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = plugins.top / "parts/src"
        plugins.git("mv", "parts/src/shop_parts/old", "parts/src/shop_parts/new")
        packages.distribution("shop_parts", "[shop.modules]\nnew = shop_parts.new\n")
        (packages.path / "shop_parts-1.0.dist-info/direct_url.json").write_text(
            f'{{"url": "file://{plugins.top / "parts"}", "dir_info": {{"editable": true}}}}'
        )
        monkeypatch.syspath_prepend(source)
        assert plugins.project.load().module_order == ("new",)

        state = read(plugins)

        assert state.modules == ("old",)
        assert [(t.key, t.owner) for t in state.tables] == [("people", "old")]

    def test_of_an_installed_copy_are_those_of_the_commit_and_so_is_its_code(
        self, plugins: Repository, packages: SitePackages
    ) -> None:
        packages.package("shop_parts.old", {"models.py": "raise RuntimeError\n"})
        packages.package("shop_parts")
        packages.distribution("shop_parts", "[shop.modules]\nold = shop_parts.old\n")
        described = packages.path / "shop_parts-1.0.dist-info"
        (described / "direct_url.json").write_text(
            f'{{"url": "file://{plugins.top / "parts"}", "dir_info": {{}}}}'
        )
        (described / "RECORD").write_text(
            "shop_parts/__init__.py,,\nshop_parts/old/__init__.py,,\nshop_parts/old/models.py,,\n"
        )

        assert [(t.key, t.owner) for t in read(plugins).tables] == [("people", "old")]

    def test_of_other_distributions_stay(self, repo: Repository, packages: SitePackages) -> None:
        packages.package("far_away")
        packages.distribution("far_away", "[shop.modules]\nfar = far_away\n")
        repo.project.configure('modules = ["app/modules/*"]\nentry_points = ["shop.modules"]\n')
        rewrite_base(repo)

        assert set(read(repo).modules) == {"billing", "core", "far"}

    def test_of_a_distribution_that_is_gone_are_found_again(
        self, plugins: Repository, packages: SitePackages
    ) -> None:
        assert packages.path.is_dir()
        plugins.git("rm", "-rq", "parts")

        assert [(t.key, t.owner) for t in read(plugins).tables] == [("people", "old")]


class TestAPlainProject:
    @pytest.fixture
    def monolith(self, tmp_path: Path) -> Repository:
        return split_monolith(tmp_path / "shop")

    def test_has_the_models_of_its_env_py_and_no_owners(self, monolith: Repository) -> None:
        state = read(monolith)

        assert (state.found, state.plain) == (True, True)
        assert [(t.key, t.owner) for t in state.tables] == [("invoices", None), ("people", None)]
        root = monolith.project.root.resolve()
        assert table(state, "people").path == root / "app/models/people.py"
        assert table(state, "people").line == PEOPLE.splitlines().index("class Person(Base):") + 1
        assert state.heads == {"history": ("m2",)}

    def test_may_have_no_revision_yet(self, monolith: Repository) -> None:
        monolith.git("stash", "--quiet", "--include-untracked")
        monolith.git("rm", "-rq", "migrations/versions")
        rewrite_base(monolith)
        monolith.git("stash", "pop", "--quiet")
        monolith.project.configure()

        state = read(monolith)

        assert [t.key for t in state.tables] == ["invoices", "people"]
        assert state.heads == {}

    def test_makes_the_catalog_of_its_migrations(
        self, monolith: Repository, server_url: str
    ) -> None:
        server = ScratchServer(DatabaseURL.parse(server_url))
        told = Told()

        project = monolith.project.load()
        scratch = Scratch(project, server=server)
        catalog = earlier_catalog(project, "main", "migrations", scratch, told)
        models = earlier_catalog(project, "main", "models", scratch, told)

        assert [t.name for t in catalog.tables] == ["invoices", "people"]
        assert [len(t.columns) for t in catalog.tables] == [11, 1]
        assert len(models.tables[0].columns) == 11
        assert "migrating a scratch database (2 revisions)" in told.events[0]


class TestTheServer:
    def test_its_password_is_in_no_argument_and_no_variable(
        self, repo: Repository, tmp_path: Path
    ) -> None:
        seen = tmp_path / "seen"
        repo.project.file(
            "app/base.py",
            "import os, sys\n"
            f"open({str(seen)!r}, 'w').write(repr(sys.orig_argv) + repr(dict(os.environ)))\n"
            "raise SystemExit(1)\n",
        )
        rewrite_base(repo)
        nowhere = DatabaseURL.parse("postgresql://someone:hush-hush@localhost:1/nothing")
        project = repo.project.load()

        with (
            earlier_tree(project.root, commit_of(project.root, "main")) as tree,
            pytest.raises(ImportFailed),
        ):
            read_earlier(project, tree, tables=True, server=ScratchServer(nowhere))

        text = seen.read_text()
        assert sys.executable in text
        assert "hush-hush" not in text

    def test_a_migration_that_fails_says_so(self, repo: Repository, server_url: str) -> None:
        repo.project.module("billing").revision("b2", down="b1", upgrade=executed("NONSENSE"))
        rewrite_base(repo)
        server = ScratchServer(DatabaseURL.parse(server_url))

        project = repo.project.load()
        with pytest.raises(MigrationFailed, match=r"at main \(") as caught:
            earlier_catalog(
                project, "main", "migrations", Scratch(project, server=server), Observer()
            )

        assert caught.value.failed["revision"] == "b2"
        assert caught.value.path is not None
        assert caught.value.path.is_relative_to(repo.project.root.resolve())
