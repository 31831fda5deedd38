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

// Plan is the part of a plan's JSON that a review needs. It keeps resources as JSON and decodes them one at a time
// when needed, because decoded they take ten times as much memory.
type Plan struct {
	FormatVersion    string
	TerraformVersion string
	// Errored says that planning failed; what failed is missing from the plan.
	Errored bool
	// Complete is false if something was left out, for example by -target, and nil if the program does not say.
	Complete *bool
	// Size is the size of the JSON in bytes.
	Size int

	changes   []*resourceChange
	drift     []*resourceChange
	deferred  []*resourceChange
	outputs   map[string]*outputChange
	variables map[string]json.RawMessage
	config    *tfjson.Config
	// state has the resources and data sources of all modules in the state before the plan.
	state []*stateResource
}

// notAPlan is the error for input that is something else.
func notAPlan(format string, arguments ...any) error {
	return errors.New(fmt.Sprintf(format, arguments...) +
		" Make the JSON of a plan with: terraform plan -out=plan.out; terraform show -json plan.out")
}

// sentenceError is an error whose text is a sentence that says what to do.
type sentenceError struct{ error }

// Read reads the JSON of a plan. Its errors say in sentences what the input is instead, and what to run.
func Read(r io.Reader) (*Plan, error) { return read(r, sizeLimit) }

func read(r io.Reader, limit int64) (*Plan, error) {
	content, err := readAll(r, limit)
	if err != nil {
		return nil, err
	}
	size := len(content)
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")) // the byte order mark of UTF-8
	if err := notJSONError(content); err != nil {
		return nil, err
	}
	if !json.Valid(content) {
		return nil, syntaxError(content)
	}
	document := map[string][]byte{}
	if err := members("it", content, func(name string, value []byte) error {
		if _, twice := document[name]; twice {
			return fmt.Errorf("it has %s twice", name)
		}
		document[name] = value
		return nil
	}); err != nil {
		return nil, notAPlan("The input is JSON, but not that of a plan: %v.", err)
	}
	p := &Plan{Size: size}
	if err = p.decodeHeader(document); err == nil && supported(p.FormatVersion) {
		err = p.decode(document)
	}
	var sentence sentenceError
	if errors.As(err, &sentence) {
		return nil, err
	}
	if err := check(document, p.FormatVersion, err); err != nil {
		return nil, err
	}
	return p, nil
}

// notJSONError recognises input that is not even a JSON object by how it starts.
func notJSONError(content []byte) error {
	text := bytes.TrimSpace(content)
	switch {
	case len(text) == 0:
		return notAPlan("The input is empty.")
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return notAPlan("The input is the saved plan itself, a binary file, not its JSON.")
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return notAPlan("The input is encoded in UTF-16, as PowerShell's > writes it; use a pipe, or Out-File -Encoding " +
			"utf8.")
	case text[0] == '{':
		return nil
	}
	if err := wrapped(text); err != nil {
		return err
	}
	if text[0] == '[' {
		return notAPlan("The input is a JSON array, not the JSON of a plan.")
	}
	return notAPlan("The input is not JSON.")
}

// syntaxError says why content is not JSON.
func syntaxError(content []byte) error {
	var message struct {
		Level string `json:"@level"`
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	err := decoder.Decode(&message)
	var syntax *json.SyntaxError
	switch {
	case err == nil && message.Level != "":
		return notAPlan("The input are the messages of plan -json, not the JSON of a plan.")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return notAPlan("The input is truncated: it ends in the middle of the JSON.")
	case errors.As(err, &syntax):
		return notAPlan("The input is not JSON: %v, at byte %d.", syntax, syntax.Offset)
	}
	rest := bytes.TrimSpace(content[min(decoder.InputOffset(), int64(len(content))):])
	first, _, _ := bytes.Cut(rest, []byte("\n"))
	return notAPlan("The input goes on after the end of a JSON object, with %q: more than one plan, or output of a "+
		"wrapper of terraform, was written into it.",
		truncate(string(first), 80))
}

// check says what the JSON is if it is not that of a plan of a supported version.
func check(document map[string][]byte, formatVersion string, undecodable error) error {
	has := func(name string) bool { value, there := document[name]; return there && string(value) != "null" }
	_, planned := document["planned_values"] // every plan has them, and nothing else
	switch {
	case has("lineage"):
		return notAPlan("The input is a state file, not a plan.")
	case has("@level"):
		return notAPlan("The input are messages of plan -json, not the JSON of a plan.")
	case has("provider_schemas"):
		return notAPlan("The input are the schemas of providers, not a plan.")
	case has("headline"):
		return notAPlan("The input is a review, not a plan.")
	case has("diagnostics"):
		return notAPlan("The input is the result of validate -json, not a plan.")
	case formatVersion == "" && undecodable != nil:
		return notAPlan("The input is JSON, but not that of a plan: %v.", undecodable)
	case formatVersion == "":
		return notAPlan("The input is JSON, but not that of a plan: it has no format_version.")
	case !supported(formatVersion):
		return unsupported(formatVersion)
	case undecodable != nil:
		return notAPlan("The input is JSON, but not that of a plan: %v.", undecodable)
	case !planned && has("values"):
		return notAPlan("The input is the JSON of a state, not of a plan: show -json needs the name of the saved plan.")
	case !planned:
		return notAPlan("The input is the JSON of an empty state, not of a plan: show -json needs the name of the saved " +
			"plan.")
	}
	return nil
}

// supported says whether a version of the plan format can be understood. Minor versions only add to the format.
func supported(formatVersion string) bool { return strings.HasPrefix(formatVersion, "1.") }

func unsupported(formatVersion string) error {
	//nolint:staticcheck // a sentence for the user
	return fmt.Errorf("The plan has format version %q, and only 1.x is understood: use a newer planreview, "+
		"or Terraform or OpenTofu of the versions that the provider supports.", formatVersion)
}

// unplanned are the resources and data sources of the state without any change in the plan, not even a no-op: data
// sources that are not read again, and what -target and similar options leave out, which stays as it is.
func (p *Plan) unplanned() []*stateResource {
	planned := map[string]bool{}
	for _, c := range slices.Concat(p.changes, p.deferred) {
		planned[c.Address], planned[c.PreviousAddress] = true, true
	}
	var unplanned []*stateResource
	for _, r := range p.state {
		if r.DeposedKey == "" && !planned[r.Address] {
			unplanned = append(unplanned, r)
		}
	}
	return unplanned
}

// sensitiveVariable says whether a variable of the root module is declared sensitive.
func (p *Plan) sensitiveVariable(name string) bool {
	if p.config == nil || p.config.RootModule == nil {
		return true
	}
	v := p.config.RootModule.Variables[name]
	return v == nil || v.Sensitive
}
