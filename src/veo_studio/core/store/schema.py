"""Which files are ours, and of which schema; needs no SQLAlchemy."""

# Written to PRAGMA user_version by the last migration; a file with a higher number is refused.
SCHEMA_VERSION = 5
# 'VeoS': tells our files from other SQLite files (PRAGMA application_id).
APPLICATION_ID = 0x56656F53
