"""`move`: where things go, and what stays at the old place."""

from __future__ import annotations

from pathlib import Path

import pytest

from modalembic.errors import (
    MoveUnclear,
    NameClash,
    SourceNotFound,
    SourceUnreadable,
    StillImported,
    UnknownModule,
    UsageError,
)
from tests.authoring.moving import after, application, reworked

NEW = "app.modules.billing.models.tier"
PATH = "app/modules/billing/models/tier.py"


def test_a_bare_module_means_its_models(tmp_path: Path) -> None:
    found = after(application(tmp_path), "app.models.tier", "billing")
    assert {PATH, "app/modules/billing/models/__init__.py"} <= found.keys()


def test_a_bare_module_whose_models_are_one_file_gets_the_names(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/modules/billing/models.py": "import os\n\nX = os\n"})
    found = after(project, "app.models.tier", "billing", shim=False)
    assert "class Tier(Base)" in found["app/modules/billing/models.py"]
    assert "app/models/tier.py" not in found


def test_several_files_go_into_a_package(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/models/user.py": "class User: ...\n"})
    found = after(project, "app.models.tier", "app.models.user", "app.modules.billing.models")
    assert {PATH, "app/modules/billing/models/user.py"} <= found.keys()


def test_one_file_goes_into_a_package_that_is_there(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/modules/billing/models/__init__.py": ""})
    assert PATH in after(project, "app.models.tier", "app.modules.billing.models")


def test_packages_are_made_as_those_around_them(tmp_path: Path) -> None:
    project = application(tmp_path)
    found = after(project, "app.db", "app.modules.billing.services.prices.db")
    assert found["app/modules/billing/services/__init__.py"] == ""
    assert found["app/modules/billing/services/prices/__init__.py"] == ""


def test_namespace_packages_stay_without_an_init(tmp_path: Path) -> None:
    project = application(tmp_path)
    for path in ("app/__init__.py", "app/modules/__init__.py", "app/models/__init__.py"):
        (project.root / path).unlink()
    found = after(project, "app.models.tier:cheapest", "app.tools.prices")
    assert "app/tools/prices.py" in found
    assert "app/tools/__init__.py" not in found


def test_a_src_layout_is_found(tmp_path: Path) -> None:
    project = application(tmp_path)
    (project.root / "src").mkdir()
    (project.root / "app").rename(project.root / "src/app")
    project.configure('modules = ["src/app/modules/*"]\n')
    project.file("tests/test_it.py", 'patch("app.models.tier.cheapest")\n')
    found = after(project, "app.models.tier", "billing")
    assert f"src/{PATH}" in found
    assert found["tests/test_it.py"] == f'patch("{NEW}.cheapest")\n'


def test_relative_imports_of_a_moved_file_are_spelled_out(tmp_path: Path) -> None:
    source = "from ..db import Base\nfrom . import user\nfrom .user import User\n\nX = Base, User\n"
    project = application(
        tmp_path, {"app/models/tier.py": source, "app/models/user.py": "class User: ...\n"}
    )
    assert after(project, "app.models.tier", "billing")[PATH] == (
        "from app.db import Base\nfrom app.models import user\nfrom app.models.user import User\n"
        "\nX = Base, User\n"
    )


def test_the_old_file_becomes_a_lazy_re_export(tmp_path: Path) -> None:
    project = application(tmp_path)
    found = after(project, "app.models.tier", "billing")
    old = found["app/models/tier.py"]
    assert f"    from {NEW} import DEFAULT, Tier, cheapest\n" in old
    assert '__all__ = ["DEFAULT", "Tier", "cheapest"]\n' in old
    assert f'_MOVED = {{  # modalembic: re-export\n    "DEFAULT": "{NEW}:DEFAULT",\n' in old
    assert "def __getattr__(name: str) -> object:\n" in old
    assert old.endswith(f"\n\n\nimport {NEW}  # noqa: E402, F401\n")


def test_the_old_package_keeps_its_names_and_imports_the_new_module_last(tmp_path: Path) -> None:
    init = (
        '"""All models."""\n\nfrom .tier import Tier\nfrom .user import User\n\n'
        '__all__ = ["Tier", "User"]\n'
    )
    project = application(
        tmp_path, {"app/models/__init__.py": init, "app/models/user.py": "class User: ...\n"}
    )
    old = after(project, "app.models.tier", "billing")["app/models/__init__.py"]
    assert old.startswith(
        '"""All models."""\n\nfrom typing import TYPE_CHECKING\n\nfrom .user import User\n\n'
        f"if TYPE_CHECKING:\n    from {NEW} import Tier\n\n"
        '__all__ = ["Tier", "User"]\n\n_MOVED = {  # modalembic: re-export\n'
    )
    assert old.endswith(f"\n\n\nimport {NEW}  # noqa: E402, F401\n")


def test_an_old_package_without_all_gets_one(tmp_path: Path) -> None:
    init = "from .tier import Tier\nfrom .user import User\n"
    project = application(
        tmp_path, {"app/models/__init__.py": init, "app/models/user.py": "class User: ...\n"}
    )
    old = after(project, "app.models.tier", "billing")["app/models/__init__.py"]
    assert '__all__ = ["Tier", "User"]\n' in old


def test_an_old_package_that_uses_the_name_imports_it_at_once(tmp_path: Path) -> None:
    init = "from .tier import Tier\n\nALL = [Tier]\n"
    project = application(tmp_path, {"app/models/__init__.py": init})
    old = after(project, "app.models.tier", "billing")["app/models/__init__.py"]
    assert old == f"from {NEW} import Tier\n\nALL = [Tier]\n"


def test_what_the_old_package_had_at_hand_the_new_one_has_too(tmp_path: Path) -> None:
    found = after(application(tmp_path), "app.models.tier", "billing")
    assert found["app/modules/billing/models/__init__.py"] == (
        f'from {NEW} import Tier\n\n__all__ = ["Tier"]\n'
    )


def test_a_chain_of_packages_leads_to_the_new_place(tmp_path: Path) -> None:
    project = application(
        tmp_path,
        {
            "app/old/__init__.py": "from .models import Tier\n",
            "app/old/models/__init__.py": "from .tier import Tier\n",
            "app/old/models/tier.py": "class Tier: ...\n",
            "app/user.py": "from app.old import Tier\n",
        },
    )
    found = after(project, "app.old.models.tier", "billing")
    assert found["app/user.py"] == f"from {NEW} import Tier\n"
    assert '"Tier": "app.modules.billing.models.tier:Tier"' in found["app/old/__init__.py"]


def test_a_second_move_from_a_file_adds_to_its_re_exports(tmp_path: Path) -> None:
    project = application(tmp_path)
    reworked(project, "app.models.tier:Tier", NEW).apply()
    reworked(project, "app.models.tier:cheapest", "app.modules.billing.prices").apply()
    old = (project.root / "app/models/tier.py").read_text()
    assert old.count("_MOVED = {") == 1
    assert old.count("def __getattr__") == 1
    assert old.count("if TYPE_CHECKING:") == 1
    assert (
        f'    "Tier": "{NEW}:Tier",\n    "cheapest": "app.modules.billing.prices:cheapest",' in old
    )


def test_what_has_moved_can_move_on(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/modules/core/__init__.py": ""})
    reworked(project, "app.models.tier", "billing").apply()
    found = after(project, NEW, "core")
    assert '"Tier": "app.modules.core.models.tier:Tier"' in found["app/models/tier.py"]
    assert found["app/models/__init__.py"].count("import app.modules.core.models.tier") == 1
    assert NEW not in found["app/models/__init__.py"]


def test_without_a_shim_nothing_is_left(tmp_path: Path) -> None:
    project = application(tmp_path)
    changes = reworked(project, "app.models.tier", "billing", shim=False)
    removed = [each.path.name for each in changes.changes if each.after is None]
    assert removed == ["tier.py"]
    init = next(each.after for each in changes.changes if each.path.match("app/models/*.py"))
    assert init == f"import {NEW}  # noqa: E402, F401\n"


def test_a_shim_is_taken_away_later(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/user.py": "from app.models import Tier\n"})
    reworked(project, "app.models.tier", "billing").apply()
    project.file("app/late.py", "from app.models.tier import Tier\n")
    found = after(project, "app.models.tier", "billing", shim=False)
    assert "app/models/tier.py" not in found
    assert found["app/models/__init__.py"] == f"import {NEW}  # noqa: E402, F401\n"
    assert found["app/late.py"] == f"from {NEW} import Tier\n"


def test_a_star_import_of_listed_names_follows(tmp_path: Path) -> None:
    project = application(
        tmp_path,
        {
            "app/models/tier.py": '__all__ = ["Tier"]\n\n\nclass Tier: ...\n',
            "app/models/__init__.py": "from .tier import *\n",
            "app/user.py": "from app.models.tier import *\n\nx = Tier\n",
        },
    )
    found = after(project, "app.models.tier", "billing")
    assert found["app/user.py"] == f"from {NEW} import *\n\nx = Tier\n"
    assert '"Tier": "app.modules.billing.models.tier:Tier"' in found["app/models/__init__.py"]
    assert "import *" not in found["app/models/__init__.py"]


def test_a_star_import_of_unlisted_names_is_refused(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/user.py": "import os\nfrom app.models.tier import *\n"})
    with pytest.raises(MoveUnclear) as caught:
        reworked(project, "app.models.tier", "billing")
    assert (caught.value.path, caught.value.line) == (project.root / "app/user.py", 2)


def test_a_revision_is_never_rewritten(tmp_path: Path) -> None:
    project = application(tmp_path)
    versions = project.module("billing")
    versions.raw("b1.py", "from app.models import Tier\nrevision = 'b1'\ndown_revision = None\n")
    assert not [path for path in after(project, "app.models.tier", "billing") if "b1" in path]
    with pytest.raises(StillImported) as caught:
        reworked(project, "app.models.tier", "billing", shim=False)
    assert caught.value.path == versions.revision_path("b1")
    assert caught.value.line == 1


def test_a_file_that_does_not_parse_is_refused(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/user.py": "from app.models import Tier\n\ndef (:\n"})
    with pytest.raises(SourceUnreadable) as caught:
        reworked(project, "app.models.tier", "billing")
    assert (caught.value.path, caught.value.line) == (project.root / "app/user.py", 3)


def test_a_file_that_does_not_parse_and_has_no_such_name_stops_nobody(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/broken.py": "def (:\n"})
    assert PATH in after(project, "app.models.tier", "billing")


def test_own_getattr_leaves_no_room_for_a_re_export(tmp_path: Path) -> None:
    source = "class Tier: ...\n\n\ndef __getattr__(name):\n    raise AttributeError(name)\n"
    project = application(tmp_path, {"app/models/tier.py": source})
    with pytest.raises(MoveUnclear, match="__getattr__"):
        reworked(project, "app.models.tier:Tier", NEW)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("app.models.nothing", "billing"), SourceNotFound),
        (("app.models.tier.Tier", "billing"), SourceNotFound),
        (("os.path:join", "billing"), SourceNotFound),
        (("app.models.tier:Nothing", "billing"), SourceNotFound),
        (("app.models.tier", "sales"), UnknownModule),
        (("app.models.tier", "app.models.tier"), UsageError),
        (("app", "app.modules.billing.stuff"), UsageError),
        (("app.modules.billing", "app.stuff"), UsageError),
        (("app.models.tier",), UsageError),
        (("app.models.tier", "a.b:Tier"), UsageError),
        (("app models", "billing"), UsageError),
        (("app.models.tier", "app.models.tier:Tier", "billing"), UsageError),
        (("app.models.tier", "app.db"), NameClash),
        (("app.models.tier", "app.db.tier"), NameClash),
        (("app.models.tier:Tier", "app.models.tier:Tier", "app.x"), UsageError),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        reworked(application(tmp_path), *arguments)


def test_two_files_of_one_name_cannot_go_to_one_place(tmp_path: Path) -> None:
    project = application(tmp_path, {"app/other/tier.py": "x = 1\n"})
    with pytest.raises(NameClash):
        reworked(project, "app.models.tier", "app.other.tier", "billing")


def test_other_files_follow_where_they_are_configured(tmp_path: Path) -> None:
    project = application(
        tmp_path,
        {
            "docs/a.md": "See `app.models.tier.Tier`, app/models/tier.py and my-app.models.tier.\n",
            "deploy.yaml": "entry: app.models.tier:cheapest\n",
        },
    )
    project.configure('modules = ["app/modules/*"]\nmove_files = ["docs/**/*.md", "*.yaml"]\n')
    found = after(project, "app.models.tier", "billing")
    assert found["docs/a.md"] == f"See `{NEW}.Tier`, app/models/tier.py and my-app.models.tier.\n"
    assert found["deploy.yaml"] == f"entry: {NEW}:cheapest\n"


def test_its_own_configuration_follows(tmp_path: Path) -> None:
    project = application(tmp_path)
    project.configure('modules = ["app/modules/*"]\nmetadata = "app.models.tier:Tier"  # ours\n')
    found = after(project, "app.models.tier", "billing")
    assert f'metadata = "{NEW}:Tier"  # ours\n' in found["pyproject.toml"]


def test_a_task_keeps_its_name(tmp_path: Path) -> None:
    tasks = (
        "from app.celery import celery\n\n\n"
        "@celery.task\ndef bill():\n    pass\n\n\n"
        "@celery.task(bind=True, max_retries=3)\ndef retry(self):\n    pass\n\n\n"
        '@celery.task(name="mine")\ndef named():\n    pass\n'
    )
    user = (
        'SCHEDULE = {"task": "app.tasks.bill.bill"}\nINCLUDE = ["app.tasks.bill"]\n'
        'patch("app.tasks.bill.bill")\nsend_task("app.tasks.bill.retry")\n'
    )
    project = application(tmp_path, {"app/tasks/bill.py": tasks, "app/user.py": user})
    names = {
        "app.tasks.bill:bill": "app.tasks.bill.bill",
        "app.tasks.bill:retry": "app.tasks.bill.retry",
        "app.tasks.bill:named": "mine",
    }
    changes = reworked(project, "app.tasks.bill", "app.modules.billing.tasks.bill", tasks=names)
    found = {each.path.relative_to(project.root).as_posix(): each.after for each in changes.changes}
    assert found["app/modules/billing/tasks/bill.py"] == tasks.replace(
        "@celery.task\n", '@celery.task(name="app.tasks.bill.bill")\n'
    ).replace("max_retries=3)", 'max_retries=3, name="app.tasks.bill.retry")')
    assert found["app/user.py"] == user.replace(
        '["app.tasks.bill"]', '["app.modules.billing.tasks.bill"]'
    ).replace('patch("app.tasks', 'patch("app.modules.billing.tasks')
