"""``python -m parcel [PORT]``: the service on this machine."""

from __future__ import annotations

import sys
from wsgiref.simple_server import make_server

from parcel.service import Service


def main(arguments: list[str]) -> None:  # pragma: no cover - serves until it is stopped
    """Serve on the port given, else 8000."""
    with make_server("127.0.0.1", int(arguments[0]) if arguments else 8000, Service()) as server:
        server.serve_forever()


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
