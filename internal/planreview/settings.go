package planreview

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Formats are the output formats by name, as -format and configuration files use them.
var Formats = map[string]func(io.Writer, *Review) error{"html": HTML, "json": JSON, "junit": JUnit,
	"markdown": Markdown}

// ParseFormat splits a requested format: NAME, or NAME=FILE.
func ParseFormat(text string) (name, file string, err error) {
	name, file, _ = strings.Cut(text, "=")
	if Formats[name] == nil {
		return "", "", fmt.Errorf("there is no format %q; there are %s", name,
			strings.Join(slices.Sorted(maps.Keys(Formats)), ", "))
	}
	return name, file, nil
}

// Settings are the contents of a configuration file.
type Settings struct {
	// Formats are as in the flag -format: NAME or NAME=FILE.
	Formats []string
	Gate    Gate
}

// settingsFile is the YAML of the file.
type settingsFile struct {
	Format entries         `yaml:"format"`
	Deny   entries         `yaml:"deny"`
	Allow  []allowanceFile `yaml:"allow"`
}

type allowanceFile struct {
	Address   entry   `yaml:"address"`
	Kinds     entries `yaml:"kinds"`
	ToRegions entries `yaml:"to_regions"`
	Reason    entry   `yaml:"reason"`
	Expires   entry   `yaml:"expires"`
}

// entry is a text in the file and its line.
type entry struct {
	text string
	line int
}

// UnmarshalYAML reads a scalar of any type as text, so that dates need no quotes.
func (e *entry) UnmarshalYAML(node *yaml.Node) error {
	e.line = node.Line
	return node.Decode(&e.text)
}

// wrong adds the line to an error.
func (e entry) wrong(format string, arguments ...any) error {
	return fmt.Errorf("line %d: %w", e.line, fmt.Errorf(format, arguments...))
}

// entries is a list of texts, or a single one.
type entries []entry

// UnmarshalYAML reads a list, or a single text.
func (e *entries) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*e = make(entries, 1)
		return (*e)[0].UnmarshalYAML(node)
	}
	return node.Decode((*[]entry)(e))
}

func (e entries) texts() []string {
	var texts []string
	for _, one := range e {
		texts = append(texts, one.text)
	}
	return texts
}

// ParseSettings reads a configuration file. Errors name the line. Unknown words are errors, so that a misspelled
// one never opens the gate.
func ParseSettings(content []byte) (Settings, error) {
	var file settingsFile
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return Settings{}, errors.New(strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ",
			""))
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return Settings{}, errors.New("there is more than one document in it")
	}
	s := Settings{Formats: file.Format.texts()}
	for _, format := range file.Format {
		if _, _, err := ParseFormat(format.text); err != nil {
			return Settings{}, format.wrong("format: %w", err)
		}
	}
	for _, list := range file.Deny {
		if err := s.Gate.ParseDeny(list.text); err != nil {
			return Settings{}, list.wrong("deny: %w", err)
		}
	}
	for i, a := range file.Allow {
		allowance, err := a.allowance(i + 1)
		if err != nil {
			return Settings{}, err
		}
		s.Gate.Allow = append(s.Gate.Allow, allowance)
	}
	return s, nil
}

// allowance converts the nth exception of the file.
func (f allowanceFile) allowance(n int) (Allowance, error) {
	a := Allowance{Address: f.Address.text, ToRegions: f.ToRegions.texts(), Reason: f.Reason.text}
	missing := ""
	switch {
	case a.Address == "":
		missing = "address is missing: the environment's address, in which * stands for any characters"
	case len(f.Kinds) == 0:
		missing = "kinds is missing: what is allowed, for example [offline, ip-change]"
	case a.Reason == "":
		missing = "reason is missing: it stands in the review"
	}
	if missing != "" {
		for _, there := range append(entries{f.Address, f.Reason}, f.Kinds...) {
			if there.line > 0 {
				return a, there.wrong("allow, entry %d: %s", n, missing)
			}
		}
		return a, fmt.Errorf("allow, entry %d: %s", n, missing)
	}
	for _, kind := range f.Kinds {
		var g Gate
		switch name, _, limited := strings.Cut(kind.text, "="); Kind(name) {
		case KindMissingPermission, KindErrored, KindIncomplete, KindNotUnderstood:
			return a, kind.wrong("allow, entry %d: %s cannot be allowed", n, kind.text)
		case KindCostIncrease:
			if limited {
				return a, kind.wrong("allow, entry %d: write %s without a number: how much is too much stands in deny", n, name)
			}
		default:
			if err := g.ParseDeny(kind.text); err != nil {
				return a, kind.wrong("allow, entry %d: %w", n, err)
			}
		}
		a.Kinds = append(a.Kinds, Kind(kind.text))
	}
	if f.Expires.text != "" {
		day, err := time.Parse(time.DateOnly, f.Expires.text)
		if err != nil {
			return a, f.Expires.wrong("allow, entry %d: expires is %q, not a day such as 2026-12-31", n, f.Expires.text)
		}
		a.Expires = day
	}
	return a, nil
}
