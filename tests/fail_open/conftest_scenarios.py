"""Policies of conftest's: what conftest would pass over in silence."""

from __future__ import annotations

from conftest_projects import GOOD, JUDGED, PACK, POLICY, manifest
from harms import all_of, edit, write
from scenario import DENY, NO_DECISION, Line

BASE = "policies/cluster/policy/base.rego"
ROOT = manifest({**GOOD, "user": "root"})

denied = Line(JUDGED, DENY)
refused = Line(JUDGED, NO_DECISION)

# fmt: off
SCENARIOS = (
    denied("a manifest that breaks a policy", ROOT, "may run as root", "evaluate.fail"),
    denied("no manifest", manifest(None), "examined nothing", "evaluate.examined"),
    denied("a manifest of no kind", manifest({"knid": "Deployment", "user": "root"}), "kind is absent", "conftest.requires"),
    denied("a manifest that does not say where its image is from", manifest({"kind": "Deployment", "user": "app"}), "comes from elsewhere", "conftest.not"),
    denied("a message under another name", all_of(ROOT, edit(BASE, '"may run as root"', '{"message": "x"}')), "no message", "conftest.said"),
    refused("a policy that nobody asks for", all_of(ROOT, edit(BASE, "deny_root", "denies_root")), "nobody asks for denies_root", "conftest.names"),
    refused("a policy that is true and no message", all_of(ROOT, edit(BASE, 'deny_root contains "may run as root" if', "deny_root if")), "deny_root is no set of messages", "conftest.names"),
    refused("an exception without owner and end", write(BASE, POLICY + '\nexception contains ["root"]\n'), "exception takes violations away", "conftest.names"),
    refused("a misspelt helper", all_of(ROOT, edit(BASE, "kubernetes.is_deployment\n\tinput.user", "kubernetes.is_deploiment\n\tinput.user")), "kubernetes has no is_deploiment", "conftest.imports"),
    refused("data that is not there", all_of(ROOT, write(BASE, POLICY.replace("import data.kubernetes", "import data.kubernetes\nimport data.users").replace('"root"\n', "users.refused\n"))), "imports data.users", "conftest.imports"),
    refused("a policy for all documents at once, asked of each", all_of(ROOT, edit(BASE, 'input.user == "root"', 'input[_].contents.user == "root"')), "reads contents", "conftest.words"),
    refused("policies in a namespace that no rule asks", all_of(ROOT, write(BASE, POLICY.partition("deny_root")[0] + "deny_image" + POLICY.partition("deny_image")[2]), write("policies/cluster/policy/root.rego", 'package mian\n\ndeny_root contains "may run as root" if input.user == "root"\n')), "nobody asks for the namespace mian", "conftest.checked"),
    refused("a namespace that holds nothing", write("policies/cluster/pack.toml", PACK.replace('"main"', '"mian"')), "nobody asks for the namespace main", "conftest.checked"),
)
# fmt: on

AREA = "policies of conftest"
