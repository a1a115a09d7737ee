"""Every error a user can meet.

Each class is one kind of trouble with a stable `code` (what scripts match on, and the anchor of its
section in `docs/reference/errors.md`). An instance adds what happened, where, and what to run.
Class docstrings explain the kind; they are the text of the documentation page.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


class ModalembicError(Exception):
    """The root of all errors that modalembic reports without a traceback.

    `message` says what happened in one sentence; `hint` what to do (a command where there is one);
    `path` and `line` (1-based) where. Each of the last three may be None.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        path: Path | str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = None if path is None else Path(path)
        self.line = line

    @property
    def where(self) -> str | None:
        """`file:line`, `file`, or None."""
        if self.path is None:
            return None
        return str(self.path) if self.line is None else f"{self.path}:{self.line}"


class ProjectProblems(ModalembicError):
    """Several things are wrong with the project at once; `problems` has each."""

    code = "project-problems"

    def __init__(self, problems: tuple[ModalembicError, ...]) -> None:
        first = problems[0]
        super().__init__(
            f"{len(problems)} things are wrong with this project",
            hint=first.hint,
            path=first.path,
            line=first.line,
        )
        self.problems = problems


@dataclass(frozen=True)
class ProjectWarning:
    """Something that runs as it stands, and is a trap all the same. Fields as those of an error."""

    code: str
    message: str
    hint: str | None = None
    path: Path | None = None
    line: int | None = None


# --- configuration and project -------------------------------------------------------------------


class NotAProject(ModalembicError):
    """No `[tool.modalembic]` in a `pyproject.toml`, and no `modalembic.toml`, here or above."""

    code = "not-a-project"


class Interrupted(ModalembicError):
    """Ctrl-C ended the command. The revision at work was rolled back; what had been committed
    before it stays, and the next run goes on from there."""

    code = "interrupted"
    exit_code = 130


class ConfigurationError(ModalembicError):
    """A key, a value or the syntax of the configuration is wrong."""

    code = "configuration"


class UsageError(ModalembicError):
    """Options or arguments that do not go together, or that mean nothing here."""

    code = "usage"


# --- modules -------------------------------------------------------------------------------------


class ManifestError(ModalembicError):
    """A module's manifest cannot be read statically, or says something that makes no sense."""

    code = "manifest"


class ModuleNameError(ModalembicError):
    """A module's name is reserved by Alembic's targets (`head`, `heads`, `base`, `current`), or
    has characters that a target cannot carry."""

    code = "module-name"


class DuplicateModule(ModalembicError):
    """Two modules have one name."""

    code = "duplicate-module"


class ModuleNotFound(ModalembicError):
    """The configuration or an entry point names a package or directory that is not there."""

    code = "module-not-found"


class ModuleInZip(ModalembicError):
    """A module's package is inside a zip archive, where Alembic cannot load revision files from."""

    code = "module-in-zip"


class UnknownModule(ModalembicError):
    """A requirement or an option names a module that is not discovered here."""

    code = "unknown-module"


class RequirementCircle(ModalembicError):
    """Modules require each other in a circle, so that none can come first."""

    code = "requirement-circle"


class MissingLocation(ModalembicError):
    """A version location that is named somewhere does not exist. Stock Alembic passes over it in
    silence."""

    code = "missing-location"


class NoModules(ModalembicError):
    """The configuration leads to no module and no version location at all."""

    code = "no-modules"


# --- postgres ------------------------------------------------------------------------------------


class DatabaseURLError(ModalembicError):
    """What was given as the database is not a URL of a Postgres database."""

    code = "database-url"


class ServerUnreachable(ModalembicError):
    """No server answers at the host and port, or at the socket, that the URL names."""

    code = "server-unreachable"


class DatabaseMissing(ModalembicError):
    """The server is there and lets the user in, but it has no database of that name."""

    code = "database-missing"


class LoginFailed(ModalembicError):
    """The server refuses the user: a wrong password or none, a role that does not exist, or no
    entry for it in `pg_hba.conf`."""

    code = "login-failed"


class ConnectionFailed(ModalembicError):
    """A connection to the server could not be made, for a reason of its own (too many clients, a
    server that is starting up, an unknown parameter in the URL)."""

    code = "connection-failed"


class EmbeddedUnavailable(ModalembicError):
    """The embedded server cannot be had here: its package is not installed, the programs that the
    configuration names are not there, or the platform or the account does not allow it."""

    code = "embedded-unavailable"


