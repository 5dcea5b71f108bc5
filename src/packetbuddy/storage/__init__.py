"""The only room that speaks SQLite: schema, migrations, the writer, the readers, backups."""
