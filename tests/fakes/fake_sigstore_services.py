"""The services that signing talks to, on this machine: an OIDC token, Fulcio, Rekor; all of one fake Sigstore.

They answer as the public ones do, as far as sigstore-python asks: ``POST /api/v2/signingCert`` of Fulcio, ``POST
/api/v1/log/entries`` of Rekor, and the token endpoint of GitHub Actions.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fake_sigstore import IDENTITY, ISSUER, FakeSigstore, b64

if TYPE_CHECKING:
    from types import TracebackType


class FakeServices:
    """A server for as long as the ``with`` block lasts."""

    def __init__(self, fake: FakeSigstore) -> None:
        self.fake = fake
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """What a GitHub Actions job finds in its environment."""
        return {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/token?api-version=2.0",
        }

    def trust_config(self) -> bytes:
        service = {"majorApiVersion": 1, "operator": "fake.test", "validFor": {"start": "2020-01-01T00:00:00Z"}}
        signing = {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [{"url": self.url, **service}],
            "rekorTlogUrls": [{"url": self.url, **service}],
            "rekorTlogConfig": {"selector": "ANY"},
        }
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
                "trustedRoot": json.loads(self.fake.trusted_root()),
                "signingConfig": signing,
            }
        ).encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        services = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(200, {"value": token()})

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = services.certify if self.path.endswith("signingCert") else services.enter
                self._answer(201, answer(asked))

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it that
                """Nothing: tests are quiet."""

            def _answer(self, status: int, value: Any) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler

    def certify(self, asked: dict[str, str]) -> dict[str, Any]:
        """Fulcio: a certificate for the key in the request."""
        request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
        now = datetime.now(UTC).replace(microsecond=0)
        leaf = self.fake.leaf(public_key=request.public_key(), at=now)
        chain = [leaf.certificate, self.fake.ca, self.fake.root]
        certificates = [item.public_bytes(Encoding.PEM).decode() for item in chain]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": certificates}}}

    def enter(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Rekor, version 1: the entry for a proposed DSSE envelope."""
        proposed = asked["spec"]["proposedContent"]
        envelope = json.loads(proposed["envelope"])
        payload = base64.b64decode(envelope["payload"])
        signatures = [
            {"signature": item["sig"], "verifier": verifier}
            for item, verifier in zip(envelope["signatures"], proposed["verifiers"], strict=True)
        ]
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(proposed["envelope"].encode()).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": signatures,
        }
        body = {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}
        entry = self.fake.log(body, at=datetime.now(UTC).replace(microsecond=0))
        proof = entry["inclusionProof"]
        return {
            "uuid": {
                "body": entry["canonicalizedBody"],
                "integratedTime": int(entry["integratedTime"]),
                "logID": self.fake.log_id.hex(),
                "logIndex": int(entry["logIndex"]),
                "verification": {
                    "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
                    "inclusionProof": {
                        "checkpoint": proof["checkpoint"]["envelope"],
                        "hashes": [base64.b64decode(item).hex() for item in proof["hashes"]],
                        "logIndex": int(proof["logIndex"]),
                        "rootHash": base64.b64decode(proof["rootHash"]).hex(),
                        "treeSize": int(proof["treeSize"]),
                    },
                },
            }
        }


def token() -> str:
    """A token as GitHub gives one, without a signature: the client only passes it on."""
    now = int(datetime.now(UTC).timestamp())
    claims = {"aud": "sigstore", "iss": ISSUER, "sub": IDENTITY, "job_workflow_ref": IDENTITY, "iat": now, "nbf": now}
    parts = [{"alg": "none", "typ": "JWT"}, {**claims, "exp": now + 300}]
    encoded = [b64(json.dumps(part).encode()).rstrip("=").replace("+", "-").replace("/", "_") for part in parts]
    return ".".join([*encoded, "c2ln"])
