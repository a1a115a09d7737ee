from __future__ import annotations

import pytest

from modalembic.errors import AmbiguousTarget, ModalembicError, UnknownTarget, UnreachableTarget
from modalembic.history.graph import RevisionGraph
from modalembic.history.targets import TargetResolver
from tests.history.handmade import graph_of, revision

SHOP = graph_of(
    revision("core1", "core", labels="core"),
    revision("core2", "core", down="core1"),
    revision("core3", "core", down="core2"),
    revision("bill1", "billing", labels="billing", depends_on="core2"),
    revision("bill2", "billing", down="bill1"),
)
WOVEN = graph_of(
    revision("one1", "one", labels="one"),
    revision("two1", "two", down="one1"),
    revision("one2", "one", down="two1"),
    revision("two2", "two", down="one2"),
)


def resolver(
    graph: RevisionGraph = SHOP, *rows: str, modules: tuple[str, ...] = ("core", "billing", "cms")
) -> TargetResolver:
    return TargetResolver(graph, modules, frozenset(graph.ancestors(rows)))


def woven(*rows: str) -> TargetResolver:
    return resolver(WOVEN, *rows, modules=("one", "two"))


def forked(*rows: str, modules: tuple[str, ...] = ("core",)) -> TargetResolver:
    """A module with an expand and a contract line."""
    graph = graph_of(
        revision("core1", "core", labels="core"),
        revision("expand", "core", down="core1", labels="expand"),
        revision("contract", "core", down="core1", labels="contract"),
        revision("expand2", "core", down="expand"),
    )
    return resolver(graph, *rows, modules=modules)


@pytest.mark.parametrize(
    ("target", "goals"),
    [
        ("heads", ("bill2", "core3")),
        ("base", ()),
        ("billing@base", ()),
        ("core2", ("core2",)),
        ("b", None),
        ("bill1", ("bill1",)),
        ("billing", ("bill2",)),
        ("billing@head", ("bill2",)),
        ("billing@heads", ("bill2",)),
        ("billing@+1", ("bill1",)),
        ("billing@+2", ("bill2",)),
        ("core@+1", ("core2",)),
        ("core@base+2", ("core2",)),
        ("core1+2", ("core3",)),
        ("core3-1", ("core2",)),
        ("core1-1", ()),
        ("core@head-1", ("core2",)),
        ("core@core2", ("core2",)),
    ],
)
def test_an_upgrade_reaches(target: str, goals: tuple[str, ...] | None) -> None:
    if goals is None:
        with pytest.raises(AmbiguousTarget):
            resolver(SHOP, "core1").upgrade(target)
    else:
        assert resolver(SHOP, "core1").upgrade(target) == goals


@pytest.mark.parametrize(
    ("target", "undone"),
    [
        ("base", {"core1", "core2", "core3", "bill1", "bill2"}),
        ("billing@base", {"bill1", "bill2"}),
        ("core@base", {"core1", "core2", "core3", "bill1", "bill2"}),
        ("billing@-1", {"bill2"}),
        ("billing@-2", {"bill1", "bill2"}),
        ("core@-1", {"core3"}),
        ("core@-2", {"core2", "core3", "bill1", "bill2"}),
        ("core2", {"core3"}),
        ("core@core1", {"core2", "core3", "bill1", "bill2"}),
        ("core3-1", {"core3"}),
        ("bill1-1", {"bill1", "bill2"}),
        ("core1+1", {"core3"}),
        ("core@base+1", {"core2", "core3", "bill1", "bill2"}),
        ("core3", set()),
    ],
)
def test_a_downgrade_undoes(target: str, undone: set[str]) -> None:
    assert resolver(SHOP, "core3", "bill2").downgrade(target) == undone


UNKNOWN, AMBIGUOUS, UNREACHABLE = UnknownTarget, AmbiguousTarget, UnreachableTarget


@pytest.mark.parametrize(
    ("target", "error", "message", "hint"),
    [
        ("nope", UNKNOWN, "there is no revision, module or label 'nope'", "`modalembic modules`"),
        ("bilings", UNKNOWN, "there is no revision, module or label 'bilings'", "billing"),
        ("nope@head", UNKNOWN, "there is no module or branch 'nope'", "`modalembic modules`"),
        ("billing@core2", UNKNOWN, "core2 belongs to core, not to billing", "write core2 alone"),
        ("@head", UNKNOWN, "'@head' is no target", "write heads"),
        ("core@", UNKNOWN, "'core@' is no target", "write heads"),
        ("", UNKNOWN, "'' is no target", "write heads"),
        ("core@-0", UNKNOWN, "there is no revision, module or label '-0'", None),
        ("bill", AMBIGUOUS, "the beginning of 2 revisions: bill1, bill2", "write more of the id"),
        ("head", AMBIGUOUS, "head is ambiguous: there are 2, of billing, core", "billing@head"),
        ("+1", AMBIGUOUS, "+1 is ambiguous with 2 modules", "say which one: billing@+1"),
        ("core@+3", UNREACHABLE, "core@+3 is 1 further than there are revisions", "is core3"),
        ("core@-1", UNREACHABLE, "core@-1 leads down", "modalembic downgrade core@-1"),
        ("core2-3", UNREACHABLE, "core2-3 is 1 below the first revision, core1", "write base"),
        ("core@base-1", UNREACHABLE, "core@base-1 is below base", "write base"),
        ("heads+1", AMBIGUOUS, "heads+1 is 2 revisions", "name one of bill2, core3"),
        (
            "billing+1",
            AMBIGUOUS,
            "billing+1 could start from the first or the last revision of billing",
            "write billing@+1 for",
        ),
        ("core-1", AMBIGUOUS, "core-1 could start from the first or", "write core@-1 for"),
        ("cms+1", AMBIGUOUS, "cms+1 could start from the first or", "write cms@+1 for"),
    ],
)
def test_an_upgrade_refuses(
    target: str, error: type[ModalembicError], message: str, hint: str | None
) -> None:
    with pytest.raises(error) as caught:
        resolver(SHOP, "core1").upgrade(target)
    assert message in caught.value.message
    assert caught.value.hint is not None
    assert hint is None or hint in caught.value.hint


