"""Named limits on what is read from strangers, each with its reason.

Evidence is hostile until it is verified, and often after. A limit is a promise about memory and time; raising
one is a release note, not a parameter.
"""

from __future__ import annotations

from typing import Final

MAX_DOCUMENT_BYTES: Final = 256 * 1024 * 1024
"""One report or attestation. The largest real SBOM seen is 74 MB; parsing costs about seven times the text."""

MAX_JSON_DEPTH: Final = 200
"""Nesting of arrays and objects. Real reports stay under 40; OPA stops at 10,000, Python near 1,000."""

MAX_NUMBER_CHARACTERS: Final = 64
"""Length of one number's text. Python refuses 4,301 digits with a bare ValueError, and OPA keeps all of them."""

MAX_SAFE_INTEGER: Final = 2**53 - 1
"""Largest integer that RFC 8785 can write and that every JSON reader agrees on."""

MAX_XML_DEPTH: Final = 200
"""Nesting of elements; deeper documents overflow readers that recurse."""

MAX_XML_ELEMENTS: Final = 5_000_000
"""Elements in one document: twenty times the largest real report seen (10,344 test cases)."""

MAX_ATTRIBUTES: Final = 1_000
"""Attributes of one XML element; real reports stay under 20."""

MAX_ITEMS: Final = 1_000_000
"""Cases, components or findings in one document, and attestations in a body of evidence."""

MAX_TEXT: Final = 4_000
"""Characters kept of a message that a report carries; the rest is cut and marked, the report has it all."""

MAX_SIGNATURES: Final = 32
"""Signatures in one envelope. Endless lists were an advisory in cosign, sigstore-go and notation."""

MAX_SUBJECTS: Final = 10_000
"""Subjects of one statement; a release of thousands of files is real, a million is an attack."""

MAX_FILES: Final = 20_000
"""Files looked at in one evidence folder."""

MAX_UNPACKED_BYTES: Final = 512 * 1024 * 1024
"""Bytes read out of one archive, counted while reading, never taken from its headers."""

MAX_ENGINE_ANSWER_BYTES: Final = 256 * 1024 * 1024
"""Bytes of one answer of the engine."""

MAX_BASE_FILES: Final = 10_000
"""Files of a base gate in git; the largest sets of packs have a thousand."""

MAX_BASE_BYTES: Final = 64 * 1024 * 1024
"""Bytes of all files of a base gate in git."""

MAX_POLICY_BYTES: Final = 1024 * 1024
"""One Rego file or ``pack.toml``. The longest rule of the standard packs has 4 kB."""
