CREATE TABLE shop.newest (
    a integer CONSTRAINT a_must NOT NULL, b integer NOT NULL NO INHERIT, c integer,
    d integer GENERATED ALWAYS AS (a * 2) VIRTUAL, during daterange, room integer,
    CONSTRAINT lax CHECK (a > b) NOT ENFORCED,
    CONSTRAINT rooms PRIMARY KEY (room, during WITHOUT OVERLAPS)
);
ALTER TABLE shop.newest ADD CONSTRAINT c_later NOT NULL c NOT VALID;
CREATE TABLE shop.stays (
    room integer, during daterange,
    CONSTRAINT in_room FOREIGN KEY (room, PERIOD during) REFERENCES shop.newest (room, PERIOD during)
);
