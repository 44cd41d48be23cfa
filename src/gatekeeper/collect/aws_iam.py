"""AWS IAM policies: identity-based and trust policies (IAM User Guide, "IAM JSON policy element reference").

Statements that deny, and conditions, only take rights away and are not counted on. A statement that names what it does
*not* allow (``NotAction``, ``NotResource``) allows all the rest, and is read as ``*``. Names of actions are read in
lower case, as IAM compares them. The output of ``aws iam get-policy-version`` and ``get-role-policy`` is read too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gatekeeper.collect._json_format import JsonFormat
from gatekeeper.collect.reading import Reading
from gatekeeper.errors import MalformedError
from gatekeeper.facts.readers import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSIONS: Final = frozenset({"2012-10-17", "2008-10-17"})


def recognise(value: Any) -> bool:
    """Whether this is a policy."""
    policy, _ = _policy(value)
    version = policy.get("Version", "2008-10-17")
    return "Statement" in policy and isinstance(version, str) and version in _VERSIONS


def read(value: Any) -> Reading:
    """Read a policy."""
    policy, place = _policy(value)
    name = fields.optional_text(value, "PolicyName", "") or fields.optional_text(policy, "Id", place) or "policy"
    statements = list(_statements(policy, place))
    grants = [
        grant for index, (item, here) in enumerate(statements) for grant in _grants(item, here, f"{name}/{index}")
    ]
    facts = {"format": "aws-iam", "grants": grants, "grant_count": len(grants), "complete": bool(statements)}
    return Reading(kind="privileges", format="aws-iam", facts=facts, producer="aws iam", media_type="application/json")


def _policy(value: Any) -> tuple[dict[str, Any], str]:
    """The policy in the report, with its place; an empty one where there is none."""
    held = value if isinstance(value, dict) else {}
    version = held.get("PolicyVersion")
    if isinstance(version, dict) and isinstance(version.get("Document"), dict):
        return version["Document"], "/PolicyVersion/Document"
    if isinstance(held.get("PolicyDocument"), dict):
        return held["PolicyDocument"], "/PolicyDocument"
    return held, ""


def _statements(policy: dict[str, Any], place: str) -> Iterator[tuple[dict[str, Any], str]]:
    here = f"{place}/Statement"
    if isinstance(policy["Statement"], dict):  # one statement needs no list
        yield policy["Statement"], here
    else:
        yield from fields.each(policy["Statement"], here)


def _grants(statement: dict[str, Any], place: str, number: str) -> Iterator[dict[str, Any]]:
    effect = fields.text(statement, "Effect", place)
    if effect not in {"Allow", "Deny"}:
        raise MalformedError(f"the effect {effect!r} is not known", where=f"{place}/Effect", code="iam.effect")
    if effect == "Allow":
        for principal in _principals(statement, place):
            yield {
                "subject": principal,
                "role": fields.optional_text(statement, "Sid", place) or number,
                "verbs": [action.lower() for action in _named(statement, "Action", place)],
                "resources": _named(statement, "Resource", place) if "Principal" not in statement else _own(statement),
                "scope": "account",
                "locator": place,
            }


def _named(statement: dict[str, Any], key: str, place: str) -> list[str]:
    """What a statement names; ``*`` for all but what it names.

    Raises:
        MalformedError: It names neither.
    """
    if f"Not{key}" in statement:
        return ["*"]
    return _texts(statement, key, place)


def _own(statement: dict[str, Any]) -> list[str]:
    """A trust policy names no resource: it is about the role that has it."""
    return _texts(statement, "Resource", "") if "Resource" in statement else ["self"]


def _texts(owner: dict[str, Any], key: str, place: str) -> list[str]:
    if isinstance(owner.get(key), str):
        return [fields.text(owner, key, place)]
    found = fields.optional_texts(owner, key, place)
    if not found:
        raise fields.missing(key, place)
    return found


def _principals(statement: dict[str, Any], place: str) -> Iterator[str]:
    if "NotPrincipal" in statement:
        yield "*"
        return
    named = statement.get("Principal")
    if named is None:
        yield "attached"
    elif isinstance(named, str):
        yield fields.text(statement, "Principal", place)
    else:
        held = fields.mapping(statement, "Principal", place)
        for kind in held:
            for name in _texts(held, kind, f"{place}/Principal"):
                yield f"{kind} {name}"


COLLECTOR: Final = JsonFormat(format="aws-iam", kind="privileges", recognise=recognise, reader=read)
