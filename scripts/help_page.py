"""Writes the page that `modalembic --help` prints, as Typer makes it at 80 columns."""

import os

from typer.testing import CliRunner

from modalembic.cli.app import application
from modalembic.cli.main import HELP_PAGE, HELP_WIDTH

os.environ["COLUMNS"] = str(HELP_WIDTH)
shown = CliRunner().invoke(application(), ["--help"], prog_name="modalembic")
HELP_PAGE.write_text(shown.stdout, encoding="utf-8")
