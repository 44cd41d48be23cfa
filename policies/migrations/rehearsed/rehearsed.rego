# METADATA
# title: The way back from every migration was tried not long ago
# description: A script that undoes a migration and was never run is a guess, and one that ran last year met another schema.
# custom:
#   severity: medium
#   needs:
#     migration: [migrations.name, migrations.way_back, migrations.tested_at, migrations.locator]
#   parameters:
#     longest: {type: string, default: 30d, tighten: down, description: How long ago it may have been tried.}
#   ages: {migration.migrations.tested_at: longest}
#   remedy: Migrate a copy of the data forth and back, and state when that was done.
#   controls: [ISO27001-A.8.32, SOC2-A1.3]
package gatekeeper.migrations.rehearsed

import rego.v2

deny contains violation if {
	some report in input.migration
	some migration in report.migrations
	migration.way_back == "none"
	violation := {
		"message": $"{migration.name} was tried at {migration.tested_at}, and there is no way back to try",
		"term": migration.name,
		"source": report.source,
		"locator": migration.locator,
	}
}
