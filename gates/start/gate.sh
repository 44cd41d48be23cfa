#!/bin/sh
# Decides whether a build may go on: sh gate.sh [MORE OPTIONS OF gatekeeper decide]. Written by `gatekeeper init`.
# Exit code: 0 allow, 1 deny, 2 wrong use, 3 no decision. Do not pipe it: `sh gate.sh | tee log` would lose the code.
set -eu
exec gatekeeper decide "${SUBJECT:-@subject@}" --stage build \
	--evidence @evidence@ \
	"$@"