class EmbeddedFailed(ModalembicError):
    """The embedded server's data could not be set up, or the server did not start."""

    code = "embedded-failed"


class EmbeddedVersion(ModalembicError):
    """The embedded server's data was made by another major version of Postgres."""

    code = "embedded-version"


class DockerUnavailable(ModalembicError):
    """A container was asked for, and there is no Docker to run it, or its package is missing."""

    code = "docker-unavailable"


class ContainerImageUnavailable(ModalembicError):
    """The image for the container is not on this machine and could not be pulled."""

    code = "container-image"


class ContainerFailed(ModalembicError):
    """The container did not become a Postgres server that answers."""

    code = "container-failed"


class LockNotAcquired(ModalembicError):
    """Another run holds the lock on the version table, and did not give it back in time."""

    code = "lock-timeout"


class PoolerRefused(ModalembicError):
    """A connection pooler stands between modalembic and the server, and it could not be shown that
    it keeps a session on its backend. A lock on the session would be lost, or left behind."""

    code = "pooler"


class BackendChanged(ModalembicError):
    """The connection that migrates was on another backend at the end of a revision than the one
    that holds the lock. The revision was rolled back."""

    code = "backend-changed"


# --- revisions -----------------------------------------------------------------------------------


class RevisionFileError(ModalembicError):
    """A revision file cannot be read: it does not parse, lacks `revision` or `down_revision`, or
    has a header of the wrong type."""

    code = "revision-file"


class HeaderImportError(ModalembicError):
    """A revision's header is computed, and the file that computes it cannot be imported."""

    code = "header-import"


class RevisionIdError(ModalembicError):
    """A revision id has characters that Alembic cannot address, or is longer than the version
    column (32 characters in a new version table)."""

    code = "revision-id"


class DuplicateRevision(ModalembicError):
    """Two files have one revision id. Stock Alembic warns and forgets one of them."""

    code = "duplicate-revision"


class DuplicateLocation(ModalembicError):
    """Two modules keep their revisions in one directory."""

    code = "duplicate-location"


class LinkRefused(ModalembicError):
    """A revision file, or a version location, is reached by a symbolic link that leads out of the
    project and of everything that its configuration names. Nothing there was read."""

    code = "link-refused"


class DuplicateLabel(ModalembicError):
    """Two revisions carry one branch label, or a label is also the id of another revision."""

    code = "duplicate-label"


class MissingRevision(ModalembicError):
    """A `down_revision` or `depends_on` names a revision that is in no version location."""

    code = "missing-revision"


class RevisionCircle(ModalembicError):
    """Revisions follow or depend on each other in a circle."""

    code = "revision-circle"


class MultipleHeads(ModalembicError):
    """A module has several last revisions, and is not configured with `multiple_heads = true`."""

    code = "multiple-heads"


class NothingToMerge(ModalembicError):
    """A module has one head already, or none."""

    code = "nothing-to-merge"


class NothingToTransfer(ModalembicError):
    """A transfer would order nothing: the module's head comes after the other's already, or the
    other has no revision."""

    code = "nothing-to-transfer"


class RebaseRefused(ModalembicError):
    """Revisions of a module cannot be put on top of what the base has; nothing was written."""

    code = "rebase-refused"


class BaseUnavailable(ModalembicError):
    """An earlier state of the tree, which `--base` or `git:REF` names, cannot be laid out: no git,
    no repository, no merge base, or a clone without the history."""

    code = "base-unavailable"


class WorkingTreeLoaded(ModalembicError):
    """An earlier state of the tree was read, and a file of the working tree was loaded with it, so
    that what was read is a mixture of two states."""

    code = "working-tree-loaded"


class EarlierFailed(ModalembicError):
    """The process that reads an earlier state of the tree ended without an answer."""

    code = "earlier-failed"


# --- targets -------------------------------------------------------------------------------------


class UnknownTarget(ModalembicError):
    """A target names no revision, label or module."""

    code = "unknown-target"


class AmbiguousTarget(ModalembicError):
    """A target can mean more than one revision."""

    code = "ambiguous-target"


class UnreachableTarget(ModalembicError):
    """A target cannot be reached from the state of the database: a relative step too far, or a
    downgrade to a revision that the database does not have."""

    code = "unreachable-target"


