"""The service: a WSGI application over parcels kept in memory.

``POST /parcels``, ``GET /parcels/NUMBER``, ``POST /parcels/NUMBER/moves``; JSON in, JSON out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from itertools import count
from typing import Any

from parcel import numbers, postage
from parcel.tracking import Parcel, Status

Answer = tuple[HTTPStatus, dict[str, Any]]
MAX_BODY = 10_000


class NotFoundError(LookupError):
    """No such page or parcel."""


class Service:
    """One post office."""

    def __init__(self) -> None:
        self._parcels: dict[str, Parcel] = {}
        self._serials = count(1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, document = self._answer(environ)
        start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
        return [json.dumps(document).encode()]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        try:
            return self._route(environ["REQUEST_METHOD"], environ["PATH_INFO"].strip("/").split("/"), environ)
        except NotFoundError as missing:
            return HTTPStatus.NOT_FOUND, {"error": str(missing)}
        except (KeyError, TypeError, ValueError) as wrong:
            return HTTPStatus.BAD_REQUEST, {"error": str(wrong)}

    def _route(self, method: str, path: list[str], environ: dict[str, Any]) -> Answer:
        match method, path:
            case "POST", ["parcels"]:
                return HTTPStatus.CREATED, self._accept(body_of(environ))
            case "GET", ["parcels", number]:
                return HTTPStatus.OK, shown(self._find(number))
            case "POST", ["parcels", number, "moves"]:
                parcel = self._find(number)
                parcel.move(Status(body_of(environ)["to"]))
                return HTTPStatus.OK, shown(parcel)
        raise NotFoundError("/" + "/".join(path))

    def _accept(self, body: dict[str, Any]) -> dict[str, Any]:
        grams = body["grams"]
        parcel = Parcel(number=numbers.make(next(self._serials)), grams=grams, postage=postage.quote(grams))
        self._parcels[parcel.number] = parcel
        return shown(parcel)

    def _find(self, number: str) -> Parcel:
        if not numbers.is_valid(number):
            raise ValueError(f"not a tracking number: {number}")
        if number not in self._parcels:
            raise NotFoundError(number)
        return self._parcels[number]


def body_of(environ: dict[str, Any]) -> dict[str, Any]:
    """The JSON object that was sent."""
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size > MAX_BODY:
        raise ValueError(f"more than {MAX_BODY} bytes")
    body = json.loads(environ["wsgi.input"].read(size))
    if not isinstance(body, dict):
        raise TypeError("not an object")
    return body


def shown(parcel: Parcel) -> dict[str, Any]:
    """A parcel as the service shows it."""
    return {"number": parcel.number, "grams": parcel.grams, "postage": parcel.postage, "way": list(parcel.way)}
