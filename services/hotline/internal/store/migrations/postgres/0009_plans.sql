-- What the tests of plans found missing: lists as they changed, open parts of all units, and requests to hand back of a unit or an official.
CREATE INDEX tickets_updated ON tickets (city, update_time, id);
CREATE INDEX work_orders_open ON work_orders (city, due_time, id) WHERE open = 1;
CREATE INDEX ticket_returns_unit ON ticket_returns (city, unit, create_time);
CREATE INDEX ticket_returns_official ON ticket_returns (city, official, create_time);
