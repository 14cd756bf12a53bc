"""The durable run of one generation."""
