"""Where the journal is kept: a SQLite file, a PostgreSQL database, or memory."""
