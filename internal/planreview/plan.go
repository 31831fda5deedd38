package planreview

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// sizeLimit is how much is read at most, in bytes. Plans of ten thousand environments are smaller.
const sizeLimit = 1 << 30

// Plan is what a review needs of a plan's JSON. tfjson.Plan lacks the mark of a failed plan, and decoding all of it
// takes twice as long.
type Plan struct {
	FormatVersion    string                           `json:"format_version"`
	TerraformVersion string                           `json:"terraform_version"`
	Variables        map[string]*tfjson.PlanVariable  `json:"variables"`
	Drift            []*tfjson.ResourceChange         `json:"resource_drift"`
	Changes          []*tfjson.ResourceChange         `json:"resource_changes"`
	Deferred         []*tfjson.DeferredResourceChange `json:"deferred_changes"`
	Outputs          map[string]*tfjson.Change        `json:"output_changes"`
	PriorState       *priorState                      `json:"prior_state"`
	Config           *tfjson.Config                   `json:"configuration"`
	// Errored says that planning failed: what failed is missing.
	Errored bool `json:"errored"`
	// Complete is false if something was left out, by -target for example, and nil if the program does not tell.
	Complete *bool `json:"complete"`
}

// priorState is the state before the plan.
type priorState struct {
	Values *tfjson.StateValues `json:"values"`
}

// notAPlan is the error of input that is something else.
func notAPlan(format string, arguments ...any) error {
	return errors.New(fmt.Sprintf(format, arguments...) + " Make the JSON of a plan with: terraform plan -out=plan.out; terraform show -json plan.out")
}

// Read reads the JSON of a plan. Its errors say in a sentence what the input is instead, and what to run.
func Read(r io.Reader) (*Plan, error) { return read(r, sizeLimit) }

func read(r io.Reader, limit int64) (*Plan, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("the input cannot be read: %w", err)
	}
	if int64(len(content)) > limit {
		return nil, notAPlan("The input is larger than %d MiB, which no plan is.", limit>>20)
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")) // the mark by which some programs begin UTF-8
	if err := foreign(content); err != nil {
		return nil, err
	}
	var document struct {
		Plan
		probe
	}
	if err := json.Unmarshal(content, &document); err != nil {
		return nil, undecodable(content, err)
	}
	if err := document.check(document.FormatVersion); err != nil {
		return nil, err
	}
	return &document.Plan, nil
}

// foreign recognises by its beginning what is not even a JSON object.
func foreign(content []byte) error {
	text := bytes.TrimSpace(content)
	switch {
	case len(text) == 0:
		return notAPlan("The input is empty.")
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return notAPlan("The input is the saved plan itself, a binary file, not its JSON.")
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return notAPlan("The input is encoded in UTF-16, as PowerShell's > writes it; use a pipe, or Out-File -Encoding utf8.")
	case text[0] == '[':
		return notAPlan("The input is a JSON array, not the JSON of a plan.")
	case text[0] != '{':
		return notAPlan("The input is not JSON.")
	}
	return nil
}

// undecodable says why JSON could not be decoded as a plan.
func undecodable(content []byte, err error) error {
	var syntax *json.SyntaxError
	var message struct {
		Level string `json:"@level"`
	}
	first := json.NewDecoder(bytes.NewReader(content)).Decode(&message)
	switch {
	case first == nil && message.Level != "":
		return notAPlan("The input are the messages of plan -json, not the JSON of a plan.")
	case first == nil && errors.As(err, &syntax):
		return notAPlan("The input goes on after the end of a JSON object: more than one plan, or something else, was written into it.")
	case errors.Is(first, io.ErrUnexpectedEOF):
		return notAPlan("The input is truncated: it ends in the middle of the JSON.")
	case errors.As(first, &syntax):
		return notAPlan("The input is not JSON: %v, at byte %d.", syntax, syntax.Offset)
	}
	var version struct {
		FormatVersion string `json:"format_version"`
	}
	if json.Unmarshal(content, &version) == nil && version.FormatVersion != "" && !supported(version.FormatVersion) {
		return unsupported(version.FormatVersion)
	}
	return notAPlan("The input is JSON, but not that of a plan: %v.", err)
}