@pytest.mark.parametrize(
    ("target", "error", "message", "hint"),
    [
        ("heads", UNREACHABLE, "heads leads up, and this is a downgrade", "module@-1"),
        ("billing", UNREACHABLE, "billing leads up, and this is a downgrade", "module@-1"),
        ("core@+1", UNREACHABLE, "core@+1 leads up, and this is a downgrade", "module@-1"),
        ("-1", AMBIGUOUS, "-1 is ambiguous with 2 modules", "say which one: billing@-1"),
        ("core3", UNREACHABLE, "the database does not have core3", "`modalembic current`"),
        ("billing@-1", UNREACHABLE, "the database has no revision of billing", "current`"),
        ("bill1-1", UNREACHABLE, "the database does not have bill1", "current`"),
        ("core@-3", UNREACHABLE, "core@-3 is further than core has revisions", "core@base"),
        (
            "core-1",
            AMBIGUOUS,
            "core-1 could start from the first or the last revision of core",
            "write core@-1 for",
        ),
        ("billing+2", AMBIGUOUS, "billing+2 could start from the first", "write billing@+2 for"),
    ],
)
def test_a_downgrade_refuses(
    target: str, error: type[ModalembicError], message: str, hint: str
) -> None:
    with pytest.raises(error) as caught:
        resolver(SHOP, "core2").downgrade(target)
    assert message in caught.value.message
    assert caught.value.hint is not None
    assert hint in caught.value.hint


def test_a_line_that_passes_through_other_modules_is_walked_revision_by_own_revision() -> None:
    assert woven("one1").upgrade("one@+1") == ("one2",)
    assert woven().upgrade("one@+1") == ("one1",)
    assert woven().upgrade("one@+2") == ("one2",)
    assert woven().upgrade("two@+1") == ("two1",)
    assert woven("two2").downgrade("one@-1") == {"one2", "two2"}
    assert woven("two2").downgrade("one@-2") == {"one1", "one2", "two1", "two2"}
    assert woven("two2").downgrade("one@base") == {"one1", "one2", "two1", "two2"}
    assert woven("two2").downgrade("two@base") == {"one2", "two1", "two2"}
    assert woven("two2").downgrade("two@two1") == {"two2"}
    assert woven("two2").upgrade("one@head") == ("one2",)


def test_an_id_with_steps_follows_the_line_into_another_module_if_it_goes_on_nowhere_else() -> None:
    assert woven().upgrade("two2-1") == ("one2",)
    assert woven().upgrade("one1+1") == ("two1",)
    assert woven().upgrade("one2+1") == ("two2",)


def test_a_first_revision_hung_on_another_modules_is_the_modules_first() -> None:
    graph = graph_of(
        revision("core1", "core", labels="core"),
        revision("core2", "core", down="core1"),
        revision("cms1", "cms", down="core1"),
        revision("cms2", "cms", down="cms1"),
    )
    assert resolver(graph).upgrade("cms@+1") == ("cms1",)
    assert resolver(graph).upgrade("core@head") == ("core2",)
    assert resolver(graph, "cms2", "core2").downgrade("cms@base") == {"cms1", "cms2"}
    assert resolver(graph, "cms2", "core2").downgrade("cms@-2") == {"cms1", "cms2"}
    assert resolver(graph, "cms2", "core2").downgrade("core@core1") == {"core2"}
    assert resolver(graph, "cms2", "core2").downgrade("core1") == {"core2", "cms1", "cms2"}


def test_several_heads_of_one_module_are_named() -> None:
    with pytest.raises(AmbiguousTarget) as caught:
        forked().upgrade("core@head")
    assert caught.value.message == "core@head is ambiguous: core has the heads contract, expand2"
    assert caught.value.hint == "write core@heads for all of them, or one of the ids"
    assert forked().upgrade("core@heads") == ("contract", "expand2")


