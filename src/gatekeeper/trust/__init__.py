"""Signatures: bytes in, verdict out.

Pure functions over bytes; no clock, no network, no files. Who is trusted for what is decided above, in
:mod:`gatekeeper.verify`; here is only whether a signature holds and whose it is.

* :mod:`gatekeeper.trust.keys`: public keys and their fingerprints.
* :mod:`gatekeeper.trust.private_keys`: keys that sign.
* :mod:`gatekeeper.trust.dsse`: DSSE envelopes signed by keys.
* :mod:`gatekeeper.trust.ssh`: SSH signatures of people.
* :mod:`gatekeeper.trust.sigstore`: Sigstore bundles, through sigstore-python.
* :mod:`gatekeeper.trust.in_toto`: in-toto layouts and links.
* :mod:`gatekeeper.trust.signer`: what ``attest``, ``seal`` and ``approve`` sign with.
"""
