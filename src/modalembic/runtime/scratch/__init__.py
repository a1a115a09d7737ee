"""The server that scratch databases are made on."""