def test_a_label_beside_the_modules_name_is_one_of_its_lines() -> None:
    assert forked().upgrade("expand@head") == ("expand2",)
    assert forked().upgrade("contract@head") == ("contract",)
    assert forked("contract").upgrade("expand@+1") == ("expand",)
    assert forked().upgrade("expand@+1") == ("core1",)
    assert forked("expand2", "contract").downgrade("expand@-1") == {"expand2"}
    assert forked().module_of("expand@head") == "core"


def test_a_bare_label_that_is_no_modules_name_is_the_revision_that_carries_it() -> None:
    assert resolver(graph_of(revision("a1", "a", labels="old"), revision("a2", down="a1"))).upgrade(
        "old"
    ) == ("a1",)


def test_two_lines_in_the_database_make_one_step_down_ambiguous() -> None:
    with pytest.raises(AmbiguousTarget) as caught:
        forked("expand2", "contract").downgrade("core@-1")
    assert "the database has contract, expand2 of core" in caught.value.message
    assert caught.value.hint == "start from one of them: contract-1"


def test_a_step_up_where_two_revisions_follow_is_ambiguous() -> None:
    with pytest.raises(AmbiguousTarget) as caught:
        forked("core1").upgrade("core@+1")
    assert caught.value.message == "core@+1 is ambiguous: contract and expand follow core1"


def test_a_step_down_from_a_merge_is_ambiguous() -> None:
    graph = graph_of(
        revision("a1", labels="a"),
        revision("a2", down="a1"),
        revision("a3", down="a1"),
        revision("a4", down=("a2", "a3")),
    )
    for target in ("a4-1", "a@-1"):
        with pytest.raises(AmbiguousTarget) as caught:
            resolver(graph, "a4", modules=("a",)).downgrade(target)
        assert caught.value.message == f"{target} is ambiguous: a2 and a3 are joined by a4"
        assert caught.value.hint == "name the revision to go to"


def test_foreign_labels_that_look_reserved_leave_the_targets_their_meaning() -> None:
    graph = graph_of(
        revision("a1", labels=("head", "heads", "base")),
        revision("a2", down="a1"),
        revision("b1", labels="b"),
    )
    found = resolver(graph, modules=("a", "b"))
    assert found.upgrade("heads") == ("a2", "b1")
    assert found.upgrade("base") == ()
    assert found.upgrade("a@head") == ("a2",)
    with pytest.raises(AmbiguousTarget):
        found.upgrade("head")


def test_with_a_single_module_a_relative_target_needs_no_name() -> None:
    graph = graph_of(revision("a1", labels="a"), revision("a2", down="a1"))
    assert resolver(graph, modules=("a",)).upgrade("+2") == ("a2",)
    assert resolver(graph, modules=("a",)).upgrade("head") == ("a2",)
    assert resolver(graph, "a2", modules=("a",)).downgrade("-1") == {"a2"}
    assert resolver(graph, modules=("a",)).module_of("+1") == "a"


def test_a_module_with_a_dash_and_a_digit_in_its_name_is_no_relative_target() -> None:
    graph = graph_of(revision("x1", "dev-2", labels="dev-2"), revision("x2", "dev-2", down="x1"))
    found = resolver(graph, modules=("dev-2",))
    assert found.upgrade("dev-2") == ("x2",)
    assert found.upgrade("dev-2@head") == ("x2",)
    assert found.upgrade("dev-2@+1") == ("x1",)


def test_an_id_wins_over_a_module_of_the_same_name() -> None:
    graph = graph_of(revision("core", "core"), revision("core2", "core", down="core"))
    assert resolver(graph).upgrade("core") == ("core",)
    assert resolver(graph).upgrade("core+1") == ("core2",)
    assert resolver(graph, "core2").downgrade("core2-1") == {"core2"}


def test_the_module_that_a_target_is_about() -> None:
    found = resolver(SHOP, "core1")
    assert {text: found.module_of(text) for text in ("heads", "head", "base")} == {
        "heads": None,
        "head": None,
        "base": None,
    }
    assert found.module_of("billing") == "billing"
    assert found.module_of("bill2-1") == "billing"
    assert found.module_of("core@-1") == "core"


def test_one_revision_by_name() -> None:
    assert resolver().revision("core@head") == "core3"
    assert resolver().revision("core3") == "core3"
    with pytest.raises(AmbiguousTarget) as caught:
        resolver().revision("base")
    assert caught.value.message == "base is none"


def test_a_prefix_needs_to_be_unambiguous_only_within_the_branch_that_is_named() -> None:
    graph = graph_of(revision("x1", "a", labels="a"), revision("x2", "b", labels="b"))
    assert resolver(graph, modules=("a", "b")).upgrade("b@x") == ("x2",)


def test_a_label_without_a_module_follows_its_line_and_no_other() -> None:
    found = forked("core1")
    assert found.upgrade("expand@+2") == ("expand2",)
    assert forked("expand2", "contract").downgrade("contract@-1") == {"contract"}
    assert forked("expand2", "contract").downgrade("contract@base") == {
        "core1",
        "expand",
        "expand2",
        "contract",
    }
