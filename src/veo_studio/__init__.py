"""Veo Studio: the desktop studio for people who make AI video with paid services."""

__version__ = "0.1.0"
