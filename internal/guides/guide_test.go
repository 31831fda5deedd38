// Package guides holds tests alone: the guides of the documentation, executed as they stand.
//
// A guide is Markdown. What a test makes of its code blocks is said by an HTML comment on the line before a block,
// which readers do not see:
//
//	<!-- file: main.tf -->             the block is written to that file, in place of what it held
//	<!-- run: exit 1 -->               the block is a command of which that exit code is expected; without a comment, 0
//	<!-- run: in another terminal -->
//	                                   the block is a command that goes on until the next one of this kind
//	                                   starts, or the guide ends
//	<!-- run: beside the next command -->
//	                                   the same, for one that waits for what the next command does
//	<!-- output: in the other terminal -->
//	                                   the block is what the program in the other terminal prints
//	<!-- not run: reason -->           the block is not executed, and why
//	<!-- output: complete -->          the block is all that the command before it prints, and not a part of that
//
// Blocks of the language "sh" are commands, all others only text. A block of the language "text" after a command is
// what that prints: each of its lines has to appear, in this order; a line "..." stands for what is left out. Commands
// and files find the folder and the exported variables that the commands before them have left, as in the reader's
// shell.
//
// Lines on their own say what the command line program has to be for what follows, up to the next one of them:
//
//	<!-- needs: Terraform 1.14 -->
//	<!-- needs: nothing -->
//
// Nothing is done behind the reader's back. Commands with the reader's own values are shown, and the test has others:
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

// step is a block of a guide that is executed, or compared with what was.
type step struct {
	kind kind
	line int
	text string
	// name is that of a file.
	name string
	// exit is the code that a command has to end with.
	exit int
	// needsActions says that the step is left out where the command line program has no actions.
	needsActions bool
	// early says that the program aside prints nothing before the next command.
	early bool
	// aside says that a command goes on in another terminal, or that an output appears there.
	aside bool
	// complete says that the output is all that is printed.
	complete bool
}

// guide is what a test makes of a page.
type guide struct {
	steps []step
	// skipped are the commands that are not run, with the reason.
	skipped []string
	// ran says that the last command was one to run, so that its output can be compared.
	ran bool
	// needsActions is what the steps to come need.
	needsActions bool
}

var needs = regexp.MustCompile(`^<!-- needs: (Terraform 1\.14|nothing) -->$`)

var directive = regexp.MustCompile(`^<!-- (file|run|not run|instead|output)(?:: (.*?))?(?: -->)?$`)

// parse reads a guide. A comment that no block follows and a block that does not end are errors, so that a slip of the
// pen does not leave a command untested.
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

// addOutput adds what a command prints, if that was run.
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

// missing is the first line of the expected output that is not in what was printed, in this order. Terraform breaks and
// frames its lines by the width of the terminal, so what separates words does not count.
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