class CrossesModules(ModalembicError):
    """A downgrade would undo revisions of other modules than the one that it names."""

    code = "crosses-modules"


# --- running -------------------------------------------------------------------------------------


class NoSchema(ModalembicError):
    """There is no place for a version table: the search path leads to no schema, or the schema that
    was named for it does not exist."""

    code = "no-schema"


class MissingPrivilege(ModalembicError):
    """The role may not do what a run needs; the hint has the grant."""

    code = "missing-privilege"


class ReadOnlyDatabase(ModalembicError):
    """The database takes no writes: a standby, or a role whose transactions are read-only."""

    code = "read-only-database"


class NewerHistory(ModalembicError):
    """The history table was made by a newer modalembic."""

    code = "newer-history"


class DatabaseAhead(ModalembicError):
    """The database has revisions of a module that this code has, but not these revisions: the code
    is older than the database."""

    code = "database-ahead"


class EditedHistory(ModalembicError):
    """Under `--strict`: revisions that the database has run are not any more what it ran, or one
    was put below them."""

    code = "edited-history"


class NotInstalled(ModalembicError):
    """A run would take revisions of a module that this database does not have: one that was
    uninstalled there, or that waits for `modalembic install`."""

    code = "not-installed"


class RequiredByOthers(ModalembicError):
    """A module cannot be uninstalled, since something else that the database has needs it: another
    module, a revision of one, or an object in the database. The message names it."""

    code = "required-by-others"


class ModuleGone(ModalembicError):
    """The database has revisions of a module whose code is not here, so they cannot be undone."""

    code = "module-gone"


class NotConfirmed(ModalembicError):
    """What cannot be taken back was not confirmed: the word at the prompt was another one, or there
    is no terminal to ask on and `--yes` was not given. Nothing was done."""

    code = "not-confirmed"


class BackupFailed(ModalembicError):
    """The backup of a module's tables could not be written or read again, so nothing was undone."""

    code = "backup-failed"


class TablesInUse(ModalembicError):
    """The tables of a module that is to be uninstalled could not be locked against writing: others
    write them. Nothing was done."""

    code = "tables-in-use"


class UninstallRefused(ModalembicError):
    """Undoing a module's revisions would have changed what is not the module's. All of it was
    rolled back."""

    code = "uninstall-refused"


class RunHookFailed(ModalembicError):
    """The project's hook `before` failed, so that nothing was run."""

    code = "run-hook-failed"


class UnknownOrphan(ModalembicError):
    """The version table names a revision that neither this code nor the history table knows."""

    code = "unknown-orphan"


class NoMatch(ModalembicError):
    """`stamp --match`: what the database has is not what any revisions of this code make of an
    empty one. The nearest are shown, with the differences (`found`); nothing was written."""

    code = "no-match"
    exit_code = 1
    found: object = None


class MatchUnsettled(ModalembicError):
    """`stamp --match`: revisions that leave no trace in a catalog (they change rows, say) may have
    run or not, and the version rows do not tell. Somebody has to say it; `found` has the rest.
    Nothing was written."""

    code = "match-unsettled"
    exit_code = 1
    found: object = None


class NotAmongMatched(ModalembicError):
    """`stamp --match --at`: the database does not match the revisions that are named."""

    code = "not-among-matched"
    exit_code = 1


class DatabaseChanged(ModalembicError):
    """`stamp --match`: the database was changed between the comparison and the stamp. Nothing was
    written."""

    code = "database-changed"


class NoDatabase(ModalembicError):
    """No database is named, and the project has no `env.py` that would know one."""

    code = "no-database"


class EnvironmentFailed(ModalembicError):
    """The project's `env.py` failed, or cannot be found."""

    code = "environment-failed"


class EnvironmentMisuse(ModalembicError):
    """The project's `env.py` does something that a safe run does not allow: it opens a transaction
    before `configure`, runs migrations twice or not at all, or uses another database or version
    table than the one that is locked."""

    code = "environment"


class RevisionImportError(ModalembicError):
    """A revision file that is to run cannot be imported, has no `upgrade()` or `downgrade()`, or is
    not what its header said."""

    code = "revision-import"


class OfflineRead(ModalembicError):
    """A revision needs a database to run, so it cannot be printed as SQL."""

    code = "offline-read"


