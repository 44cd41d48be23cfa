# SPDX licence expressions (SPDX 2.3, annex D) against a list of what is allowed.
#
# Rego has no recursion, so parentheses are taken away from the inside, four layers deep: each innermost group is
# judged and stands for its verdict. What is left with parentheses, or was no expression, is not allowed.
# Identifiers are compared as SPDX writes them. `A WITH E` and `A+` are allowed only where they are listed so:
# nobody is spared reading an exception.
package gatekeeper.sbom.lib

import rego.v2

# The verdicts contain what no expression may contain.
yes := "=yes="

no := "=no="

allows(statement, allowed) if statement in allowed

allows(statement, allowed) if {
	regex.match(`^[A-Za-z0-9.+:() -]+$`, statement)
	first := without_groups(statement, allowed)
	second := without_groups(first, allowed)
	third := without_groups(second, allowed)
	fourth := without_groups(third, allowed)
	flat(fourth, allowed)
}

# The expression with each innermost group replaced by its verdict.
without_groups(expression, allowed) := strings.replace_n(
	{group: verdict(trim(group, "()"), allowed) | some group in regex.find_n(`\([^()]*\)`, expression, -1)},
	expression,
)

verdict(expression, allowed) := yes if {
	flat(expression, allowed)
} else := no

# An expression without parentheses: AND binds more strongly than OR.
flat(expression, allowed) if {
	some alternative in split(expression, " OR ")
	every part in split(alternative, " AND ") {
		known(trim_space(part), allowed)
	}
}

known(part, _) if part == yes

known(part, allowed) if part in allowed
