"""`revision --autogenerate`: one revision for each module whose models have changed."""
