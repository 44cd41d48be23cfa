"""An OPA server that a team runs, through opa-python-client.

The rules are checked by an OPA of our own before they are sent: a server checks neither schemas nor builtins. They
go under packages whose first word holds their digest, so that rule sets lie side by side, and the whole of that
namespace is read back before every use. What a stranger does there between reading and asking, the nonce and the
digest in the answer cannot see: sealing decides again with a process of our own.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

from gatekeeper import _json
from gatekeeper._limits import MAX_ENGINE_ANSWER_BYTES
from gatekeeper.engine import asking
from gatekeeper.engine.process import Deadline
from gatekeeper.engine.program import NAMESPACE, Prepared
from gatekeeper.errors import EngineError, MalformedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.engine.command import OpaCommand
    from gatekeeper.engine.program import Program
    from gatekeeper.policy import RuleSet
    from gatekeeper.question import Answer, EngineIdentity, Question

_OK: Final = 200
_FAILED: Final = 500
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS: Final = {"http": 80, "https": 443}
_CHUNK: Final = 1 << 16
_PARAMETERS: Final = {"strict-builtin-errors": "true", "provenance": "true"}
_DIGITS: Final = 32
"""Hexadecimal digits of the rules' digest in the namespace: 128 bits."""


class OpaServer:
    """Asks a server over HTTP. It can be shared by threads; each has a connection of its own.

    Args:
        url: Its address: ``https://opa.example.com``, or ``http`` on this machine.
        command: The OPA that checks rules before they are sent; the server has to be of the same version.
        ca: File with the certificates to believe; those of the system when not given.
        token: Bearer token; empty for none.

    Raises:
        UsageError: The address is none, or would be asked over plain HTTP on another machine.
    """

    def __init__(self, url: str, *, command: OpaCommand, ca: str | None = None, token: str = "") -> None:
        self._address = _address(url)
        self._url = url
        self._ca = ca
        self._token = token
        self._command = command
        self._programs = Prepared(namespace=_namespace)
        self._sent: set[str] = set()
        self._lock = threading.Lock()
        self._local = threading.local()

    @property
    def identity(self) -> EngineIdentity:
        """Which OPA it is; every answer states its version. The binary elsewhere has no digest that we know."""
        return replace(self._command.identity, digest="", platform="")

    def check(self, rules: RuleSet, *, deadline: float) -> None:
        """Compile the rules here and send them; see :class:`gatekeeper.question.Engine`."""
        clock = Deadline(deadline)
        self._read_back(self._program(rules, clock), self._client(clock))

    def evaluate(self, rules: RuleSet, questions: Sequence[Question], *, deadline: float) -> tuple[Answer, ...]:
        """Answer the questions; see :class:`gatekeeper.question.Engine`."""
        clock = Deadline(deadline)
        program = self._program(rules, clock)
        client = self._client(clock)
        self._read_back(program, client)
        return asking.ask(program, questions, lambda part, without: self._run(program, client, part, without))

    def _client(self, clock: Deadline) -> _Client:
        client: _Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = _Client(self._address, self._url, self._ca, self._token)
        client.clock = clock
        return client

    def _program(self, rules: RuleSet, clock: Deadline) -> Program:
        """The rules' program under a namespace of its own, checked and sent."""
        program = self._programs.of(rules)
        with self._lock:
            if program.namespace not in self._sent:
                self._command.check_program(program, clock)
                _send(program, self._client(clock))
                self._sent.add(program.namespace)
        return program

    def _read_back(self, program: Program, client: _Client) -> None:
        """What the server holds in the program's namespace is the program, to the byte, and nothing else."""
        wanted = {_module_id(program, path): text for path, text in program.modules.items()}
        held = client.policies(program.namespace)
        for name in sorted(wanted.keys() | held.keys()):
            if wanted.get(name) != held.get(name):
                with self._lock:
                    self._sent.discard(program.namespace)
                what = "is not what was sent" if name in wanted else "was put there by somebody else"
                raise EngineError(f"the server's module {name} {what}", where=self._url, code="engine.foreign")

    def _run(self, program: Program, client: _Client, questions: Sequence[Question], without: Sequence[str]) -> Any:
        document = _json.parse(b"".join(asking.batch(questions, without)), limit=MAX_ENGINE_ANSWER_BYTES)
        status, data = client.query(document, f"{program.namespace}_entry")
        answer = asking.parse(data)
        if isinstance(answer, asking.Trouble):
            return answer
        if status == _FAILED:
            errors = asking.members(answer, {"code", "errors", "message"})["errors"]
            return asking.trouble(program, errors, prefix=_module_id(program, ""))
        if status != _OK:
            raise EngineError(f"the server refuses the question with status {status}", where=self._url)
        if isinstance(answer, dict):
            answer.pop("decision_id", None)  # a server that keeps a log of decisions adds it
        members = asking.members(answer, {"provenance", "result"})
        self._check_version(members["provenance"])
        return members["result"]

    def _check_version(self, provenance: Any) -> None:
        version = provenance.get("version") if isinstance(provenance, dict) else None
        if version != self.identity.version:
            hint = f"the gate asks for {self.identity.version}"
            raise EngineError(f"the server is OPA {version}", where=self._url, hint=hint, code="engine.version")


