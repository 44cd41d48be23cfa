"""The engine: programs that call themselves opa, another version, none, a slow or dead one."""

from __future__ import annotations

from bases import GREEN, LIAR
from harms import all_of, gate, nothing, unit
from liar import ANSWERS, REPLY, installed, program
from scenario import DENY, NO_DECISION, USAGE, Line, variables

from project import Project, Ran, ran_tests

unreachable = Line(LIAR, NO_DECISION)
denied = Line(LIAR, DENY)
misused = Line(LIAR, USAGE)
real = Line(GREEN, NO_DECISION)
real_denied = Line(GREEN, DENY)


def hurried(project: Project) -> Ran:
    return project.decide("build", "--deadline", "0.3")


# fmt: off
WHICH = (
    unreachable("another binary than those that are known", installed(program(before="true"), listed=False), "this OPA is none that is known", "engine.digest"),
    unreachable("an OPA of another version", installed(program(version="1.21.0")), "this is OPA 1.21.0, not 1.22.2", "engine.version"),
    unreachable("no OPA where it should be", nothing, "GATEKEEPER_OPA names no file", "engine.given", under=variables(GATEKEEPER_OPA="nowhere/opa")),
    misused("an empty variable that should name OPA", nothing, "GATEKEEPER_OPA is set and empty", "engine.variable", under=variables(GATEKEEPER_OPA="")),
    real("a gate that was tested with another version", gate('engine = "opa 1.22.2"', 'engine = "opa 1.22.1"'), "this is OPA 1.22.2, not 1.22.1", "engine.version"),
    real("a gate that names no version", gate('engine = "opa 1.22.2"', 'engine = "opa"'), "engine is 'opa'", "engine.pin"),
    real_denied("a red report, and variables that change what OPA does", unit(ran_tests(2, "login")), "s::login failed", "engine.environment", under=variables(OPA_EVAL_PARTIAL="true", OPA_EVAL_FORMAT="raw")),
)

ANSWERED = (
    unreachable("an engine that says nothing", installed(program(output=" ")), "OPA's answer cannot be read: the document is empty", "engine.document"),
    unreachable("an engine that says {}", installed(program(output="{}")), "OPA's answer does not have just result", "engine.document"),
    unreachable("an engine that says []", installed(program(output="[]")), "OPA's answer does not have just result", "engine.document"),
    unreachable("an engine without a result", installed(program(output='{"result":[]}')), "OPA did not give one result", "engine.document"),
    unreachable("an engine that answers with a page", installed(program(output="<html>502</html>")), "OPA's answer cannot be read: not JSON", "engine.document"),
    unreachable("half an answer", installed(program(output='{"result":[{"expressions":[{"val')), "OPA's answer cannot be read: not JSON", "engine.document"),
    unreachable("an answer that calls itself an allow", installed(program(reply=REPLY.replace("{", '{"allow":true,', 1))), "OPA's answer is not the document that was asked for", "engine.document"),
    unreachable("an answer to another question", installed(program(reply=REPLY.replace('"nonce":"$nonce"', '"nonce":"sha256:0"'))), "OPA's answer is to another question", "engine.nonce"),
    unreachable("an answer from other rules", installed(program(reply=REPLY.replace("$digest", "sha256:0"))), "OPA's answer is from other rules", "engine.rules"),
    unreachable("an engine that denies nothing, not even the canary", installed(program(reply=REPLY.replace('["$nonce"]', "[]"))), "OPA let the canary pass", "engine.canary"),
    unreachable("an answer for a rule that was not asked", installed(program(reply=REPLY.replace(ANSWERS, f'{ANSWERS},"own.more":{{"deny":[]}}'))), "OPA answered for rules that were not asked", "engine.document"),
    denied("one rule without an answer among those that have one", installed(program(reply=REPLY.replace('"own.coverage":{"deny":[]},', ""))), "its deny is undefined", "engine.undefined"),
    denied("a rule whose answer is true", installed(program(reply=REPLY.replace('"own.tests":{"deny":[]}', '"own.tests":{"deny":true}'))), "its deny is not a set", "evaluate.shape"),
    denied("a rule whose answer is null", installed(program(reply=REPLY.replace('"own.tests":{"deny":[]}', '"own.tests":{"deny":null}'))), "its deny is not a set", "evaluate.shape"),
)

ENDED = (
    unreachable("a good answer with a bad exit status", installed(program(status=1)), "OPA ended with status 1 and gave no answer", "engine.status"),
    unreachable("an engine that is killed after its answer", installed(program(output='{"result":[]}', before="kill -9 $$")), "OPA was ended by signal 9 and gave no answer", "engine.status"),
    unreachable("an engine that is too slow", installed(program(before="sleep 1")), "OPA did not answer within 0.3 s and was killed", "engine.deadline", run=hurried),
    unreachable("a program that cannot be run", all_of(installed(program().replace("#!/bin/sh", "#!/nowhere/sh"))), "OPA could not be started", "engine.start"),
)
# fmt: on

AREA = "engine"
SCENARIOS = (*WHICH, *ANSWERED, *ENDED)
