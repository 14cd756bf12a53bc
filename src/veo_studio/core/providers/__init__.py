"""Stateless adapters to the services that generate, and the one HTTP gateway."""
