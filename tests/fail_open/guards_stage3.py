"""Guards over what is read of experiments, rights, secrets, load, risks and configuration."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from guard import Everything, Guard, always, becomes

if TYPE_CHECKING:
    from collections.abc import Iterator


def _what_is_named(statement: dict[str, Any], key: str, _place: str) -> list[str]:
    """What a statement names, allowed or not."""
    found = statement.get(key, statement.get(f"Not{key}"))
    return [found] if isinstance(found, str) else list(found or ())


def _main_containers(spec: dict[str, Any], place: str) -> Iterator[tuple[dict[str, Any], str]]:
    for index, item in enumerate(spec.get("containers", ())):
        yield item, f"{place}/containers/{index}"


class _Harmless(defaultdict[tuple[str, ...], str]):
    """Actions of which those that nobody knows change nothing."""

    def __contains__(self, item: object) -> bool:
        return True


GUARDS = (
    Guard("chaos.verdict", "status for verdict", "gatekeeper.collect.chaostoolkit:_verdict", always("passed")),
    Guard(
        "chaos.finished", "runs that did not end", "gatekeeper.collect.chaostoolkit:_FINISHED", becomes(Everything())
    ),
    Guard("litmus.verdict", "verdicts that are none", "gatekeeper.collect.litmus:_verdict", always("passed")),
    Guard("litmus.claimed", "a percentage of its own", "gatekeeper.collect.litmus:_claimed", always({})),
    Guard("rbac.known", "roles from elsewhere", "gatekeeper.collect.kubernetes_rbac:_is_known", always(True)),
    Guard("manifests.known", "kinds that nobody knows", "gatekeeper.collect._manifests:KNOWN", becomes(Everything())),
    Guard("manifests.cut", "one page of many", "gatekeeper.collect._manifests:_is_cut", always(False)),
    Guard(
        "manifests.containers",
        "containers beside the main ones",
        "gatekeeper.collect._manifests:containers",
        becomes(_main_containers),
    ),
    Guard("iam.but", "all but what is named", "gatekeeper.collect.aws_iam:_named", becomes(_what_is_named)),
    Guard("secrets.named", "secrets by name", "gatekeeper.collect.kubernetes_secrets:says_secret", always(False)),
    Guard("secrets.shape", "secrets by shape", "gatekeeper.collect._text:redact", becomes(lambda text: text)),
    Guard("identity.mounted", "tokens unasked", "gatekeeper.collect.kubernetes_identity:_mounted", always(False)),
    Guard("identity.static", "keys of a cloud", "gatekeeper.collect.kubernetes_identity:_static", always([])),
    Guard(
        "endurance.outages",
        "outages at the end",
        "gatekeeper.collect.locust_history:outages",
        always({"recovery_ms": 0, "recovered": True}),
    ),
    Guard("threagile.word", "words of nobody", "gatekeeper.collect.threagile:_word", always("mitigated")),
    Guard(
        "terraform.actions",
        "actions that nobody knows",
        "gatekeeper.collect.terraform_plan:_ACTIONS",
        becomes(_Harmless(str)),
    ),
    Guard("terraform.whole", "plans that are not whole", "gatekeeper.collect.terraform_plan:_is_whole", always(True)),
    Guard("terraform.version", "formats to come", "gatekeeper.collect.terraform_plan:_check_version", always(None)),
    Guard("terraform.drift", "drift", "gatekeeper.collect.terraform_plan:_drifts", always(())),
    Guard(
        "settings.same",
        "true for one",
        "gatekeeper.collect._settings:same",
        becomes(lambda one, two: one == two),
    ),
    Guard(
        "configuration.twice",
        "one object twice",
        "gatekeeper.collect.kubernetes_configuration:_check_distinct",
        always(None),
    ),
)
