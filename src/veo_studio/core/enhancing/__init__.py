"""The services behind `core/enhance.py`, and what their answers have to be."""
