package planreview

import (
	"encoding/json"
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
)

// resourceChange is what a plan does to a resource or data source. The values stay in raw until values decodes
// them.
type resourceChange struct {
	Address         string              `json:"address"`
	PreviousAddress string              `json:"previous_address"`
	Mode            tfjson.ResourceMode `json:"mode"`
	Type            string              `json:"type"`
	ProviderName    string              `json:"provider_name"`
	DeposedKey      string              `json:"deposed"`
	ActionReason    tfjson.ActionReason `json:"action_reason"`
	// Change is nil if the plan does not say what it does; no known program writes that.
	Change *struct {
		Actions tfjson.Actions `json:"actions"`
	} `json:"change"`
	raw []byte
}

// changeValues are the values before and after a change. Their types must not be trusted, because the input is
// foreign.
type changeValues struct {
	Before          any `json:"before"`
	After           any `json:"after"`
	AfterUnknown    any `json:"after_unknown"`
	BeforeSensitive any `json:"before_sensitive"`
	AfterSensitive  any `json:"after_sensitive"`
	Importing       any `json:"importing"`
	ReplacePaths    any `json:"replace_paths"`
	BeforeIdentity  any `json:"before_identity"`
	AfterIdentity   any `json:"after_identity"`
}

// values decodes the values of a change.
func (c *resourceChange) values() changeValues {
	var document struct {
		Change changeValues `json:"change"`
	}
	_ = json.Unmarshal(c.raw, &document) // raw is valid JSON, and every member takes any value
	return document.Change
}

func (c *resourceChange) actions() tfjson.Actions {
	if c.Change == nil {
		return nil
	}
	return c.Change.Actions
}

// does says whether an action is among those of the change.
func (c *resourceChange) does(action tfjson.Action) bool {
	for _, a := range c.actions() {
		if a == action {
			return true
		}
	}
	return false
}

// outputChange is what a plan does to an output of the root module.
type outputChange struct {
	Actions tfjson.Actions `json:"actions"`
	raw     []byte
}

func (o *outputChange) values() changeValues {
	var values changeValues
	_ = json.Unmarshal(o.raw, &values) // raw is valid JSON, and every member takes any value
	return values
}

// stateResource is a resource or data source of the state before the plan.
type stateResource struct {
	Address    string              `json:"address"`
	Mode       tfjson.ResourceMode `json:"mode"`
	Type       string              `json:"type"`
	DeposedKey string              `json:"deposed_key"`
	raw        []byte
}

// values decodes the attributes and their sensitivity marks.
func (r *stateResource) values() (values, sensitive any) {
	var document struct {
		Values    any `json:"values"`
		Sensitive any `json:"sensitive_values"`
	}
	_ = json.Unmarshal(r.raw, &document) // raw is valid JSON, and every member takes any value
	return document.Values, document.Sensitive
}

// decodeHeader decodes which program wrote the plan, and whether it is complete.
func (p *Plan) decodeHeader(document map[string][]byte) error {
	for _, member := range []struct {
		name string
		into any
	}{
		{"format_version", &p.FormatVersion}, {"terraform_version", &p.TerraformVersion}, {"errored", &p.Errored},
		{"complete", &p.Complete},
	} {
		if value := document[member.name]; value != nil {
			if err := json.Unmarshal(value, member.into); err != nil {
				return fmt.Errorf("%s: %w", member.name, err)
			}
		}
	}
	return nil
}

// decode finds the resources, outputs and variables of a plan, and decodes its configuration.
func (p *Plan) decode(document map[string][]byte) (err error) {
	if p.changes, err = changesOf("resource_changes", document["resource_changes"]); err != nil {
		return err
	}
	if p.drift, err = changesOf("resource_drift", document["resource_drift"]); err != nil {
		return err
	}
	if err := elements("deferred_changes", document["deferred_changes"], func(value []byte) error {
		return members("deferred_changes", value, func(name string, value []byte) error {
			if name != "resource_change" {
				return nil
			}
			c, err := changeOf("deferred_changes", value)
			if c != nil {
				p.deferred = append(p.deferred, c)
			}
			return err
		})
	}); err != nil {
		return err
	}
	if err := p.decodeValues(document); err != nil {
		return err
	}
	configuration := document["configuration"]
	if len(configuration) > configurationLimit {
		return sentenceError{tooLarge("The configuration in the plan", configurationLimit)}
	}
	if configuration == nil {
		return nil
	}
	if err := json.Unmarshal(configuration, &p.config); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return nil
}

// decodeValues finds outputs, variables and the resources of the state.
func (p *Plan) decodeValues(document map[string][]byte) error {
	p.outputs, p.variables = map[string]*outputChange{}, map[string]json.RawMessage{}
	if err := members("output_changes", document["output_changes"], func(name string, value []byte) error {
		var o *outputChange
		if err := json.Unmarshal(value, &o); err != nil {
			return fmt.Errorf("output_changes: %w", err)
		}
		if o != nil {
			o.raw, p.outputs[name] = value, o
		}
		return nil
	}); err != nil {
		return err
	}
	if err := members("variables", document["variables"], func(name string, variable []byte) error {
		return members("variables", variable, func(member string, value []byte) error {
			if member == "value" {
				p.variables[name] = value
			}
			return nil
		})
	}); err != nil {
		return err
	}
	return members("prior_state", document["prior_state"], func(name string, value []byte) error {
		if name != "values" {
			return nil
		}
		return members("prior_state", value, func(name string, value []byte) error {
			if name != "root_module" {
				return nil
			}
			return p.decodeModule(value)
		})
	})
}

// decodeModule finds the resources of a module of the state and of its child modules.
func (p *Plan) decodeModule(module []byte) error {
	return members("prior_state", module, func(name string, value []byte) error {
		switch name {
		case "resources":
			return elements("prior_state", value, func(value []byte) error {
				var r *stateResource
				if err := json.Unmarshal(value, &r); err != nil {
					return fmt.Errorf("prior_state: %w", err)
				}
				if r != nil {
					r.raw, p.state = value, append(p.state, r)
				}
				return nil
			})
		case "child_modules":
			return elements("prior_state", value, p.decodeModule)
		}
		return nil
	})
}

func changesOf(where string, list []byte) ([]*resourceChange, error) {
	var changes []*resourceChange
	err := elements(where, list, func(value []byte) error {
		c, err := changeOf(where, value)
		if c != nil {
			changes = append(changes, c)
		}
		return err
	})
	return changes, err
}

// changeOf decodes a change except its values; nil for null.
func changeOf(where string, value []byte) (*resourceChange, error) {
	var c *resourceChange
	if err := json.Unmarshal(value, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	if c != nil {
		c.raw = value
	}
	return c, nil
}
