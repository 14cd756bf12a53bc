"""Copies, cuts and conversions of what is in the library; the originals are only ever read."""
