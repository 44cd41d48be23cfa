# Package URLs in canonical form (package-url/purl-spec), compared as VEX needs it.
package gatekeeper.vulnerabilities.lib

import rego.v2

# The stated URL is of exactly this package: the same version, and every qualifier it has.
covers(stated, found) if {
	count(split(base(stated), "@")) == 2
	base(stated) == base(found)
	subpath(stated) == subpath(found)
	count(qualifiers(stated) - qualifiers(found)) == 0
}

# The stated URL may be of this package: the same name, and no other version.
concerns(stated, found) if {
	stated != ""
	split(base(stated), "@")[0] == split(base(found), "@")[0]
	versions := {array.slice(split(base(stated), "@"), 1, 2), array.slice(split(base(found), "@"), 1, 2)}
	count(versions - {[]}) < 2
}

base(url) := split(split(url, "#")[0], "?")[0]

subpath(url) := array.slice(split(url, "#"), 1, 2)

qualifiers(url) := {pair |
	some text in array.slice(split(split(url, "#")[0], "?"), 1, 2)
	some pair in split(text, "&")
}
