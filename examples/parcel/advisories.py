"""A service of advisories on this machine: what ``advisories/`` holds, by the query interface of OSV.

Scanners ask a service for what is known about a package. The example has one of its own, with advisories about
packages that do not exist, so that a real scanner can be run where there is no network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

FOLDER = Path(__file__).resolve().parent / "advisories"


def advisories() -> list[dict[str, Any]]:
    """All of them, as OSV records."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def about(name: str, version: str) -> list[dict[str, Any]]:
    """Those about one version of a package."""
    return [
        record
        for record in advisories()
        if any(name == item["package"]["name"] and version in item["versions"] for item in record["affected"])
    ]


class Answers(BaseHTTPRequestHandler):
    """``POST /v1/query`` with a package and a version."""

    def do_POST(self) -> None:
        """Answer one query."""
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = about(query["package"]["name"], query["version"])
        body = json.dumps({"vulns": found} if found else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def service() -> Iterator[str]:
    """Serve while the block runs; yields the address to query."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()
