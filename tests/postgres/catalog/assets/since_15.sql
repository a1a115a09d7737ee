CREATE TABLE shop.modern_target (a integer, b integer, PRIMARY KEY (a, b));
CREATE TABLE shop.modern (
    a integer, b integer DEFAULT 1, CONSTRAINT nullless UNIQUE NULLS NOT DISTINCT (a),
    CONSTRAINT partly FOREIGN KEY (a, b) REFERENCES shop.modern_target (a, b) ON DELETE SET NULL (a)
);
CREATE UNIQUE INDEX nullless_index ON shop.modern (b) NULLS NOT DISTINCT;
CREATE VIEW shop.invoked WITH (security_invoker) AS SELECT a FROM shop.modern;
CREATE UNLOGGED SEQUENCE shop.unlogged_numbers;
