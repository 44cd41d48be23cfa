"""What is measured: one function for each section of the page."""

from __future__ import annotations

import http.client
import json
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from benchmarks import world as worlds
from benchmarks.table import Row, Section, shown
from benchmarks.timing import Command, Times, can_measure_memory, interleaved
from gatekeeper import Attestation, Evidence, Gate, KeySigner, OpaChild, Subject, attest
from gatekeeper.collect.reading import Report
from gatekeeper.evaluate import ask
from gatekeeper.require import require
from gatekeeper.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gatekeeper.engine.find import OpaBinary

WARM_GOAL: Final = 1.5
COLD_GOAL: Final = 1.3
LARGE_GOAL: Final = 0.5
ATTEST_GOAL: Final = 1.5
IMPORT_GOAL: Final = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all measurements share.

    Attributes:
        world: What is decided.
        python: The interpreter with the library installed.
        binary: OPA.
        repetitions: Pairs for what is quick; large documents get fewer.
        sizes: Components of the large documents.
        environment: All that measured commands see of ours.
    """

    world: worlds.World
    python: Path
    binary: OpaBinary
    repetitions: int
    sizes: Sequence[int]
    environment: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """The world's folder."""
        return self.world.folder

    def command(self, *arguments: str, codes: tuple[int, ...] = (0,), stdin: Path | None = None) -> Command:
        """A command line in the world's folder."""
        return Command(arguments=arguments, cwd=self.folder, environment=self.environment, codes=codes, stdin=stdin)

    def gatekeeper(self, *arguments: str) -> Command:
        """The installed command."""
        return self.command(str(self.python.parent / "gatekeeper"), *arguments)

    def bare(self) -> Command:
        """The bare interpreter."""
        return self.command(str(self.python), "-c", "pass")

    def opa_eval(self, query: str, data: str, stdin: Path) -> Command:
        """A cold ``opa eval``."""
        opa = str(self.binary.path)
        return self.command(
            *(opa, "eval", query, "--data", data, "--stdin-input", "--strict-builtin-errors", "--format=json"),
            stdin=stdin,
        )

    @property
    def subject(self) -> Subject:
        """What is judged."""
        return Subject.file(self.folder / "app.whl")


def warm(bench: Bench) -> Section:
    """A decision in a process that keeps running."""
    gate = Gate.load(bench.world.gate("warm", rules=["bench.*"], trust="signed"))
    evidence = Evidence.of([_signed_sbom(bench, worlds.COMPONENTS)])
    with OpaChild(bench.binary) as child:
        decide = _decider(gate, bench.subject, evidence, child)
        decision = decide()
        if not decision:
            raise SystemExit(decision.explain())
        body = raw_question(gate, bench.subject, evidence)
        path = bench.world.write("warm.json", json.dumps(body["input"]).encode())
        raw = _RawClient(child, json.dumps(body).encode())
        raw.ask()
        process = bench.opa_eval("data.gatekeeper.bench", "packs", path)
        times = interleaved({"ours": decide, "raw": raw.ask, "process": process.run}, bench.repetitions, warm_up=3)
    what = f"`gate.decide`, {worlds.RULES} rules, {worlds.COMPONENTS} components"
    return Section(
        title="A decision in a process that keeps running",
        text=(
            "The evidence was read, verified and validated by an earlier decision of the same gate; the engine is "
            "`OpaChild`. The baseline asks the same server for the same rules on the same document and parses the "
            "answer. Every decision is a new one: requirements, freshness and waivers are judged again, and OPA is "
            "asked again."
        ),
        rows=[
            _row(what, times["ours"], "raw query, same server", times["raw"], WARM_GOAL),
            _row(what, times["ours"], "`opa eval` as a process", times["process"]),
        ],
        missed=_WARM_MISSED,
    )


def cold(bench: Bench) -> Section:
    """The command, from nothing."""
    rows = [_cold_row(bench, trust) for trust in ("unsigned", "signed")]
    return Section(
        title="The command, from nothing",
        text=(
            "`gatekeeper decide` as installed from the wheel, compiled, on a bill of materials of "
            f"{worlds.COMPONENTS} components. The baseline is the time of a bare interpreter plus that of a cold "
            "`opa eval` of the same rules on the same document."
        ),
        rows=[*rows, _cold_standard_row(bench)],
        missed=_COLD_MISSED,
    )


