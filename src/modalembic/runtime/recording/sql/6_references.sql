-- Note what the objects refer to that were made or altered since the last revision ended.
CREATE FUNCTION pg_modalembic.note_references() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
    since bigint := coalesce((
        SELECT n.n FROM pg_modalembic.note AS n
         WHERE n.what IN ('begin', 'end') ORDER BY n.n DESC LIMIT 1), 0);
    relations oid[];
    types oid[];
BEGIN
    SELECT array_agg(DISTINCT n.id) FILTER (WHERE n.class = 'pg_class'::regclass),
           array_agg(DISTINCT n.id) FILTER (WHERE n.class = 'pg_type'::regclass)
      INTO relations, types
      FROM pg_modalembic.note AS n WHERE n.n > since AND n.what IN ('create', 'alter');
    INSERT INTO pg_modalembic.note (what, class, id, ref_class, ref_id)
    SELECT DISTINCT 'refer', d.class, d.id, w.of_class, w.of_id
      FROM (
        SELECT DISTINCT p.class, p.id, d.refclassid, d.refobjid
          FROM (
            SELECT 'pg_class'::regclass, r, 'pg_class'::regclass, r FROM unnest(relations) AS r
            UNION ALL SELECT 'pg_class'::regclass, c.conrelid, 'pg_constraint'::regclass, c.oid
              FROM pg_constraint AS c WHERE c.conrelid = ANY (relations)
            UNION ALL SELECT 'pg_class'::regclass, a.adrelid, 'pg_attrdef'::regclass, a.oid
              FROM pg_attrdef AS a WHERE a.adrelid = ANY (relations)
            UNION ALL SELECT 'pg_class'::regclass, t.tgrelid, 'pg_trigger'::regclass, t.oid
              FROM pg_trigger AS t WHERE t.tgrelid = ANY (relations) AND NOT t.tgisinternal
            UNION ALL SELECT 'pg_class'::regclass, w.ev_class, 'pg_rewrite'::regclass, w.oid
              FROM pg_rewrite AS w WHERE w.ev_class = ANY (relations)
            UNION ALL SELECT 'pg_class'::regclass, p.polrelid, 'pg_policy'::regclass, p.oid
              FROM pg_policy AS p WHERE p.polrelid = ANY (relations)
            UNION ALL SELECT 'pg_class'::regclass, i.indrelid, 'pg_class'::regclass, i.indexrelid
              FROM pg_index AS i WHERE i.indrelid = ANY (relations)
            UNION ALL SELECT 'pg_type'::regclass, t, 'pg_type'::regclass, t FROM unnest(types) AS t
            UNION ALL SELECT 'pg_type'::regclass, c.contypid, 'pg_constraint'::regclass, c.oid
              FROM pg_constraint AS c WHERE c.contypid = ANY (types)
            UNION ALL SELECT 'pg_type'::regclass, t.oid, 'pg_class'::regclass, t.typrelid
              FROM pg_type AS t WHERE t.oid = ANY (types) AND t.typrelid <> 0
            UNION ALL SELECT n.class, n.id, n.class, n.id
              FROM pg_modalembic.note AS n
             WHERE n.n > since AND n.what IN ('create', 'alter')
               AND n.class NOT IN ('pg_class'::regclass, 'pg_type'::regclass)
          ) AS p (class, id, part_class, part)
         -- OFFSET 0: each part by the index.
         CROSS JOIN LATERAL (
            SELECT e.refclassid, e.refobjid FROM pg_depend AS e
             WHERE e.classid = p.part_class AND e.objid = p.part AND e.deptype = 'n'
            OFFSET 0
          ) AS d
         WHERE d.refobjid >= 16384 AND (d.refclassid, d.refobjid) <> (p.class, p.id)
      ) AS d
     CROSS JOIN LATERAL pg_modalembic.whole_or_extension(d.refclassid, d.refobjid) AS w
     WHERE (w.of_class, w.of_id) <> (d.class, d.id)
       AND EXISTS (SELECT FROM pg_modalembic.known AS k
                    WHERE (k.class, k.id) = (w.of_class, w.of_id));
END $$;
