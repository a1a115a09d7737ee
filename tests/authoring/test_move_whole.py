"""Moving whole packages, files with stubs, and the last names of a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from modalembic.errors import MoveUnclear, NameClash, StillImported, UsageError
from tests.authoring.moving import after, application, commit, move, python, text, tree
from tests.projects import ProjectFiles

PAY: Mapping[str, str] = {
    "app/services/__init__.py": '"""What the shop does."""\n',
    "app/services/pay/__init__.py": (
        "from app.services.pay.card import charge\n\n__all__ = ['charge']\n"
    ),
    "app/services/pay/card.py": (
        "from .parts.limit import LIMIT\n\n\ndef charge():\n    return LIMIT\n"
    ),
    "app/services/pay/parts/__init__.py": "",
    "app/services/pay/parts/limit.py": "LIMIT = 3\n",
    "app/main.py": "from app.services import pay\nfrom app.services.pay.parts import limit\n\n"
    "print(pay.charge(), limit.LIMIT)\n",
}
NEW = "app/modules/billing/payments"
JOBS: Mapping[str, str] = {
    "app/jobs/__init__.py": "",
    "app/jobs/nightly.py": "def close():\n    return 1\n\n\ndef count():\n    return 2\n",
    "app/runner.py": "INCLUDE = ['app.jobs.nightly']\nOTHER = 'app.jobs.nightly.close'\n",
}


class TestAPackage:
    @pytest.fixture
    def project(self, tmp_path: Path) -> ProjectFiles:
        return application(tmp_path, PAY)

    def test_goes_file_by_file(self, project: ProjectFiles) -> None:
        move(project, "app.services.pay", "app.modules.billing.payments")
        assert text(project, f"{NEW}/parts/limit.py") == "LIMIT = 3\n"
        moved = text(project, f"{NEW}/card.py")
        assert moved.startswith("from app.modules.billing.payments.parts.limit import LIMIT\n")
        assert "charge" in text(project, f"{NEW}/__init__.py")
        assert python(project, "import app.main") == "3 3"
        old = "from app.services.pay.card import charge; print(charge())"
        assert python(project, old) == "3"

    def test_leaves_no_more_than_what_it_imported_for_its_effect(
        self, project: ProjectFiles
    ) -> None:
        move(project, "app.services.pay", "app.modules.billing.payments", shim=False)
        assert not (project.root / "app/services/pay/parts").exists()
        left = text(project, "app/services/pay/__init__.py")
        assert left == "import app.modules.billing.payments.card  # noqa: E402, F401\n"
        assert python(project, "import app.main") == "3 3"

    def test_goes_below_a_package_that_is_there(self, project: ProjectFiles) -> None:
        project.file("app/modules/billing/services/__init__.py")
        found = after(project, "app.services.pay", "app.modules.billing.services")
        assert "app/modules/billing/services/pay/parts/limit.py" in found

    def test_that_defines_something_itself_is_refused(self, project: ProjectFiles) -> None:
        project.file("app/services/pay/parts/__init__.py", "RATE = 1\n")
        before = tree(project)
        with pytest.raises(UsageError, match="defines RATE itself") as caught:
            move(project, "app.services.pay", "app.modules.billing.payments")
        assert caught.value.path == project.root / "app/services/pay/parts/__init__.py"
        assert tree(project) == before

    def test_whose_file_is_there_already_is_refused(self, project: ProjectFiles) -> None:
        project.file(f"{NEW}/__init__.py").file(f"{NEW}/pay/card.py")
        with pytest.raises(NameClash, match=r"payments\.pay\.card"):
            move(project, "app.services.pay", "app.modules.billing.payments")


class TestAStub:
    @pytest.fixture
    def project(self, tmp_path: Path) -> ProjectFiles:
        stub = (
            "from ..db import Base\nfrom .kind import Kind\n\nclass Tier(Base):\n    kind: Kind\n"
        )
        files = {"app/models/tier.pyi": stub, "app/models/kind.py": "class Kind: ...\n"}
        return application(tmp_path, files)

    def test_goes_along_with_its_file(self, project: ProjectFiles) -> None:
        move(project, "app.models.tier", "billing")
        assert not (project.root / "app/models/tier.pyi").exists()
        assert text(project, "app/modules/billing/models/tier.pyi") == (
            "from app.db import Base\nfrom app.models.kind import Kind\n\n"
            "class Tier(Base):\n    kind: Kind\n"
        )

    def test_follows_what_moves_elsewhere(self, project: ProjectFiles) -> None:
        move(project, "app.models.kind", "billing")
        stub = text(project, "app/models/tier.pyi")
        assert "from app.modules.billing.models.kind import Kind\n" in stub

    def test_of_a_file_of_which_only_a_name_moves_is_refused(self, project: ProjectFiles) -> None:
        before = tree(project)
        with pytest.raises(MoveUnclear, match=r"tier\.pyi lies beside") as caught:
            move(project, "app.models.tier:Tier", "billing")
        assert caught.value.path == project.root / "app/models/tier.pyi"
        assert tree(project) == before


class TestAFileThatIsEmptyThen:
    @pytest.fixture
    def project(self, tmp_path: Path) -> ProjectFiles:
        project = application(tmp_path, JOBS)
        commit(project)
        return project

    def test_is_followed_by_strings_that_name_it(self, project: ProjectFiles) -> None:
        target = "app.modules.billing.jobs"
        move(project, "app.jobs.nightly:close,count", target, shim=False)
        assert not (project.root / "app/jobs/nightly.py").exists()
        assert text(project, "app/runner.py") == (
            f"INCLUDE = ['{target}']\nOTHER = '{target}.close'\n"
        )

    def test_with_names_that_went_apart_is_refused(self, project: ProjectFiles) -> None:
        move(project, "app.jobs.nightly:close", "app.modules.billing.close", shim=False)
        commit(project)
        (project.root / "plan.toml").write_text("")
        project.file("app/jobs/nightly.py", JOBS["app/jobs/nightly.py"].replace("close", "open_"))
        before = tree(project)
        with pytest.raises(StillImported, match=r"runner\.py names app\.jobs\.nightly") as caught:
            _both(project)
        assert (caught.value.path, caught.value.line) == (project.root / "app/runner.py", 1)
        assert tree(project) == before

    def test_with_a_re_export_stays_where_it_is(self, project: ProjectFiles) -> None:
        move(project, "app.jobs.nightly:close,count", "app.modules.billing.jobs")
        assert "'app.jobs.nightly'" in text(project, "app/runner.py")
        assert python(project, "import app.jobs.nightly as n; print(n.count())") == "2"


def _both(project: ProjectFiles) -> None:
    """Two names of one file to two places, without re-exports."""
    from modalembic.authoring.move.command import plan_move
    from modalembic.authoring.move.requests import request_of
    from modalembic.authoring.move.tree import SourceTree

    loaded = project.load()
    source = SourceTree.of(loaded)
    requests = [
        request_of(source, ["app.jobs.nightly:open_", "app.modules.billing.opening"]),
        request_of(source, ["app.jobs.nightly:count", "app.modules.billing.counting"]),
    ]
    plan_move(loaded, requests, shim=False)
