// Package guides has only tests, which execute the guides of the documentation as they are.
//
// A guide is Markdown. An HTML comment on the line before a code block, which readers do not see, says what the test
// does with the block:
//
//	<!-- file: main.tf -->             writes the block to that file and replaces its content
//	<!-- run: exit 1 -->               runs the block as a command and expects that exit code; 0 without a comment
//	<!-- run: in another terminal -->
//	                                   runs the block as a command until the next one of this kind starts, or the
//	                                   guide ends
//	<!-- run: beside the next command -->
//	                                   the same, for a command that waits for an effect of the next command
//	<!-- output: in the other terminal -->
//	                                   the block is output of the program in the other terminal
//	<!-- not run: reason -->           the block is not executed, for that reason
//	<!-- output: complete -->          the block is the whole output of the command before it, not only a part
//
// Blocks of the language "sh" are commands; all others are only text. A block of the language "text" after a command is
// the command's output: each of its lines must appear, in this order; a line "..." stands for omitted lines. Commands
// and files have the folder and the exported variables of the commands before them, as in the reader's shell.
//
// A comment on its own line says which command line program the following steps need, up to the next such line:
//
//	<!-- needs: Terraform 1.14 -->
//	<!-- needs: nothing -->
//
// The test does nothing that readers do not see. If they see commands with their own values, the test runs others:
//
//	<!-- instead: reason
//	commands
//	-->
package guides

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type kind int

const (
	file kind = iota
	command
	output
)

// step is a block of a guide that is executed, or that is compared with output.
type step struct {
	kind kind
	line int
	text string
	// name is the file's name.
	name string
	// exit is the expected exit code of a command.
	exit int
	// needsActions reports whether the step is skipped if the command line program has no actions.
	needsActions bool
	// early reports whether the program in the other terminal prints nothing before the next command.
	early bool
	// aside reports whether a command runs in another terminal, or an output appears there.
	aside bool
	// complete reports whether this is the whole output.
	complete bool
}

// guide is a parsed page.
type guide struct {
	steps []step
	// skipped has the commands that are not run, with the reason.
	skipped []string
	// ran reports whether the last command is run, so that its output can be compared.
	ran bool
	// needsActions is the requirement of the following steps.
	needsActions bool
}

var needs = regexp.MustCompile(`^<!-- needs: (Terraform 1\.14|nothing) -->$`)

var directive = regexp.MustCompile(`^<!-- (file|run|not run|instead|output)(?:: (.*?))?(?: -->)?$`)

// parse parses a guide. A comment without a block and a block without an end are errors, so that no command stays
// untested by mistake.
func parse(page string) (guide, error) {
	var g guide
	var pending []string // the directive before a block
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " ")
		fence := strings.TrimLeft(line, " ")
		found := directive.FindStringSubmatch(line)
		switch condition := needs.FindStringSubmatch(line); {
		case condition != nil && pending == nil:
			g.needsActions = condition[1] != "nothing"
		case found != nil && (found[2] == "" || pending != nil):
			return g, fmt.Errorf("line %d: %q", i+1, line)
		case found != nil:
			pending = found[1:]
			if found[1] == "instead" {
				start := i + 1
				for i++; i < len(lines) && lines[i] != "-->"; i++ {
				}
				if i == len(lines) {
					return g, fmt.Errorf("line %d: the comment does not end", start)
				}
				pending = append(pending, strings.Join(lines[start:i], "\n"))
			}
		case strings.HasPrefix(fence, "```"):
			start, indent := i+1, len(line)-len(fence)
			var block []string
			for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
				block = append(block, strings.TrimPrefix(lines[i], strings.Repeat(" ", indent)))
			}
			if i == len(lines) {
				return g, fmt.Errorf("line %d: the block does not end", start)
			}
			if err := g.add(start, strings.TrimPrefix(fence, "```"), strings.Join(block, "\n"), pending); err != nil {
				return g, err
			}
			pending = nil
		case line != "" && pending != nil:
			return g, fmt.Errorf("line %d: no block follows the comment", i)
		}
	}
	return g, nil
}

func (g *guide) add(line int, language, text string, directive []string) error {
	s := step{kind: command, line: line, text: text, needsActions: g.needsActions}
	switch language {
	case "sh":
	case "text":
		return g.addOutput(s, directive)
	case "shell", "bash", "console":
		return fmt.Errorf("line %d: commands are marked with sh, not %s", line, language)
	default:
		if directive == nil || directive[0] == "not run" {
			return nil
		}
	}
	if directive != nil {
		switch directive[0] {
		case "not run":
			g.skipped = append(g.skipped, fmt.Sprintf("line %d: %s", line, directive[1]))
			g.ran = g.ran && language != "sh"
			return nil
		case "file":
			s.kind, s.name = file, directive[1]
		case "instead":
			s.text = directive[2]
		case "run":
			s.early = directive[1] == "beside the next command"
			if s.aside = s.early || directive[1] == "in another terminal"; s.aside {
				break
			}
			code, err := strconv.Atoi(strings.TrimPrefix(directive[1], "exit "))
			if err != nil {
				return fmt.Errorf("line %d: an exit code is expected, not %q", line, directive[1])
			}
			s.exit = code
		}
	}
	if n := len(g.steps); n > 0 && g.steps[n-1].aside && g.steps[n-1].kind == command && !g.steps[n-1].early {
		return fmt.Errorf("line %d: nothing shows when the program before it is ready", line)
	}
	if s.kind == command && (language != "sh" || directive != nil && directive[0] == "output") {
		return fmt.Errorf("line %d: %q is not run", line, language)
	}
	g.steps = append(g.steps, s)
	g.ran = g.ran || s.kind == command
	return nil
}

// addOutput adds the output of a command, if the command is run.
func (g *guide) addOutput(s step, directive []string) error {
	if directive != nil && directive[0] == "output" && directive[1] == "in the other terminal" {
		if !slices.ContainsFunc(g.steps, func(s step) bool { return s.aside }) {
			return fmt.Errorf("line %d: no program goes on in the other terminal", s.line)
		}
		s.kind, s.aside = output, true
		g.steps = append(g.steps, s)
		return nil
	}
	complete := directive != nil && directive[0] == "output"
	if complete && (directive[1] != "complete" || !g.ran) {
		return fmt.Errorf("line %d: no command was run that prints this, or it is not said to be complete", s.line)
	}
	if (directive == nil || complete) && g.ran {
		s.kind, s.complete = output, complete
		s.aside = len(g.steps) > 0 && g.steps[len(g.steps)-1].aside && !g.steps[len(g.steps)-1].early
		g.steps = append(g.steps, s)
	}
	return nil
}

// missing returns the first line of the expected output that the printed text does not have, in this order. Terraform
// wraps and frames lines by the width of the terminal, so the text between words is ignored.
func missing(expected, printed string) (string, bool) {
	rest := words(printed)
	for line := range strings.Lines(expected) {
		line = strings.TrimSpace(words(line))
		if line == "" || line == "..." {
			continue
		}
		_, after, found := strings.Cut(rest, line)
		if !found {
			return line, true
		}
		rest = after
	}
	return "", false
}

var separation = regexp.MustCompile(`[\s│╷╵]+`)

func words(text string) string { return separation.ReplaceAllString(text, " ") }
