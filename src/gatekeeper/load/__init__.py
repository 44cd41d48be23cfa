"""The files that users write: gates, trust, packs, locks."""