def _cold_row(bench: Bench, trust: str) -> Row:
    name = f"cold-{trust}"
    path = bench.world.gate(name, rules=["bench.*"], trust=trust)
    sbom = _signed_sbom(bench, worlds.COMPONENTS) if trust == "signed" else _plain_sbom(bench, worlds.COMPONENTS)
    bench.world.write(f"{name}/sbom.intoto.json", sbom.raw)
    body = raw_question(Gate.load(path), bench.subject, Evidence.of([sbom]))
    stdin = bench.world.write(f"{name}.json", json.dumps(body["input"]).encode())
    decide = bench.gatekeeper("decide", "app.whl", "--stage", "build", "--gate", path.name, "--evidence", name)
    runs = {
        "ours": decide.run,
        "python": bench.bare().run,
        "opa": bench.opa_eval("data.gatekeeper.bench", "packs", stdin).run,
    }
    times = interleaved(runs, bench.repetitions)
    how = "one DSSE signature" if trust == "signed" else "unsigned"
    return _row(
        f"{worlds.RULES} rules, {how}",
        times["ours"],
        "interpreter + `opa eval`",
        _sum(times["python"], times["opa"]),
        COLD_GOAL,
    )


def _cold_standard_row(bench: Bench) -> Row:
    name, rules = "cold-standard", ["sbom.complete", "sbom.licences", "sbom.pinned"]
    path = bench.world.gate(name, rules=rules, trust="signed", pack="gatekeeper")
    sbom = _signed_sbom(bench, worlds.COMPONENTS)
    bench.world.write(f"{name}/sbom.intoto.json", sbom.raw)
    gate = Gate.load(path)
    body = raw_question(gate, bench.subject, Evidence.of([sbom]))
    stdin = bench.world.write(f"{name}.json", json.dumps(body["input"]).encode())
    for module, text in gate.spec.stages["build"].rule_set.modules.items():
        bench.world.write(f"standard/{module}", text.encode())
    runs = {
        "ours": bench.gatekeeper("decide", "app.whl", "--stage", "build", "--gate", path.name, "--evidence", name).run,
        "python": bench.bare().run,
        "opa": bench.opa_eval("data.gatekeeper.sbom", "standard", stdin).run,
    }
    times = interleaved(runs, bench.repetitions)
    both = _sum(times["python"], times["opa"])
    return _row("3 standard rules, one DSSE signature", times["ours"], "interpreter + `opa eval`", both, COLD_GOAL)


def large(bench: Bench) -> Section:
    """Large bills of materials: facts that were attested against the raw document."""
    rows: list[Row] = []
    path = bench.world.gate(
        "large", rules=["sbom.complete", "sbom.licences", "sbom.pinned"], trust="signed", pack="gatekeeper"
    )
    bench.world.write("raw/raw.rego", worlds.RAW_SBOM_RULES.encode())
    for count in bench.sizes:
        rows += _large_rows(bench, path.name, count)
    return Section(
        title="Large bills of materials",
        text=(
            "`gatekeeper decide` on facts that were attested and signed, with the standard rules `sbom.complete`, "
            "`sbom.licences` and `sbom.pinned`, against `opa eval` of rules that ask the same on the raw CycloneDX "
            "document. Memory is the most that the whole tree of processes held at once (resident, looked at every "
            "4 ms; pages that are shared count for each process). The facts are parsed JSON in Python while OPA runs."
        ),
        rows=rows,
        missed=_LARGE_MISSED,
    )


def _large_rows(bench: Bench, gate: str, count: int) -> list[Row]:
    raw = bench.world.write(f"sbom-{count}.json", worlds.cyclonedx(count))
    folder = f"large-{count}"
    bench.world.write(f"{folder}/sbom.dsse.json", _signed_sbom(bench, count).raw)
    decide = bench.gatekeeper("decide", "app.whl", "--stage", "build", "--gate", gate, "--evidence", folder)
    evaluate = bench.opa_eval("data.raw.deny", "raw", raw)
    times = interleaved({"ours": decide.run, "raw": evaluate.run}, _fewer(bench.repetitions, count))
    megabytes = raw.stat().st_size / 1e6
    what = f"{count:,} components ({megabytes:.1f} MB)"
    rows = [_row(f"{what}, time", times["ours"], "`opa eval`, raw document", times["raw"], LARGE_GOAL)]
    if can_measure_memory():
        ours, theirs = decide.peak(), evaluate.peak()
        rows.append(
            Row(
                what=f"{what}, peak memory",
                ours=f"{ours / 2**20:.0f} MiB",
                baseline="`opa eval`, raw document",
                theirs=f"{theirs / 2**20:.0f} MiB",
                ratio=ours / theirs,
                goal=LARGE_GOAL,
            )
        )
    return rows


