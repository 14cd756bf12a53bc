"""The window: views, view-models and what they share. Everything here may import Qt."""
