"""SQLite: tables, migrations, repositories, and the one writer thread."""
