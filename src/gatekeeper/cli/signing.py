"""``--key`` and ``--sigstore``: who signs what a command makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.errors import UsageError

if TYPE_CHECKING:
    import argparse


def load_signer(arguments: argparse.Namespace) -> Any:
    """The signer the user asked for; None when they asked for none.

    Raises:
        UsageError: The key file is not there.
        ConfigError: The key cannot be read.
    """
    if arguments.sigstore:
        from gatekeeper.trust.signer import SigstoreSigner

        return SigstoreSigner()
    if arguments.key:
        from gatekeeper.trust.signer import KeySigner

        return KeySigner.load(arguments.key)
    return None


def need_key(arguments: argparse.Namespace) -> str:
    """The key file of a command that people sign with."""
    if not arguments.key:
        raise UsageError("no key", hint="add --key FILE, your SSH private key", code="usage.key")
    return str(arguments.key)
