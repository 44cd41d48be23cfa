"""Gatekeeper: a release gate that cannot fail open."""
