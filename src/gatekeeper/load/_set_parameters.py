"""Parameters as a stage sets them, checked against what each rule says of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatekeeper.errors import ConfigError, GatekeeperError
from gatekeeper.facts import compile_schema, validate
from gatekeeper.load.table import suggestion

if TYPE_CHECKING:
    from gatekeeper.load.table import Table
    from gatekeeper.policy import Parameter, Rule


def set_parameters(entry: Table, rules: tuple[Rule, ...]) -> dict[str, dict[str, Any]]:
    """The parameters of each rule by name, defaults filled in.

    Args:
        entry: The table ``parameters`` of a stage.
        rules: The rules that the stage asks.

    Raises:
        ConfigError: A rule or parameter that is not there, one that is needed and not set, or a value that does not
            fit the rule's own schema.
    """
    by_id = {rule.id: rule for rule in rules}
    set_here: dict[str, Table] = {}
    for pack, pack_table in entry.named():
        for rule, rule_table in pack_table.named():
            rule_id = f"{pack}.{rule}"
            if rule_id not in by_id:
                raise rule_table.error(f"{rule_id} is no rule of this stage", hint=suggestion(rule_id, by_id))
            set_here[rule_id] = rule_table
    return {rule.id: _rule_parameters(rule, set_here.get(rule.id), entry) for rule in rules}


def _rule_parameters(rule: Rule, table: Table | None, stage: Table) -> dict[str, Any]:
    given = table.take_all() if table else {}
    for name in given:
        if table and name not in rule.parameters:
            raise table.error(f"{rule.id} has no parameter {name!r}", name, hint=suggestion(name, rule.parameters))
    values = {}
    for name, parameter in rule.parameters.items():
        if name not in given and not parameter.has_default:
            raise stage.error(f"{rule.id} needs the parameter {name}", hint=f"parameters.{rule.id}.{name} = ...")
        value = given.get(name, parameter.default)
        values[name] = value
        if table and name in given:
            _check_value(name, value, parameter, table)
    return values


def _check_value(name: str, value: Any, parameter: Parameter, table: Table) -> None:
    try:
        validate(compile_schema(dict(parameter.schema)), value, where=name)
    except GatekeeperError as cause:
        raise ConfigError(
            f"{cause.where}: {cause.message}", where=table.where(name), hint=cause.hint, code="config.parameter"
        ) from cause
