"""Readers of formats that are both a producer's report and a standard predicate: parsed JSON in, a reading out.

Pure: no files, no XML, no clock. Collectors use them for report files and :mod:`gatekeeper.facts.standard` for the
predicates of statements, so that the same document gives the same facts by either way.
"""