class _Client:
    """One thread's connection: opa-python-client, with its answers read strictly, bounded and in time."""

    def __init__(self, address: SplitResult, url: str, ca: str | None, token: str) -> None:
        from opa_client.opa import OpaClient  # type: ignore[import-untyped]  # 0.3 s: aiohttp and requests

        host = address.hostname or ""
        self.clock = Deadline(0)
        self._url = url
        self._answer = (0, b"")
        self._client = OpaClient(
            host=f"[{host}]" if ":" in host else host,
            port=address.port or _PORTS[address.scheme],
            ssl=(ca or True) if address.scheme == "https" else False,
            token=token or None,
            retries=0,
        )
        session = self._client._session  # noqa: SLF001  the only way to its settings
        session.trust_env = False  # neither proxies nor .netrc nor certificates from the environment
        session.max_redirects = 1
        session.hooks["response"].append(self._receive)

    def put(self, name: str, text: str) -> bool:
        """Send a module; False when the server does not accept it."""
        # rego_compat would rewrite a module that the server refuses, and send that instead
        self._call("update_policy_from_string", text, name, rego_compat=False)
        return self._answer[0] == _OK

    def policies(self, namespace: str) -> dict[str, str]:
        """The text of every module in a namespace, by id."""
        status, data = self._call("get_policies_info")
        try:
            if status != _OK:
                raise EngineError(f"the server does not show its modules: status {status}", where=self._url)
            modules = _json.parse_object(data)["result"]
            return {
                module["id"]: module["raw"]
                for module in modules
                if str(module["ast"]["package"]["path"][1]["value"]).startswith(namespace)
                or str(module["id"]).startswith(f"{namespace}/")
            }
        except (MalformedError, LookupError, TypeError) as cause:
            message = "the server's list of modules cannot be read"
            raise EngineError(message, where=self._url, code="engine.answer") from cause

    def query(self, document: Any, package: str) -> tuple[int, bytes]:
        """Ask the entry module."""
        return self._call("query_rule", document, package, "answers", query_params=_PARAMETERS)

    def _call(self, method: str, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        """Call the client. What it makes of the answer is dropped: what was received is what counts."""
        from opa_client.errors import RegoParseError  # type: ignore[import-untyped]
        from requests import RequestException

        self._answer = (0, b"")
        self._client.timeout = self.clock.remaining()
        try:
            getattr(self._client, method)(*arguments, **options)
        except (RequestException, RegoParseError, ValueError, AttributeError, TypeError) as cause:
            if "timed out" in str(cause):  # urllib3 wraps it in several ways
                raise self.clock.passed() from cause
            if not self._answer[0]:
                raise EngineError(
                    f"the server cannot be asked: {cause}", where=self._url, code="engine.server"
                ) from cause
        return self._answer

    def _receive(self, response: Any, **_: Any) -> None:
        if response.is_redirect:
            self._check_redirect(response)
        parts: list[bytes] = []
        left = MAX_ENGINE_ANSWER_BYTES
        while part := response.raw.read1(_CHUNK, decode_content=True):
            self.clock.remaining()
            parts.append(part)
            left -= len(part)
            if left < 0:
                message = f"the server wrote more than {MAX_ENGINE_ANSWER_BYTES} bytes"
                raise EngineError(message, where=self._url, code="engine.size")
        response._content = b"".join(parts)  # noqa: SLF001  where requests keeps what it has read
        self._answer = (response.status_code, response._content)  # noqa: SLF001

    def _check_redirect(self, response: Any) -> None:
        """OPA sends a list's address with a slash on to the one without; nothing else may send us on."""
        target = urljoin(response.url, response.headers["Location"])
        if response.request.method != "GET" or target != response.url.rstrip("/"):
            raise EngineError("the server sends us elsewhere", where=self._url, code="engine.server")


def _send(program: Program, client: _Client) -> None:
    """Send all modules; one that uses another is accepted only after it, so go round until all are there."""
    pending = sorted(program.modules.items())
    while pending:
        refused = [(path, text) for path, text in pending if not client.put(_module_id(program, path), text)]
        if len(refused) == len(pending):
            raise EngineError(f"the server refuses the module {refused[0][0]}", code="engine.server")
        pending = refused


def _namespace(rules: RuleSet) -> str:
    return f"{NAMESPACE}_{rules.digest.removeprefix('sha256:')[:_DIGITS]}"


def _module_id(program: Program, path: str) -> str:
    return f"{program.namespace}/{path}"


def _address(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        address.port  # noqa: B018  raises when it is no number
    except ValueError as cause:
        raise UsageError(f"not the address of a server: {cause}", where=url, code="usage.server") from cause
    if address.scheme not in _PORTS or not address.hostname or address.path.strip("/") or address.query:
        raise UsageError("not the address of a server", where=url, hint="https://opa.example.com", code="usage.server")
    if address.username or address.password or address.fragment:
        raise UsageError("an address without user and fragment is needed", where=url, code="usage.server")
    if address.scheme == "http" and address.hostname not in _LOOPBACK:
        hint = "use https: anybody between could forge the answer"
        raise UsageError("plain HTTP to another machine", where=url, hint=hint, code="usage.server")
    return address
