# Turns what "opa exec" says of recorded plans into the lines of recorded-plans.txt: one for each row, or, where the
# programs that made the plans differ, one for each plan.
package recorded

text := concat("\n", sort([line | some line in lines]))

# said has what is said of a row, by the program.
said[row][program] := rules_of(result) if {
	some result in input.result
	path := split(trim_suffix(result.path, ".json"), "/")
	row := path[count(path) - 1]
	program := path[count(path) - 2]
}

lines contains sprintf("%s: %s", [row, rules]) if {
	some row, of_programs in said
	alike := {rules | some rules in of_programs}
	count(alike) == 1
	some rules in alike
}

lines contains sprintf("%s (%s): %s", [row, program, rules]) if {
	some row, of_programs in said
	count({rules | some rules in of_programs}) > 1
	some program, rules in of_programs
}

rules_of(result) := "no decision" if not result.result

rules_of(result) := "nothing" if {
	result.result.allow
	count(result.result.warn) == 0
}

rules_of(result) := concat("; ", parts) if {
	parts := [part |
		some level in ["deny", "warn"]
		rules := {finding.rule | some finding in result.result[level]}
		count(rules) > 0
		part := concat(" ", array.concat([level], sort(rules)))
	]
	count(parts) > 0
}
