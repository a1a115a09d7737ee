from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from modalembic.config import ManifestShape
from modalembic.errors import ManifestError
from modalembic.modules.manifest import Manifest, read_manifest

Reader = Callable[..., Manifest]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Reads a manifest that has to be there."""

    def read_source(source: str, shape: ManifestShape | None = None) -> Manifest:
        shape = shape or ManifestShape()
        (tmp_path / shape.file).write_text(dedent(source))
        manifest = read_manifest(tmp_path, shape)
        assert manifest is not None
        return manifest

    return read_source


def test_a_call_of_module_definition_says_what_a_module_is(read: Reader, tmp_path: Path) -> None:
    manifest = read("""
        from app.modules.base import ModuleDefinition

        billing = ModuleDefinition(
            code="billing",
            name="Billing and Payments",
            tier="core",
            requires=["core", "customers"],
            migrations_path="migrations",
            models_path="app.modules.billing.models",
        )
    """)
    assert manifest == Manifest(
        path=tmp_path / "definition.py",
        line=4,
        name="billing",
        tier="core",
        requires=("core", "customers"),
        versions="migrations",
        models="app.modules.billing.models",
        components=("migrations", "models"),
    )


def test_the_file_is_never_run(read: Reader) -> None:
    manifest = read("""
        import no_such_package_anywhere
        raise RuntimeError("this file was imported")
        MODULE = no_such_package_anywhere.ModuleDefinition(name="billing")
    """)
    assert manifest.name == "billing"


@pytest.mark.parametrize(
    ("keywords", "tier"),
    [
        ("", None),
        ("tier=None", None),
        ("tier=None, is_core=True", "core"),
        ("is_core=True", "core"),
        ("is_internal=True", "internal"),
        ("is_core=False, is_internal=False", None),
        ("tier=ModuleTier.CORE", "core"),
        ("tier=app.ModuleTier.INTERNAL.value", "internal"),
        ("tier=TIER", "internal"),
    ],
)
def test_the_tier(read: Reader, keywords: str, tier: str | None) -> None:
    assert read(f"TIER = 'internal'\nModuleDefinition(code='x', {keywords})").tier == tier


@pytest.mark.parametrize(
    ("written", "requires"),
    [
        ("[]", ()),
        ("()", ()),
        ("['core']", ("core",)),
        ("('core', 'cms', 'core')", ("core", "cms")),
        ("{'core'}", ("core",)),
        ("frozenset({'core'})", ("core",)),
        ("[CORE, *OTHERS]", ("core", "cms")),
        ("[CORE] + OTHERS", ("core", "cms")),
        ("None", None),
    ],
)
def test_the_requirements(read: Reader, written: str, requires: tuple[str, ...] | None) -> None:
    source = f"CORE = 'core'\nOTHERS: list[str] = ['cms']\nModuleDefinition(requires={written})"
    manifest = read(source)
    assert manifest.requires == requires
    assert not manifest.unread


MAPPED = ManifestShape(
    file="module.py",
    symbol="MODULE",
    name=("slug",),
    tier=("kind",),
    requires=("needs",),
    core=(),
    internal=(),
    tiers={"PLATFORM": "core", "plugin": "optional"},
)


@pytest.mark.parametrize(
    "source",
    [
        "MODULE = {body}",
        "MODULE: dict[str, object] = {body}",
        "class Billing:\n    MODULE = {body}",
        "class Billing:\n    class Meta:\n        MODULE: dict = {body}",
        "MODULE = registry.MODULE(slug='billing', kind='plugin', needs=['core'])",
    ],
)
def test_an_applications_own_shape(read: Reader, source: str) -> None:
    body = "{'slug': 'billing', 'kind': 'plugin', 'needs': ['core']}"
    manifest = read(source.replace("{body}", body), MAPPED)
    assert (manifest.name, manifest.tier, manifest.requires) == ("billing", "optional", ("core",))


def test_an_enums_member_may_be_mapped_by_its_name(read: Reader) -> None:
    assert read("MODULE = {'slug': 'x', 'kind': Kind.PLATFORM}", MAPPED).tier == "core"


def test_a_dict_in_one_class_body_of_several(read: Reader) -> None:
    source = (
        "class A:\n    module = {'name': 'a'}\nclass B:\n    module = {'name': 'b'}\nmodule(1)\n"
    )
    assert read(source, ManifestShape(symbol="B.module")).name == "b"


def test_a_file_that_is_one_dict(read: Reader) -> None:
    source = (
        "# the module\n{'name': 'billing', 'paths': {'migrations': 'db', 'models': '.tables'}}\n"
    )
    manifest = read(source, ManifestShape(file="__module__.py", symbol=None))
    assert (manifest.name, manifest.versions, manifest.models) == ("billing", "db", ".tables")


@pytest.mark.parametrize("source", ["", "x = 1\n", "Other(code='x')", "MODULE = None"])
def test_a_file_without_the_symbol_is_no_manifest(tmp_path: Path, source: str) -> None:
    (tmp_path / "definition.py").write_text(source)
    assert read_manifest(tmp_path, ManifestShape()) is None


def test_a_directory_without_the_file_has_no_manifest(tmp_path: Path) -> None:
    assert read_manifest(tmp_path, ManifestShape()) is None


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("x = 1\nModuleDefinition(\n", "definition.py cannot be read: '(' was never closed", 2),
        (
            "\nModuleDefinition()\n\nModuleDefinition()",
            "2 manifests (ModuleDefinition, lines 2, 4)",
            4,
        ),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused(
    tmp_path: Path, source: str, message: str, line: int
) -> None:
    (tmp_path / "definition.py").write_text(source)
    with pytest.raises(ManifestError) as caught:
        read_manifest(tmp_path, ManifestShape())
    assert caught.value.code == "manifest"
    assert message in caught.value.message
    assert (caught.value.path, caught.value.line) == (tmp_path / "definition.py", line)


RUN = "which cannot be read without running the file"


@pytest.mark.parametrize(
    ("keywords", "field", "message"),
    [
        ("code=CODES[0]", "name", f"code is CODES[0], {RUN}"),
        ("code=f'{x}'", "name", f"code is f'{{x}}', {RUN}"),
        ("code=7", "name", "code is 7, not a string"),
        ("code='x', tier=tier()", "tier", f"tier is tier(), {RUN}"),
        ("code='x', tier='main'", "tier", "tier is 'main', not 'core', 'optional' or 'internal'"),
        ("code='x', tier=Tier.MAIN", "tier", "tier is 'MAIN', not 'core', 'optional'"),
        ("code='x', is_core='yes'", "tier", "is_core is 'yes', not True or False"),
        ("code='x', requires=['a', B]", "requires", f"requires is B, {RUN}"),
        ("code='x', requires='core'", "requires", "requires is 'core', not a list of module names"),
        ("code='x', requires=[1]", "requires", "requires is [1], not a list of module names"),
        ("code='x', requires=list(7)", "requires", f"requires is 7, {RUN}"),
        (
            "code='x', migrations_path=HERE / 'm'",
            "versions",
            f"migrations_path is HERE / 'm', {RUN}",
        ),
        ("code='x', **MORE", "tier", f"a part of the manifest is MORE, {RUN}"),
        (
            "'billing'",
            "name",
            "the manifest has an argument without a keyword, which may be the name",
        ),
    ],
)
def test_a_value_that_cannot_be_read_is_kept_with_its_line(
    read: Reader, tmp_path: Path, keywords: str, field: str, message: str
) -> None:
    error = read(f"\nModuleDefinition(\n    {keywords}\n)").unread[field]
    assert error.message.startswith(message)
    assert error.hint is not None
    assert (error.path, error.line) == (tmp_path / "definition.py", 3)


def test_names_that_stand_for_each_other_in_a_circle_are_not_followed_for_ever(
    read: Reader,
) -> None:
    assert "name" in read("A = B + 'x'\nB = A + 'x'\nModuleDefinition(code=A)").unread


def test_a_name_that_is_bound_twice_is_not_literal(read: Reader) -> None:
    assert "name" in read("A = 'x'\nif y:\n    A = 'z'\nModuleDefinition(code=A)").unread
