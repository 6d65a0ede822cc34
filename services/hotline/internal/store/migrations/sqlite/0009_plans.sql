-- PostgreSQL has indexes more from here on. SQLite, which knows nothing of how values are spread, would take them for narrower ones than they are.
SELECT 1;
