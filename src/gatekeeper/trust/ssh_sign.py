"""Making SSH signatures: with a key from a file, or through ``ssh-keygen`` for agents and security keys.

Source: OpenSSH's PROTOCOL.sshsig, and ssh-keygen(1) under ``-Y sign``.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from gatekeeper.errors import MalformedError, SourceError, UsageError
from gatekeeper.trust import ssh, ssh_blob
from gatekeeper.trust._wire import Reader, mpint, string

if TYPE_CHECKING:
    import os

    from gatekeeper.trust.private_keys import PrivateKey

_HASH: Final = "sha512"
_WAIT_SECONDS: Final = 120
"""How long a person has to touch the device or type a PIN."""


def sign(payload: bytes, key: PrivateKey, namespace: str) -> str:
    """Sign ``payload`` for ``namespace`` with a key from a file.

    Returns:
        The armoured signature, as ``ssh-keygen -Y sign`` would write it.

    Raises:
        UsageError: No namespace is given.
    """
    if not namespace:
        raise UsageError("no namespace to sign for", code="ssh.namespace")
    blob = ssh_blob.encode(key.public)
    kind, value = _raw_signature(key, ssh.to_be_signed(payload, namespace, _HASH), blob)
    fields = (blob, namespace.encode(), b"", _HASH.encode(), string(kind) + string(value))
    return ssh.armour(ssh.MAGIC + ssh.VERSION.to_bytes(4, "big") + b"".join(map(string, fields)))


def sign_with_ssh_keygen(payload: bytes, key_file: str | os.PathLike[str], namespace: str) -> str:
    """Sign ``payload`` through ``ssh-keygen -Y sign``: for keys in an agent and in security devices.

    Args:
        payload: The bytes to sign.
        key_file: The public key (``.pub``) of a key in the running agent, or the key file of a security device.
        namespace: What it is signed for.

    Raises:
        UsageError: ``ssh-keygen`` is not there, no namespace is given, or ``ssh-keygen`` refuses; its own words are
            in the message.
        SourceError: It took longer than a person needs to touch a device.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError("ssh-keygen is not installed", hint="install the OpenSSH client", code="ssh.keygen")
    if not namespace:
        raise UsageError("no namespace to sign for", code="ssh.namespace")
    command = [program, "-Y", "sign", "-q", "-n", namespace, "-f", str(key_file)]
    try:
        done = subprocess.run(command, input=payload, capture_output=True, timeout=_WAIT_SECONDS, check=False)  # noqa: S603 - arguments are a list, no shell
    except subprocess.TimeoutExpired as cause:
        raise SourceError("ssh-keygen did not answer", where=str(key_file), code="ssh.keygen") from cause
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        message = f"ssh-keygen did not sign: {said[-1] if said else f'exit {done.returncode}'}"
        raise UsageError(message, where=str(key_file), hint="is the key in the agent? ssh-add -l", code="ssh.keygen")
    try:
        ssh.verify_armoured(done.stdout, payload, namespace=namespace)
    except MalformedError as cause:
        raise UsageError(cause.message, where=str(key_file), hint=cause.hint, code=cause.code) from cause
    return done.stdout.decode("ascii")


def _raw_signature(key: PrivateKey, message: bytes, blob: bytes) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if key.public.algorithm == "rsa":
        return b"rsa-sha2-512", key.material.sign(message, padding.PKCS1v15(), hashes.SHA512())
    kind = Reader(blob).string()
    if key.public.algorithm == "ed25519":
        return kind, key.sign(message)
    r, s = decode_dss_signature(key.sign(message))
    return kind, mpint(r) + mpint(s)
