-- What event triggers hear of.

CREATE FUNCTION pg_modalembic.on_command() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command record;
    owner record;
    itself boolean;
    renamed oid;
BEGIN
    FOR command IN
        SELECT c.classid, c.objid, c.command_tag FROM pg_event_trigger_ddl_commands() AS c
         WHERE c.objid <> 0 AND NOT c.in_extension
    LOOP
        owner := pg_modalembic.whole(command.classid, command.objid);
        CONTINUE WHEN owner.of_id IS NULL;
        itself := (owner.of_class, owner.of_id) = (command.classid, command.objid)
            OR (command.classid, owner.of_class) = ('pg_class'::regclass, 'pg_type'::regclass);
        PERFORM pg_modalembic.note_one(
            CASE WHEN itself AND command.command_tag ~ '^(CREATE|SELECT INTO|IMPORT)'
                 THEN 'create' ELSE 'alter' END,
            owner.of_class, owner.of_id
        );
        IF NOT itself THEN
            IF command.classid IN ('pg_class'::regclass, 'pg_statistic_ext'::regclass) THEN
                INSERT INTO pg_modalembic.part
                VALUES (command.classid, command.objid, owner.of_class, owner.of_id)
                ON CONFLICT (class, id) DO UPDATE
                   SET of_class = excluded.of_class, of_id = excluded.of_id;
            END IF;
        ELSIF command.command_tag IN ('ALTER TABLE', 'ALTER FOREIGN TABLE') THEN
            PERFORM pg_modalembic.note_relatives(command.objid);
        END IF;
    END LOOP;
    IF tg_tag = 'ALTER SCHEMA' THEN
        FOR owner IN
            SELECT k.class, k.id FROM pg_modalembic.known AS k
             WHERE (pg_identify_object(k.class, k.id, 0)).identity <> k.name
        LOOP
            PERFORM pg_modalembic.note_one('alter', owner.class, owner.id);
        END LOOP;
    ELSIF tg_tag IN ('GRANT', 'REVOKE', 'DROP OWNED') THEN
        FOR renamed IN
            SELECT id FROM (
                SELECT id, says FROM pg_modalembic.access_now()
                EXCEPT SELECT id, says FROM pg_modalembic.access
                UNION (SELECT id, says FROM pg_modalembic.access
                       EXCEPT SELECT id, says FROM pg_modalembic.access_now())
            ) AS changed
        LOOP
            owner := pg_modalembic.whole('pg_class'::regclass, renamed);
            CONTINUE WHEN owner.of_id IS NULL;
            PERFORM pg_modalembic.note_one('alter', owner.of_class, owner.of_id);
        END LOOP;
    END IF;
EXCEPTION WHEN OTHERS THEN
    INSERT INTO pg_modalembic.note (what, name) VALUES ('lost', sqlerrm);
END $$;

CREATE FUNCTION pg_modalembic.access_now() RETURNS TABLE (id oid, says text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid, concat_ws(' ', c.relowner, c.relacl, (
               SELECT string_agg(concat_ws(' ', a.attnum, a.attacl), ',' ORDER BY a.attnum)
                 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL))
      FROM pg_class AS c WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
$$;

CREATE FUNCTION pg_modalembic.on_start() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM pg_modalembic.access;
    INSERT INTO pg_modalembic.access SELECT id, says FROM pg_modalembic.access_now();
EXCEPTION WHEN OTHERS THEN
    INSERT INTO pg_modalembic.note (what, name) VALUES ('lost', sqlerrm);
END $$;

CREATE FUNCTION pg_modalembic.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone record;
    known pg_modalembic.known;
    of_class oid;
    of_id oid;
BEGIN
    FOR gone IN
        SELECT d.classid, d.objid, d.objsubid, d.original OR d.normal AS meant, d.address_names
          FROM pg_event_trigger_dropped_objects() AS d
         WHERE NOT d.is_temporary AND coalesce(d.schema_name, '') NOT LIKE 'pg\_%'
    LOOP
        SELECT * INTO known FROM pg_modalembic.known AS k
         WHERE (k.class, k.id) = (gone.classid, gone.objid);
        IF FOUND AND gone.objsubid = 0 THEN
            INSERT INTO pg_modalembic.note (what, class, id, kind, name)
            VALUES ('drop', known.class, known.id, known.kind, known.name);
            DELETE FROM pg_modalembic.known AS k WHERE (k.class, k.id) = (known.class, known.id);
            IF known.root <> known.id
               AND EXISTS (SELECT FROM pg_class AS c WHERE c.oid = known.root) THEN
                PERFORM pg_modalembic.note_one('alter', known.class, known.root);
            END IF;
            CONTINUE;
        END IF;
        -- What goes because its table, or the other side of a foreign key, goes is no deed.
        CONTINUE WHEN NOT gone.meant;
        SELECT p.of_class, p.of_id INTO of_class, of_id FROM pg_modalembic.part AS p
         WHERE (p.class, p.id) = (gone.classid, gone.objid);
        IF gone.objsubid > 0 THEN
            of_class := gone.classid;
            of_id := gone.objid;
        ELSIF NOT FOUND THEN
            of_class := 'pg_class'::regclass;
            SELECT k.id INTO of_id FROM pg_modalembic.known AS k
             WHERE k.class = of_class AND array_length(gone.address_names, 1) = 3
               AND k.name = format('%I.%I', gone.address_names[1], gone.address_names[2]);
        END IF;
        IF of_id IS NOT NULL THEN
            PERFORM pg_modalembic.note_one('alter', of_class, of_id);
        END IF;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    INSERT INTO pg_modalembic.note (what, name) VALUES ('lost', sqlerrm);
END $$;

CREATE FUNCTION pg_modalembic.on_rewrite() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_modalembic.note_one(
        'alter', 'pg_class'::regclass, pg_event_trigger_table_rewrite_oid());
EXCEPTION WHEN OTHERS THEN
    INSERT INTO pg_modalembic.note (what, name) VALUES ('lost', sqlerrm);
END $$;
