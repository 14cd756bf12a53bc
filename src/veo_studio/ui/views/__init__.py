"""Widgets: they lay out, bind and paint; they decide nothing."""
