"""``approvals`` of a stage: single asks, and ``any`` and ``all`` of some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gatekeeper.algebra import AUTHOR, DEPLOYER, MAX_DEPTH, ApprovalAsk, problem_of
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.load.table import Table

_EXCLUDED: Final = (AUTHOR, DEPLOYER)


def read_approvals(entry: Table, roles: frozenset[str] | None) -> tuple[ApprovalAsk, ...]:
    """Read what a stage asks of people.

    Args:
        entry: The stage.
        roles: The roles that somebody has; None where the trust is not known yet.

    Raises:
        ConfigError: An ask is none, names a role that nobody has, or all of them together are too much to be tried.
    """
    asks = tuple(_ask(table, roles, depth=0) for table in entry.tables("approvals"))
    problem = problem_of(asks)
    if problem:
        raise entry.error(problem, "approvals", hint="write fewer branches", code="config.approvals")
    return asks


def _ask(entry: Table, roles: frozenset[str] | None, *, depth: int) -> ApprovalAsk:
    if depth > MAX_DEPTH:
        raise entry.error(f"any and all are more than {MAX_DEPTH} deep", code="config.approvals")
    forms = [name for name in ("role", "any", "all") if entry.has(name)]
    if len(forms) != 1:
        said = " and ".join(forms) or "none of them"
        raise entry.error(f"an approval has role, any or all; here is {said}", hint='{ role = "release-manager" }')
    exclude = entry.texts("not", ())
    veto = entry.texts("veto", ()) if depth == 0 else ()
    _check_excluded(exclude, entry)
    ask = (
        _single(entry, exclude, veto) if forms == ["role"] else _branches(entry, forms[0], exclude, veto, roles, depth)
    )
    entry.finish("role", "count", "any", "all", "not", "veto")
    _check_roles({"role": [ask.role] if ask.role else [], "veto": ask.veto}, entry, roles)
    return ask


def _single(entry: Table, exclude: tuple[str, ...], veto: tuple[str, ...]) -> ApprovalAsk:
    return ApprovalAsk(role=entry.text("role"), count=entry.integer("count", 1), exclude=exclude, veto=veto)


def _branches(
    entry: Table, form: str, exclude: tuple[str, ...], veto: tuple[str, ...], roles: frozenset[str] | None, depth: int
) -> ApprovalAsk:
    asks = tuple(_ask(table, roles, depth=depth + 1) for table in entry.tables(form))
    if not asks:
        raise entry.error(f"{form} of nothing", form, hint="name what has to approve")
    if form == "any":
        return ApprovalAsk(any=asks, exclude=exclude, veto=veto)
    return ApprovalAsk(all=asks, exclude=exclude, veto=veto)


def _check_excluded(excluded: tuple[str, ...], entry: Table) -> None:
    for name in excluded:
        if name not in _EXCLUDED:
            raise entry.error(f"not = [{name!r}] is not known", "not", hint=f"known here: {', '.join(_EXCLUDED)}")


def _check_roles(named: dict[str, Iterable[str]], entry: Table, roles: frozenset[str] | None) -> None:
    for key, asked in named.items():
        for role in asked:
            if roles is not None and role not in roles:
                raise entry.error(f"nobody in trust.toml has the role {role!r}", key, hint=suggestion(role, roles))
