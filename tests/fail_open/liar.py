"""A program that calls itself opa, and answers as OPA would; or in another way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper import _json

if TYPE_CHECKING:
    from scenario import Harm

    from project import Project

WHERE = "liar/opa"
ANSWERS = '"own.coverage":{"deny":[]},"own.tests":{"deny":[]}'
REPLY = f'{{"canary":["$nonce"],"nonce":"$nonce","rules":{{{ANSWERS}}},"rules_digest":"$digest"}}'
RESULT = '{"result":[{"expressions":[{"value":[REPLY],"text":"t","location":{"row":1,"col":1}}]}]}'
SCRIPT = """\
#!/bin/sh
if [ "$1" = version ]; then echo "Version: VERSION"; echo "Platform: linux/amd64"; exit 0; fi
nonce=$(sed 's/.*"nonce":"\\([^"]*\\)".*/\\1/')
digest=$(gzip -dc checked.tar.gz | sed -n 's/.*"rules_digest": "\\([^"]*\\)".*/\\1/p')
BEFORE
cat <<END
OUTPUT
END
exit STATUS
"""


def program(
    *, reply: str = REPLY, output: str = "", version: str = "1.22.2", before: str = ":", status: int = 0
) -> str:
    """The script; by default an honest one, which finds nothing to deny."""
    said = output or RESULT.replace("REPLY", reply)
    parts = {"VERSION": version, "BEFORE": before, "OUTPUT": said, "STATUS": str(status)}
    return re.sub("|".join(parts), lambda found: parts[found[0]], SCRIPT)


def installed(script: str, *, listed: bool = True) -> Harm:
    """Put the program there; where it is ``listed``, the gate knows its digest."""

    def harm(project: Project) -> None:
        path = project.write(WHERE, script)
        path.chmod(0o755)
        if listed:
            text = (project.folder / "gate.toml").read_text()
            digests = f'engine_digests = ["{_json.digest(script.encode())}"]'
            project.write("gate.toml", re.sub(r"engine_digests = \[.*\]", digests, text))

    return harm
