"""Collectors: from a producer's report to facts, by content."""
