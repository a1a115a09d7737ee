-- The object that `id` is, or is a part of.
CREATE FUNCTION pg_modalembic.whole(class oid, id oid, OUT of_class oid, OUT of_id oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    of_class := 'pg_class'::regclass;
    CASE class
    WHEN 'pg_class'::regclass THEN
        SELECT CASE WHEN c.relkind = 'c' THEN 'pg_type'::regclass ELSE class END,
               CASE WHEN c.relkind IN ('i', 'I') THEN (
                         SELECT i.indrelid FROM pg_index AS i WHERE i.indexrelid = id)
                    WHEN c.relkind = 'S' THEN coalesce((
                         SELECT d.refobjid FROM pg_depend AS d
                          WHERE d.classid = class AND d.objid = id AND d.refclassid = class
                            AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')), id)
                    WHEN c.relkind = 'c' THEN c.reltype
                    WHEN c.relkind <> 't' THEN id END
          INTO of_class, of_id FROM pg_class AS c WHERE c.oid = id;
    WHEN 'pg_constraint'::regclass THEN
        SELECT CASE WHEN c.conrelid <> 0 THEN 'pg_class'::regclass ELSE 'pg_type'::regclass END,
               CASE WHEN c.conrelid <> 0 THEN c.conrelid ELSE c.contypid END
          INTO of_class, of_id FROM pg_constraint AS c WHERE c.oid = id;
    WHEN 'pg_attrdef'::regclass THEN
        of_id := (SELECT a.adrelid FROM pg_attrdef AS a WHERE a.oid = id);
    WHEN 'pg_trigger'::regclass THEN
        of_id := (SELECT t.tgrelid FROM pg_trigger AS t WHERE t.oid = id AND NOT t.tgisinternal);
    WHEN 'pg_rewrite'::regclass THEN
        of_id := (SELECT r.ev_class FROM pg_rewrite AS r WHERE r.oid = id);
    WHEN 'pg_policy'::regclass THEN
        of_id := (SELECT p.polrelid FROM pg_policy AS p WHERE p.oid = id);
    WHEN 'pg_statistic_ext'::regclass THEN
        of_id := (SELECT s.stxrelid FROM pg_statistic_ext AS s WHERE s.oid = id);
    WHEN 'pg_type'::regclass THEN
        -- An array is its element; the type of a table's rows is the table.
        SELECT CASE WHEN r.oid IS NULL THEN class ELSE 'pg_class'::regclass END,
               coalesce(r.oid, e.oid)
          INTO of_class, of_id
          FROM pg_type AS t
          JOIN pg_type AS e
            ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE id END
          LEFT JOIN pg_class AS r ON r.oid = e.typrelid AND r.relkind <> 'c'
         WHERE t.oid = id;
    ELSE
        of_class := class;
        of_id := id;
    END CASE;
END $$;

-- The same for what is referred to: a member of an extension is the extension.
CREATE FUNCTION pg_modalembic.whole_or_extension(class oid, id oid, OUT of_class oid, OUT of_id oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_whole record;
BEGIN
    SELECT d.refclassid, d.refobjid INTO of_class, of_id FROM pg_depend AS d
     WHERE d.classid = class AND d.objid = id AND d.deptype = 'e';
    IF NOT FOUND THEN
        found_whole := pg_modalembic.whole(class, id);
        of_class := found_whole.of_class;
        of_id := found_whole.of_id;
    END IF;
END $$;
