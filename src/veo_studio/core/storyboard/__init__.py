"""Storyboards: scenes in an order, each made by ordinary generations. No Qt, nothing that costs by itself."""
