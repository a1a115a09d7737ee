-- Note that something was done to one whole object.
CREATE FUNCTION pg_modalembic.note_one(doing text, class oid, id oid)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    about record;
    before pg_modalembic.known;
    top oid := id;
    now_file oid;
BEGIN
    about := pg_identify_object(class, id, 0);
    IF about.identity IS NULL OR about.schema LIKE 'pg\_%'
       OR about.schema = 'information_schema' THEN
        RETURN;
    END IF;
    IF class = 'pg_class'::regclass THEN
        top := coalesce(pg_partition_root(id), id);
        now_file := pg_relation_filenode(id);
    END IF;
    SELECT * INTO before FROM pg_modalembic.known AS k
     WHERE (k.class, k.id) = (note_one.class, note_one.id);
    IF NOT FOUND THEN
        INSERT INTO pg_modalembic.known
        VALUES (class, id, about.type, about.identity, top, now_file, doing = 'create', false);
    ELSE
        IF doing = 'create' AND before.made THEN
            doing := 'alter';
        END IF;
        IF (before.name, before.root, before.file, before.made OR doing <> 'create')
           IS DISTINCT FROM (about.identity, top, now_file, true)
           OR (doing = 'alter') > before.fresh THEN
            UPDATE pg_modalembic.known AS k
               SET name = about.identity, root = top, file = now_file,
                   made = k.made OR doing = 'create', fresh = k.fresh OR doing = 'alter'
             WHERE (k.class, k.id) = (note_one.class, note_one.id);
        END IF;
        IF before.name <> about.identity THEN
            INSERT INTO pg_modalembic.note (what, class, id, kind, name)
            VALUES (doing, class, id, about.type, before.name);
        END IF;
    END IF;
    -- Once is enough of an alteration that changed no name.
    IF doing <> 'alter' OR before.fresh IS NOT TRUE OR before.name <> about.identity THEN
        INSERT INTO pg_modalembic.note (what, class, id, kind, name)
        VALUES (doing, class, id, about.type, about.identity);
    END IF;
    -- A partition belongs to its root, and one that is attached or detached to both sides.
    IF top <> id THEN
        PERFORM pg_modalembic.note_one('alter', class, top);
    END IF;
    IF before.root NOT IN (id, top) AND EXISTS (SELECT FROM pg_class AS c WHERE c.oid = before.root)
    THEN
        PERFORM pg_modalembic.note_one('alter', class, before.root);
    END IF;
END $$;

-- What a command on a table does to others: partitions that come or go, tables that inherit.
CREATE FUNCTION pg_modalembic.note_relatives(id oid)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    relative oid;
BEGIN
    FOR relative IN
        WITH RECURSIVE below AS (
            SELECT i.inhrelid AS oid FROM pg_inherits AS i WHERE i.inhparent = note_relatives.id
            UNION
            SELECT i.inhrelid FROM below AS b JOIN pg_inherits AS i ON i.inhparent = b.oid
        )
        SELECT c.oid FROM below AS b JOIN pg_class AS c ON c.oid = b.oid
          JOIN pg_modalembic.known AS k ON k.class = 'pg_class'::regclass AND k.id = c.oid
         WHERE NOT c.relispartition OR k.root = c.oid
        UNION
        SELECT k.id FROM pg_modalembic.known AS k JOIN pg_class AS c ON c.oid = k.id
         WHERE k.class = 'pg_class'::regclass AND k.root = note_relatives.id
           AND k.id <> note_relatives.id AND NOT c.relispartition
    LOOP
        PERFORM pg_modalembic.note_one('alter', 'pg_class'::regclass, relative);
    END LOOP;
END $$;
