"""`revision --autogenerate`, on a real Postgres."""
