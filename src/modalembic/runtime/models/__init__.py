"""The application's models, imported: their MetaData objects, owners and places."""
