-- What each revision touches, noted by Postgres itself while the revisions run.
--
-- The schema is one of the system's by its name, so that no migration that goes through all schemas
-- comes across it. All of it belongs to the bootstrap superuser, so that DROP OWNED spares it, and
-- functions run as that role with a search path of their own, so that SET ROLE changes nothing.
-- A fault in here never fails a migration: it is noted as `lost`, and the notes are not used.

SET LOCAL allow_system_table_mods = on;
CREATE SCHEMA pg_modalembic;
GRANT USAGE ON SCHEMA pg_modalembic TO PUBLIC;

-- Objects as they were when something was last noted of them. `root` is the partitioned table that
-- a partition belongs to, else the object itself; `made` says whether its creation is noted, and
-- `fresh` whether it is that the revision at work has altered it.
CREATE UNLOGGED TABLE pg_modalembic.known (
    class oid, id oid, kind text, name text, root oid, file oid, made boolean, fresh boolean,
    PRIMARY KEY (class, id)
);
CREATE INDEX ON pg_modalembic.known (fresh) WHERE fresh;
CREATE INDEX ON pg_modalembic.known (name);

-- Indexes, sequences and statistics objects do not tell whose they were once they are dropped.
CREATE UNLOGGED TABLE pg_modalembic.part (
    class oid, id oid, of_class oid, of_id oid, PRIMARY KEY (class, id)
);

-- The notes, in order. `what` is create, alter, drop, rows, refer, read or lost; end closes the
-- notes of `revision`, and begin those of nobody.
CREATE UNLOGGED TABLE pg_modalembic.note (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what text, class oid, id oid, kind text, name text, ref_class oid, ref_id oid, revision text
);

-- Owners and privileges before a command whose event does not name its objects.
CREATE UNLOGGED TABLE pg_modalembic.access (id oid PRIMARY KEY, says text);
