# Turns what "opa exec" says of recorded plans into the lines of recorded-plans.txt. A row on which two command line
# programs differ gets two lines.
package recorded

text := concat("\n", sort([line | some line in lines]))

lines contains sprintf("%s: %s", [name, said(result)]) if {
	some result in input.result
	name := trim_suffix(regex.replace(result.path, `^.*/`, ""), ".json")
}

said(result) := "no decision" if not result.result

said(result) := "nothing" if {
	result.result.allow
	count(result.result.warn) == 0
}

said(result) := concat("; ", parts) if {
	parts := [part |
		some level in ["deny", "warn"]
		rules := {finding.rule | some finding in result.result[level]}
		count(rules) > 0
		part := concat(" ", array.concat([level], sort(rules)))
	]
	count(parts) > 0
}