class MigrationFailed(ModalembicError):
    """A revision failed. What had been committed before it stays; the next run goes on from there.

    `failed` says which and where: `revision`, `module`, `path`, `line`, `statement`, `error`.
    `applied` are the steps that this run committed; `database` is the URL without the password,
    None where only `env.py` knows it.
    """

    code = "migration-failed"
    failed: dict[str, str | int | None]
    applied: tuple[object, ...] = ()
    database: str | None = None


class RunStopped(ModalembicError):
    """SIGTERM or `--timeout` ended the run. What had been committed before stays; the next run goes
    on from there.

    `failed` says which revision was at work, as in MigrationFailed, and is None where none was;
    `applied` are the steps that this run committed; `database` is the URL without the password,
    None where only `env.py` knows it.
    """

    code = "stopped"
    failed: dict[str, str | int | None] | None = None
    applied: tuple[object, ...] = ()
    database: str | None = None


class RevisionInterrupted(ModalembicError):
    """A revision that left its transaction was interrupted, so that a part of it is committed and
    its version row is not written. Nothing is run until that is settled; the hint says how."""

    code = "revision-interrupted"


class NotInterrupted(ModalembicError):
    """`repair --done` or `--undone` names a revision that was not interrupted."""

    code = "not-interrupted"


class TraceFailed(ModalembicError):
    """A revision was about to commit a part of what it does, and that could not be noted in the
    history table beforehand. That part was not committed."""

    code = "trace-failed"


class ConnectionLost(ModalembicError):
    """The server went away, or ended the connection, while no revision was at work: when a run
    waited for the lock or read the database's state."""

    code = "connection-lost"


class DatabaseFailed(ModalembicError):
    """The database refused one of modalembic's own statements: no room on the disk, say, or a
    `statement_timeout` of the role that is too short."""

    code = "database-failed"


class TransactionEnded(ModalembicError):
    """A revision committed or rolled back its own transaction from Python, so that its version row
    could not share its fate. The run stops; what the revision committed stays."""

    code = "transaction-ended"


class VersionRowsChanged(ModalembicError):
    """The version rows are not what they were when the plan was made, although the lock is held:
    something else writes the version table."""

    code = "version-rows-changed"


# --- models --------------------------------------------------------------------------------------


class TwoOwners(ModalembicError):
    """Two modules define one table, or re-export one model that is defined in a central place."""

    code = "two-owners"


class NoOwner(ModalembicError):
    """A table that has changed belongs to no module, so that nobody's history can have the
    change."""

    code = "no-owner"


class ModelsNotFound(ModalembicError):
    """The configuration, a manifest or an entry point names a module of models that is not
    there."""

    code = "models-not-found"


class ObjectNotFound(ModalembicError):
    """A `module:attribute` in the configuration leads to no module, or to no such attribute."""

    code = "object-not-found"


class ImportFailed(ModalembicError):
    """A module of the application that has to be imported (models, a context, a MetaData) raised an
    exception. `path` and `line` are where it was raised; `module` is the module whose models these
    are, None for other code."""

    code = "import-failed"
    module: str | None = None


class ApplicationContextError(ModalembicError):
    """What `context` names is no context manager and makes none, or could not be entered."""

    code = "application-context"


class DuplicateTable(ModalembicError):
    """Two MetaData objects have a table of one name, so that they cannot be merged into one."""

    code = "duplicate-table"


class DuplicateSchemaObject(ModalembicError):
    """Two MetaData objects have a type or a sequence of one name that differ."""

    code = "duplicate-schema-object"


# --- writing source ------------------------------------------------------------------------------


class AlreadyInitialised(ModalembicError):
    """`init` was asked to write where modalembic or Alembic is at home already, or `adopt` where
    modalembic is."""

    code = "already-initialised"


class NothingToAdopt(ModalembicError):
    """`adopt` found no Alembic project: no configuration of Alembic, or no `env.py`."""

    code = "nothing-to-adopt"


class AdoptRefused(ModalembicError):
    """The Alembic project has something that `adopt` cannot take over by itself: several databases,
    an `env.py` that leaves no way to give it a connection, an application that is not to be found,
    a branch label that a module needs. Nothing was written."""

    code = "adopt-refused"


class AdoptUnproven(ModalembicError):
    """On a scratch database, the adopted project did not do what the old one does. Nothing was
    written."""

    code = "adopt-unproven"


class ModuleExists(ModalembicError):
    """`new-module` was asked for a name that something has already: a module, a directory or file,
    a branch label, or the beginning of a revision's id."""

    code = "module-exists"


