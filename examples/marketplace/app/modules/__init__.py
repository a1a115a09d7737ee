"""The modules of the shop; each one owns its tables, its code and its migrations."""
