-- Note whose rows the transaction at work has changed, and which relations it has read: the locks
-- that it holds say so, also where no row was found.
CREATE FUNCTION pg_modalembic.note_locks() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record;
    owner record;
BEGIN
    FOR held IN
        SELECT c.oid, c.relkind, bool_or(l.mode = 'RowExclusiveLock') AS changed,
               bool_or(l.mode = 'AccessExclusiveLock') AND EXISTS (
                   SELECT FROM pg_modalembic.known AS k
                    WHERE k.class = 'pg_class'::regclass AND k.id = c.oid
                      AND k.file <> pg_relation_filenode(c.oid)) AS filed
          FROM pg_locks AS l
          JOIN pg_class AS c ON c.oid = l.relation
          JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname NOT LIKE 'pg\_%'
         WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
           AND l.database = (
               SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
           AND c.relkind IN ('r', 'p', 'f', 'm', 'v', 'S')
         GROUP BY c.oid, c.relkind
    LOOP
        owner := pg_modalembic.whole('pg_class'::regclass, held.oid);
        CONTINUE WHEN held.relkind = 'S' AND owner.of_id = held.oid;
        IF (held.changed AND held.relkind <> 'v') OR held.filed THEN
            PERFORM pg_modalembic.note_one('rows', owner.of_class, owner.of_id);
        ELSE
            INSERT INTO pg_modalembic.note (what, class, id)
            VALUES ('read', owner.of_class, owner.of_id);
        END IF;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    INSERT INTO pg_modalembic.note (what, name) VALUES ('lost', sqlerrm);
END $$;