class ModulePlaceError(ModalembicError):
    """It is not clear where a new module goes, or it could not be imported or discovered there."""

    code = "module-place"


class ModuleTemplateError(ModalembicError):
    """A template of `new-module` cannot be rendered, or what it gives is not what was asked for.
    Nothing was written."""

    code = "module-template"


class WriteRefused(ModalembicError):
    """A file that a command would write is read-only, is there already, or is not as it was when
    the command read it. Nothing was written."""

    code = "write-refused"


class WriteFailed(ModalembicError):
    """The system refused to write a file half way (a full disk, say). All that had been written was
    undone."""

    code = "write-failed"


class UncommittedChanges(ModalembicError):
    """A file that a command would change has changes that are not committed. Nothing was
    written."""

    code = "uncommitted-changes"


class DatabaseDrifted(ModalembicError):
    """The database with which models are to be compared is not what its own revisions make."""

    code = "database-drifted"


class RenameUndecided(ModalembicError):
    """A table or column is gone and one like it is new, which is a rename or is not; nobody was
    there to be asked."""

    code = "rename-undecided"


class RevisionsNotProven(ModalembicError):
    """Revisions that `revision --autogenerate` has made do not run on a scratch database, or do not
    lead to what the models say, or not back again. They were not written."""

    code = "revisions-not-proven"


class RevisionTemplateError(ModalembicError):
    """Alembic cannot make a revision file of the project's `script.py.mako` or with its settings
    (`file_template`, `timezone`). Nothing was written."""

    code = "revision-template"


class HookFailed(ModalembicError):
    """A formatter of the project (Alembic's `post_write_hooks`) could not be run on what a command
    had written. All of it was undone."""

    code = "hook-failed"


# --- moving code ---------------------------------------------------------------------------------


class SourceNotFound(ModalembicError):
    """What `move` was told to move is not there: the project has no such module, or the module
    defines no such name."""

    code = "source-not-found"


class SourceUnreadable(ModalembicError):
    """A file that `move` has to read is no Python that can be parsed."""

    code = "source-unreadable"


class MoveUnclear(ModalembicError):
    """The source does not tell what a move would have to do: a name is bound twice or only under a
    condition, or a star import brings names that nobody lists."""

    code = "move-unclear"


class NameClash(ModalembicError):
    """The place to which `move` would bring a name has something else of that name."""

    code = "name-clash"


class StillImported(ModalembicError):
    """`--no-shim` would take a path away that a revision file imports; revision files are never
    rewritten."""

    code = "still-imported"


class ImportCircle(ModalembicError):
    """After the move modules would import each other in a circle, so that one of them could not be
    imported first. Nothing was written."""

    code = "import-circle"


class MoveUnproven(ModalembicError):
    """The moved code does not behave as before: a module cannot be imported, the old and the new
    name are not the same object, or the mappers are configured in another way. Nothing was
    written."""

    code = "move-unproven"


class UndoRefused(ModalembicError):
    """`move --undo` has no move to undo, or files have changed since that move."""

    code = "undo-refused"


class LibCSTMissing(ModalembicError):
    """`move` edits source with LibCST, which is not installed."""

    code = "libcst-missing"


# --- catalogs ------------------------------------------------------------------------------------


class SchemaMissing(ModalembicError):
    """A schema was named that the database does not have."""

    code = "schema-missing"


class DumpError(ModalembicError):
    """A file is no dump of `modalembic schema dump --format json`: no JSON, another version, or a
    value of the wrong type. The message says which."""

    code = "dump"


class OutputFailed(ModalembicError):
    """The file that `--output` names cannot be written."""

    code = "output"


class RebuildFailed(ModalembicError):
    """A catalog could not be created again on a scratch database. The message has the statement,
    and what Postgres said of it."""

    code = "rebuild-failed"


# --- drift ---------------------------------------------------------------------------------------


class ModelsNotCreated(ModalembicError):
    """The tables of the models could not be created on a scratch database. The message has the
    statement, and what Postgres (or a listener of the metadata) said. `module` owns the table that
    the statement is about; None where that cannot be told."""

    code = "models-not-created"
    module: str | None = None


class NothingToCompare(ModalembicError):
    """`check drift` found no models, or no table in them, or everything is left out: nothing would
    be compared, so that nothing could be said to be right."""

    code = "nothing-to-compare"
