"""Names that say that what they hold is a secret: ``DATABASE_PASSWORD``, ``apiKey``."""

from __future__ import annotations

import itertools
import re
from typing import Final

_ENDINGS: Final = ("passphrase", "passwd", "password", "secret", "token")
_WORDS: Final = frozenset({"apikey", "credential", "credentials", "pwd"})
_PAIRS: Final = frozenset({("access", "key"), ("api", "key"), ("private", "key")})
_ABOUT: Final = frozenset({"arn", "expiry", "file", "issuer", "name", "path", "ttl", "uri", "url"})
"""Last words of names that say where a secret is, or something about it, and not what it is."""

_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", re.ASCII)


def says_secret(name: str) -> bool:
    """Whether a name says so; ``DATABASE_PASSWORD_FILE`` names a place, and does not."""
    words = [word.lower() for word in _PART.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    pairs = set(itertools.pairwise(words))
    return bool(_PAIRS & pairs) or any(word in _WORDS or word.endswith(_ENDINGS) for word in words)