def attesting(bench: Bench) -> Section:
    """Reading, cleaning, checking and writing the facts of a report, against parsing it."""
    rows = []
    for count in bench.sizes:
        data = worlds.cyclonedx(count)
        runs = {"ours": partial(_attest, bench.subject, data), "parse": partial(json.loads, data)}
        times = interleaved(runs, _fewer(bench.repetitions, count))
        what = f"`attest`, {count:,} components ({len(data) / 1e6:.1f} MB)"
        rows.append(_row(what, times["ours"], "`json.loads`", times["parse"], ATTEST_GOAL))
    return Section(
        title="Attesting a bill of materials",
        text=(
            "`gatekeeper.attest` without a signer: strict parsing, reading the facts, freeing them of secrets, "
            "checking them against their schema, canonical writing. The baseline is bare `json.loads` of the same "
            "bytes, which refuses nothing and keeps nothing."
        ),
        rows=rows,
        missed=_ATTEST_MISSED,
    )


def starting(bench: Bench) -> Section:
    """Importing the library and the least that the command can do."""
    bare = bench.bare()
    imported = bench.command(str(bench.python), "-c", "import gatekeeper")
    names = bench.command(str(bench.python), "-c", "from gatekeeper import Evidence, Gate, Subject")
    version = bench.gatekeeper("--version")
    runs = {"bare": bare.run, "import": imported.run, "names": names.run, "version": version.run}
    times = interleaved(runs, bench.repetitions)
    return Section(
        title="Starting",
        text="A fresh process each time, against one that runs `pass`.",
        rows=[
            _over("`import gatekeeper`", times["import"], times["bare"], IMPORT_GOAL),
            _over("`from gatekeeper import Evidence, Gate, Subject`", times["names"], times["bare"]),
            _over("`gatekeeper --version`", times["version"], times["bare"]),
        ],
    )


def records(bench: Bench) -> Section:
    """Replaying and admitting a record, for information."""
    gate = bench.world.gate("recorded", rules=["bench.*"], trust="signed")
    bench.world.write("recorded/sbom.dsse.json", _signed_sbom(bench, worlds.COMPONENTS).raw)
    decide = ("decide", "app.whl", "--stage", "build", "--gate", gate.name, "--evidence", "recorded")
    bench.gatekeeper(*decide, "--record", "records", "--key", "gate.key").run()
    (record,) = (bench.folder / "records").glob("*.json")
    digest = Gate.load(gate).digest
    name = f"records/{record.name}"
    asked = ("--subject", "app.whl", "--stage", "build", "--gate", "bench", "--gate-digest", digest)
    runs = {
        "bare": bench.bare().run,
        "admit": bench.gatekeeper("admit", name, *asked, "--trust", "signed.toml").run,
        "replay": bench.gatekeeper("replay", name).run,
    }
    times = interleaved(runs, bench.repetitions)
    return Section(
        title="Records",
        text=(
            f"The commands on a signed record of {worlds.RULES} rules and {worlds.COMPONENTS} components; for "
            "information. `admit` does not run OPA."
        ),
        rows=[
            _row("`gatekeeper admit`", times["admit"], "bare interpreter", times["bare"]),
            _row("`gatekeeper replay`", times["replay"], "bare interpreter", times["bare"]),
        ],
    )


def raw_question(gate: Gate, subject: Subject, evidence: Evidence) -> dict[str, Any]:
    """The same document as a plain query to OPA has it: all rules, one input."""
    at = datetime.now(UTC).replace(microsecond=0)
    stage = gate.stage("build")
    verified = verify(evidence, gate.spec, "build", subject, at=at)
    required = require(gate.spec, stage, subject, verified, at=at)
    question = json.loads(ask(stage, subject, required.documents, [rule.id for rule in stage.rules]).data)
    together = {name: value for values in question["parameters"].values() for name, value in values.items()}
    return {"input": {**question["documents"], "parameters": together, "subject": question["subject"]}}


