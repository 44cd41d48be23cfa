"""What commands of people share: until when, and whose key it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gatekeeper import _time
from gatekeeper.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.roster import Trust
    from gatekeeper.trust.signer import SshSigner


def expiry(text: str, now: datetime) -> datetime:
    """A duration from now, or a time.

    Raises:
        UsageError: It is neither, or it is not in the future.
    """
    is_time = "T" in text.upper()
    expires = (
        _time.parse_instant(text, where="--expires") if is_time else now + _time.parse_duration(text, where="--expires")
    )
    if expires <= now:
        raise UsageError("--expires is not in the future", code="usage.expires")
    return expires


def signer_of(key_file: str, namespace: str, trust: Trust) -> tuple[SshSigner, str]:
    """Who signs with a key, read once, and the name of the person whose it is.

    A file ending in ``.pub`` names a key of the running agent or of a security device; ``ssh-keygen`` signs then.

    Raises:
        ConfigError: The key is nobody's in the trust: what it signs would count for nothing.
        UsageError: There is no such key, or its passphrase is missing or wrong.
    """
    from gatekeeper.trust.signer import SshSigner

    signer = SshSigner.load(key_file, namespace=namespace, passphrase=ask_passphrase)
    for name, person in trust.people.items():
        if any(held.fingerprint == signer.fingerprint for held in person.keys):
            return signer, name
    hint = "add it to the keys of a person in trust.toml"
    raise ConfigError("this key belongs to nobody in trust.toml", where=key_file, hint=hint, code="approve.key")


def ask_passphrase() -> str:
    """From ``GATEKEEPER_KEY_PASSPHRASE``, else asked on the terminal; empty without either."""
    import getpass
    import os

    from gatekeeper.trust.signer import PASSPHRASE_VARIABLE

    found = os.environ.get(PASSPHRASE_VARIABLE, "")
    return found or (getpass.getpass("passphrase: ") if sys.stdin.isatty() else "")
