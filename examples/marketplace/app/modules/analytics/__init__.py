"""Sales figures; owns no table, it queries those of others."""
