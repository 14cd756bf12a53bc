"""State and commands behind the views."""
