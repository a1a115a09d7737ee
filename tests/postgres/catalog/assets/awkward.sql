-- What is hard to create again. A foreign server `elsewhere` has to be there.
CREATE FOREIGN TABLE far (
    id integer OPTIONS (column_name 'x y') NOT NULL, b text DEFAULT 'q',
    CONSTRAINT far_b CHECK (b IN ('a', 'b'))
) SERVER elsewhere OPTIONS (schema_name 'z', table_name 'it''s');
COMMENT ON FOREIGN TABLE far IS 'foreign';
COMMENT ON COLUMN far.b IS 'x';

CREATE TABLE oldest (id int, v varchar, CONSTRAINT cc CHECK (v IN ('a', 'b')));
CREATE TABLE mother (x int) INHERITS (oldest);
CREATE TABLE father (y int, CONSTRAINT cc CHECK (v IN ('a', 'b'))) INHERITS (oldest);
CREATE TABLE child (z int) INHERITS (mother, father);
ALTER TABLE child ALTER COLUMN id SET NOT NULL;
ALTER TABLE mother ALTER COLUMN v SET DEFAULT 'a';
ALTER TABLE oldest ALTER COLUMN id SET DEFAULT 3;
ALTER TABLE child ALTER COLUMN id DROP DEFAULT;

CREATE TABLE listed (a int NOT NULL, b text, c int GENERATED ALWAYS AS (a * 2) STORED)
    PARTITION BY LIST (lower(b));
CREATE TABLE listed_a PARTITION OF listed FOR VALUES IN ('a', 'b') PARTITION BY RANGE (a, b);
CREATE TABLE listed_a_1 PARTITION OF listed_a FOR VALUES FROM (MINVALUE, MINVALUE) TO (10, 'x');
CREATE SCHEMA other;
CREATE TABLE other.listed_c PARTITION OF listed FOR VALUES IN ('c');
CREATE INDEX everywhere ON listed (a);
CREATE INDEX only_above ON ONLY listed (b);

CREATE TABLE target (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE target_1 PARTITION OF target FOR VALUES FROM (0) TO (10);
CREATE TABLE pointing (id int REFERENCES target, self int UNIQUE REFERENCES pointing (self));

CREATE TABLE of_rows (id int);
CREATE FUNCTION of_row(of_rows) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.id';
ALTER TABLE of_rows ADD CONSTRAINT by_row CHECK (of_row(of_rows) > 0);
CREATE INDEX by_row ON of_rows (of_row(of_rows));
CREATE FUNCTION plain(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';

CREATE FUNCTION listing(a int[] DEFAULT '{1,2}', VARIADIC b text[] DEFAULT ARRAY['x'])
    RETURNS TABLE (x int, y text) LANGUAGE sql AS 'SELECT 1, $$a$$';
CREATE FUNCTION no_path() RETURNS int LANGUAGE sql SET search_path = '' AS 'SELECT 1';
CREATE FUNCTION own_setting() RETURNS int LANGUAGE sql SET my.thing = 'it''s' AS 'SELECT 1';
CREATE FUNCTION "p$$q"() RETURNS text LANGUAGE plpgsql
    AS $x$BEGIN RETURN $$a$$ || $body$b$body$; END$x$;
CREATE VIEW recursive_one AS
    WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 100)
    SELECT sum(n) FROM t;
CREATE VIEW renamed AS SELECT id AS one FROM of_rows;
ALTER VIEW renamed RENAME COLUMN one TO "Two";
CREATE DOMAIN positive AS int CHECK (plain(VALUE) > 1);
CREATE TABLE with_domains (a positive[] DEFAULT ARRAY[1]::positive[], b positive DEFAULT 3);