// probe are parts of JSON by which one tells what it is.
type probe struct {
	PlannedValues json.RawMessage `json:"planned_values"` // only a plan has them, and each does
	Values        json.RawMessage `json:"values"`
	Lineage       json.RawMessage `json:"lineage"`
	Schemas       json.RawMessage `json:"provider_schemas"`
	Diagnostics   json.RawMessage `json:"diagnostics"`
	Level         json.RawMessage `json:"@level"`
	Headline      json.RawMessage `json:"headline"`
}

// check says what the JSON is if it is not that of a plan of a supported version.
func (p probe) check(formatVersion string) error {
	switch {
	case p.Lineage != nil:
		return notAPlan("The input is a state file, not a plan.")
	case p.Level != nil:
		return notAPlan("The input are messages of plan -json, not the JSON of a plan.")
	case p.Schemas != nil:
		return notAPlan("The input are the schemas of providers, not a plan.")
	case p.Headline != nil:
		return notAPlan("The input is a review, not a plan.")
	case p.Diagnostics != nil:
		return notAPlan("The input is the result of validate -json, not a plan.")
	case formatVersion == "":
		return notAPlan("The input is JSON, but not that of a plan: it has no format_version.")
	case !supported(formatVersion):
		return unsupported(formatVersion)
	case p.PlannedValues == nil && p.Values != nil:
		return notAPlan("The input is the JSON of a state, not of a plan: show -json needs the name of the saved plan.")
	case p.PlannedValues == nil:
		return notAPlan("The input is the JSON of an empty state, not of a plan: show -json needs the name of the saved plan.")
	}
	return nil
}

// supported says whether a version of the plan format can be understood. Minor versions only add to the format.
func supported(formatVersion string) bool { return strings.HasPrefix(formatVersion, "1.") }

func unsupported(formatVersion string) error {
	return fmt.Errorf("The plan has format version %q, and only 1.x is understood: use a newer planreview, or Terraform or OpenTofu of the versions that the provider supports.", formatVersion) //nolint:staticcheck,revive // a sentence for the user
}

// stateResources are the resources and data sources of the state before the plan, of all modules.
func (p *Plan) stateResources() []*tfjson.StateResource {
	if p.PriorState == nil || p.PriorState.Values == nil {
		return nil
	}
	var resources []*tfjson.StateResource
	var collect func(*tfjson.StateModule)
	collect = func(m *tfjson.StateModule) {
		if m == nil {
			return
		}
		for _, r := range m.Resources {
			if r != nil {
				resources = append(resources, r)
			}
		}
		for _, child := range m.ChildModules {
			collect(child)
		}
	}
	collect(p.PriorState.Values.RootModule)
	return resources
}

// unplanned are the resources and data sources of the state for which there is no change, not even one that does nothing:
// data sources that are read already, and what -target and the like leave out, which therefore stays as it is.
func (p *Plan) unplanned() []*tfjson.StateResource {
	planned := map[string]bool{}
	note := func(c *tfjson.ResourceChange) {
		if c != nil {
			planned[c.Address], planned[c.PreviousAddress] = true, true
		}
	}
	for _, c := range p.Changes {
		note(c)
	}
	for _, d := range p.Deferred {
		if d != nil {
			note(d.ResourceChange)
		}
	}
	return slices.DeleteFunc(p.stateResources(), func(r *tfjson.StateResource) bool { return r.DeposedKey != "" || planned[r.Address] })
}

// sensitivity are the marks of what is sensitive in a resource of a state. Marks that cannot be read hide everything.
func sensitivity(r *tfjson.StateResource) any {
	if len(r.SensitiveValues) == 0 {
		return nil
	}
	var marks any
	if json.Unmarshal(r.SensitiveValues, &marks) != nil {
		return true
	}
	return marks
}

// sensitiveVariable says whether a variable of the root module is declared sensitive.
func (p *Plan) sensitiveVariable(name string) bool {
	if p.Config == nil || p.Config.RootModule == nil {
		return true
	}
	v := p.Config.RootModule.Variables[name]
	return v == nil || v.Sensitive
}
