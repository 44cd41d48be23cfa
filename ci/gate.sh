#!/bin/sh
# Decides in any CI that has a POSIX shell: SUBJECT=dist/app.whl STAGE=build sh ci/gate.sh EVIDENCE...
# Exit code: 0 allow, 1 deny, 2 wrong use, 3 no decision could be reached.
#
#   SUBJECT    what is judged           KEY       private key file that signs the record (unsigned without)
#   STAGE      the stage it is to enter RECORDS   folder for the record (default: records)
#   GATE       default: gate.toml       LOG       where to keep what was printed (default: gate.log)
set -eu

if [ "$#" -eq 0 ]; then
	echo 'gate.sh: name the evidence: files, folders, SLOT=FILE' >&2
	exit 2
fi

log=${LOG:-gate.log}
code=0
# In `decide | tee log` the exit code would be that of tee, and a deny would pass. So: no pipe.
gatekeeper decide --stage "${STAGE:?}" --gate "${GATE:-gate.toml}" --record "${RECORDS:-records}" \
	${KEY:+--key "$KEY"} --evidence "$@" -- "${SUBJECT:?}" >"$log" || code=$?
cat "$log"
exit "$code"
