"""`python -m modalembic`."""

from modalembic.cli.main import main

main()
