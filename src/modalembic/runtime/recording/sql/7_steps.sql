-- What was noted so far is nobody's.
CREATE FUNCTION pg_modalembic.begin() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE pg_modalembic.known SET fresh = false WHERE fresh;
    INSERT INTO pg_modalembic.note (what) VALUES ('begin');
$$;

-- A revision has done its work; called within its transaction.
CREATE FUNCTION pg_modalembic.end_of(revision text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    BEGIN
        PERFORM pg_modalembic.note_locks();
        PERFORM pg_modalembic.note_references();
    EXCEPTION WHEN OTHERS THEN
        INSERT INTO pg_modalembic.note (what, name) VALUES ('lost', sqlerrm);
    END;
    UPDATE pg_modalembic.known SET fresh = false WHERE fresh;
    INSERT INTO pg_modalembic.note (what, revision) VALUES ('end', revision);
END $$;