class _RawClient:
    """Asks the server that an ``OpaChild`` runs, as anybody would who had its socket."""

    def __init__(self, child: OpaChild, body: bytes) -> None:
        (server,) = child._servers.values()  # noqa: SLF001 - the point is that it is the same server
        self._body = body
        self._connection = http.client.HTTPConnection("opa")
        self._connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connection.sock.connect(server._socket)  # noqa: SLF001

    def ask(self) -> Any:
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", "/v1/data/gatekeeper/bench?strict-builtin-errors=true", self._body, headers)
        answer = json.loads(self._connection.getresponse().read())["result"]
        if len(answer) != worlds.RULES:
            raise SystemExit("the raw query did not reach the rules")
        return answer


def _decider(gate: Gate, subject: Subject, evidence: Evidence, engine: OpaChild) -> Callable[[], Any]:
    return lambda: gate.decide(subject, "build", evidence, at=datetime.now(UTC), engine=engine)


def _attest(subject: Subject, data: bytes) -> Attestation:
    return attest(Report(data, "sbom.json"), subject=subject, slot="sbom")


def _plain_sbom(bench: Bench, count: int) -> Attestation:
    return _attest(bench.subject, worlds.cyclonedx(count))


def _signed_sbom(bench: Bench, count: int) -> Attestation:
    signer = KeySigner.load(bench.folder / "ci.key")
    return attest(Report(worlds.cyclonedx(count), "sbom.json"), subject=bench.subject, slot="sbom", signer=signer)


def _row(what: str, ours: Times, baseline: str, theirs: Times, goal: float | None = None) -> Row:
    return Row(
        what=what,
        ours=shown(ours),
        baseline=baseline,
        theirs=shown(theirs),
        ratio=ours.median / theirs.median,
        goal=goal,
    )


def _over(what: str, ours: Times, bare: Times, goal: float | None = None) -> Row:
    return Row(
        what=what,
        ours=shown(ours),
        baseline="bare interpreter",
        theirs=shown(bare),
        ratio=ours.median / bare.median,
        over=(ours.median - bare.median) * 1000,
        goal=goal,
    )


def _sum(one: Times, two: Times) -> Times:
    return Times(seconds=tuple(a + b for a, b in zip(one.seconds, two.seconds, strict=True)))


def _fewer(repetitions: int, components: int) -> int:
    """Fewer repetitions of what takes seconds."""
    return max(1, min(repetitions, 200_000 // max(components, 1), repetitions if components <= 1_000 else 7))


def environment(folder: Path, opa: Path) -> dict[str, str]:
    """All that measured commands see: a home of their own, and where OPA is."""
    home = folder / "home"
    home.mkdir()
    return {"HOME": str(home), "PATH": os.defpath, "GATEKEEPER_OPA": str(opa), "LC_ALL": "C.UTF-8"}


_WARM_MISSED: Final = (
    "Why: Python's own part is about 2 ms of processor time (absent facts, cutting down the documents, writing the "
    "question). The rest is OPA: each rule runs `with input as` just the members that it declares, and the answer "
    "carries a canary and the digest of the rules."
)
_COLD_MISSED: Final = (
    "Why: nearly all of it is Python getting ready. Importing what a decision needs takes some 150 ms of processor "
    "time, 50 ms of it making 84 frozen dataclasses; reading a rule (its METADATA with PyYAML's parser in Python, its "
    "tokens, lint) takes 1 to 3 ms. libyaml reads METADATA five times as fast, and is not used: it accepts tabs and "
    "flow mappings that the other refuses. OPA is started when the question is ready; starting it before would "
    "hide its 8 ms of start-up."
)
_LARGE_MISSED: Final = (
    "Why: below some thousand components start-up (see above) is all there is. Above, OPA on the facts alone takes "
    "half of the time of OPA on the raw document, and Python reads, verifies, checks and cuts down the facts before "
    "it: about 0.3 s of processor time for 20,000 components. In memory, Python holds the attestation as received, "
    "its payload, the parsed facts and the question while OPA runs."
)
_ATTEST_MISSED: Final = (
    "Why: refusing duplicate keys means a call for each object, which alone makes parsing 1.5 times as long. Reading "
    "each component, checking it, looking through all texts for secrets and writing canonical JSON take as long again. "
    "Small reports pay once for reading the schemas."
)
