package planreview

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Settings are what a configuration file says.
type Settings struct {
	// Formats are as in the flag -format: NAME or NAME=FILE.
	Formats []string
	Gate    Gate
}

// settingsFile is the form of the file.
type settingsFile struct {
	Format texts `yaml:"format"`
	Deny   texts `yaml:"deny"`
	Allow  []struct {
		Address   string `yaml:"address"`
		Kinds     texts  `yaml:"kinds"`
		ToRegions texts  `yaml:"to_regions"`
		Reason    string `yaml:"reason"`
		Expires   string `yaml:"expires"`
	} `yaml:"allow"`
}

// texts is a list of texts, or a single one.
type texts []string

func (t *texts) UnmarshalYAML(node *yaml.Node) error {
	var one string
	if node.Kind == yaml.ScalarNode {
		if err := node.Decode(&one); err != nil {
			return err
		}
		*t = texts{one}
		return nil
	}
	return node.Decode((*[]string)(t))
}

// ParseSettings reads a configuration file. Errors name the line; what is not known is an error, so that a misspelled
// word never opens the gate.
func ParseSettings(content []byte) (Settings, error) {
	var file settingsFile
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return Settings{}, errors.New(strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ", ""))
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return Settings{}, errors.New("there is more than one document in it")
	}
	s := Settings{Formats: file.Format}
	for _, list := range file.Deny {
		if err := s.Gate.ParseDeny(list); err != nil {
			return Settings{}, fmt.Errorf("deny: %w", err)
		}
	}
	for i, a := range file.Allow {
		allowance, err := allowanceOf(a.Address, a.Kinds, a.Reason, a.Expires)
		if err != nil {
			return Settings{}, fmt.Errorf("allow, entry %d: %w", i+1, err)
		}
		allowance.ToRegions = a.ToRegions
		s.Gate.Allow = append(s.Gate.Allow, allowance)
	}
	return s, nil
}

func allowanceOf(address string, kinds []string, reason, expires string) (Allowance, error) {
	a := Allowance{Address: address, Reason: reason}
	switch {
	case address == "":
		return a, errors.New("address is missing: the environment's address, in which * stands for any characters")
	case len(kinds) == 0:
		return a, errors.New("kinds is missing: what is allowed, for example [offline, ip-change]")
	case reason == "":
		return a, errors.New("reason is missing: it stands in the review")
	}
	for _, kind := range kinds {
		var g Gate
		switch Kind(kind) {
		case KindMissingPermission, KindErrored, KindIncomplete:
			return a, fmt.Errorf("%s cannot be allowed", kind)
		case KindCostIncrease:
		default:
			if err := g.ParseDeny(kind); err != nil {
				return a, err
			}
		}
		a.Kinds = append(a.Kinds, Kind(kind))
	}
	if expires != "" {
		day, err := time.Parse(time.DateOnly, expires)
		if err != nil {
			return a, fmt.Errorf("expires is %q, not a day such as 2026-12-31", expires)
		}
		a.Expires = day
	}
	return a, nil
}
