package acctest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/migration"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// Instance treats a resource as Terraform's core does, without Terraform: it starts a new provider for every step, as
// Terraform starts a process, and checks core's rules about plans and results.
type Instance struct {
	TypeName string
	// Provider is the provider block.
	Provider map[string]any
	// State is nil while the resource does not exist.
	State   map[string]any
	Private []byte
	// Identity is nil for a resource without identities, and while it is unknown, as in the state of an older Terraform.
	Identity map[string]any
	// Adjust, if not nil, changes the provider's resolved settings, such as the clock.
	Adjust func(*migration.Settings)
	// Context, if not nil, is the context for refreshes, plans and applies, for tests of interrupts.
	Context context.Context

	t *testing.T
}

// NewInstance returns a resource that does not exist yet.
func NewInstance(t *testing.T, typeName string, provider map[string]any) *Instance {
	return &Instance{TypeName: typeName, Provider: provider, t: t}
}

// Plan is what a provider planned for a resource.
type Plan struct {
	Config map[string]any
	// State is the planned state, with Unknown in it; nil for a destruction.
	State   map[string]any
	Private []byte
	// Replace lists the attributes that require a replacement of the resource.
	Replace []string

	identity *tfprotov6.ResourceIdentityData
}

// Changes reports whether the plan differs from the state.
func (i *Instance) Changes(p Plan) bool { return !reflect.DeepEqual(p.State, i.State) }

// Difference returns the first place where the plan differs from the state; empty if there is none.
func (i *Instance) Difference(p Plan) string { return contradiction(i.State, p.State, "") }

// NewServer starts a provider for the instance and does not configure it.
func (i *Instance) NewServer() *Server {
	i.t.Helper()
	if i.Adjust == nil {
		return NewServer(i.t)
	}
	return NewServerOf(i.t, provider.NewServer("test", i.Adjust)())
}

func (i *Instance) context() context.Context {
	if i.Context != nil {
		return i.Context
	}
	return i.t.Context()
}

// planner starts a provider as in a process that plans, which has read the states before.
func (i *Instance) planner() (*Server, *tfprotov6.Schema) {
	i.t.Helper()
	applier := *i
	applier.Adjust = func(s *migration.Settings) {
		s.AssumeRefreshed = true
		if i.Adjust != nil {
			i.Adjust(s)
		}
	}
	return applier.server()
}

func (i *Instance) server() (*Server, *tfprotov6.Schema) {
	i.t.Helper()
	s := i.NewServer()
	if diagnostics := s.Configure(i.Provider); HasErrors(diagnostics) {
		i.t.Fatal(Text(diagnostics))
	}
	return s, s.Schema.ResourceSchemas[i.TypeName]
}

func encodeState(s *Server, schema *tfprotov6.Schema, state map[string]any) *tfprotov6.DynamicValue {
	if state == nil {
		null, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
		if err != nil {
			s.t.Fatal(err)
		}
		return &null
	}
	return s.Encode(schema, state)
}

func decodeState(s *Server, schema *tfprotov6.Schema, value *tfprotov6.DynamicValue) map[string]any {
	if value == nil {
		return nil
	}
	state, _ := s.Decode(schema, value).(map[string]any)
	return state
}

// Import imports an identifier, without the refresh that follows in Terraform.
func (i *Instance) Import(id string) []*tfprotov6.Diagnostic {
	i.t.Helper()
	return i.imported(id, nil)
}

// ImportIdentity imports an identity in the same way.
func (i *Instance) ImportIdentity(identity map[string]any) []*tfprotov6.Diagnostic {
	i.t.Helper()
	return i.imported("", identity)
}

func (i *Instance) imported(id string, identity map[string]any) []*tfprotov6.Diagnostic {
	i.t.Helper()
	s, schema := i.server()
	resp, err := s.ImportResourceState(i.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: i.TypeName, ID: id, Identity: s.encodeIdentity(i.TypeName, identity),
	})
	if err != nil {
		i.t.Fatal(err)
	}
	for _, imported := range resp.ImportedResources {
		i.State, i.Private = decodeState(s, schema, imported.State), imported.Private
		i.Identity = s.decodeIdentity(i.TypeName, imported.Identity)
	}
	return resp.Diagnostics
}

// Refresh refreshes the resource.
func (i *Instance) Refresh() []*tfprotov6.Diagnostic {
	i.t.Helper()
	s, _ := i.server()
	return i.RefreshOn(s)
}

// RefreshOn is Refresh with a provider that is already configured.
func (i *Instance) RefreshOn(s *Server) []*tfprotov6.Diagnostic {
	i.t.Helper()
	schema := s.Schema.ResourceSchemas[i.TypeName]
	resp, err := s.ReadResource(i.context(), &tfprotov6.ReadResourceRequest{
		TypeName: i.TypeName, CurrentState: encodeState(s, schema, i.State), Private: i.Private,
		CurrentIdentity: s.encodeIdentity(i.TypeName, i.Identity),
	})
	if err != nil {
		i.t.Fatal(err)
	}
	i.State, i.Private = decodeState(s, schema, resp.NewState), resp.Private
	i.Identity = s.decodeIdentity(i.TypeName, resp.NewIdentity)
	return resp.Diagnostics
}

// Plan plans a configuration, without a refresh; nil destroys the resource.
func (i *Instance) Plan(config map[string]any) (Plan, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	s, schema := i.planner()
	return i.plan(s, schema, config)
}

// PlanOn is Plan with a provider that is already configured.
func (i *Instance) PlanOn(s *Server, config map[string]any) (Plan, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	return i.plan(s, s.Schema.ResourceSchemas[i.TypeName], config)
}

func (i *Instance) plan(s *Server, schema *tfprotov6.Schema, config map[string]any) (Plan, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	resp, err := s.PlanResourceChange(i.context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName:         i.TypeName,
		PriorState:       encodeState(s, schema, i.State),
		ProposedNewState: encodeState(s, schema, proposed(schema.Block.Attributes, config, i.State)),
		Config:           encodeState(s, schema, config),
		PriorPrivate:     i.Private,
		PriorIdentity:    s.encodeIdentity(i.TypeName, i.Identity),
	})
	if err != nil {
		i.t.Fatal(err)
	}
	plan := Plan{Config: config, State: decodeState(s, schema, resp.PlannedState), Private: resp.PlannedPrivate,
		identity: resp.PlannedIdentity}
	for _, at := range resp.RequiresReplace {
		plan.Replace = append(plan.Replace, at.String())
	}
	return plan, resp.Diagnostics
}

// Apply applies a plan as core does. It plans again, with the prior private state and not what the plan stored there,
// and requires the same known values. Then it carries out the plan and requires that the result has the planned
// values. The diagnostics of the second plan come first.
func (i *Instance) Apply(plan Plan) []*tfprotov6.Diagnostic {
	i.t.Helper()
	return i.ApplyContext(i.context(), plan)
}

// ApplyContext is Apply with a context for the call that carries out the plan, for tests of interrupts.
func (i *Instance) ApplyContext(ctx context.Context, plan Plan) []*tfprotov6.Diagnostic {
	i.t.Helper()
	s, _ := i.server()
	return i.ApplyOn(ctx, s, plan)
}

// ApplyOn is Apply with a provider that is already configured, for tests in which resources share a provider.
func (i *Instance) ApplyOn(ctx context.Context, s *Server, plan Plan) []*tfprotov6.Diagnostic {
	i.t.Helper()
	schema := s.Schema.ResourceSchemas[i.TypeName]
	var diagnostics []*tfprotov6.Diagnostic
	if plan.State != nil {
		final, again := i.plan(s, schema, plan.Config)
		diagnostics = again
		if HasErrors(again) {
			return diagnostics
		}
		if difference := contradiction(plan.State, final.State, ""); difference != "" {
			i.t.Fatalf("inconsistent final plan: %s", difference)
		}
		plan.State, plan.Private, plan.identity = final.State, final.Private, final.identity
	}
	resp, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName:        i.TypeName,
		PriorState:      encodeState(s, schema, i.State),
		PlannedState:    encodeState(s, schema, plan.State),
		Config:          encodeState(s, schema, plan.Config),
		PlannedPrivate:  plan.Private,
		PlannedIdentity: plan.identity,
	})
	if err != nil {
		i.t.Fatal(err)
	}
	state := decodeState(s, schema, resp.NewState)
	if !HasErrors(resp.Diagnostics) {
		if difference := contradiction(plan.State, state, ""); difference != "" {
			i.t.Fatalf("inconsistent result after apply: %s", difference)
		}
	}
	i.State, i.Private = state, resp.Private
	i.Identity = s.decodeIdentity(i.TypeName, resp.NewIdentity)
	return append(diagnostics, resp.Diagnostics...)
}

// proposed returns the state that core proposes: the configuration, with prior values for computed attributes that
// are not configured.
func proposed(attributes []*tfprotov6.SchemaAttribute, config, prior map[string]any) map[string]any {
	if config == nil {
		return nil
	}
	result := map[string]any{}
	for _, a := range attributes {
		configured, before := config[a.Name], prior[a.Name]
		switch {
		case configured == nil && a.Computed:
			result[a.Name] = before
		case configured != nil && a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeMap:
			elements, isMap := configured.(map[string]any)
			if !isMap {
				result[a.Name] = configured
				continue
			}
			priorElements, _ := before.(map[string]any)
			merged := map[string]any{}
			for key, element := range elements {
				nested, isObject := element.(map[string]any)
				if !isObject { // unknown or null as a whole
					merged[key] = element
					continue
				}
				priorNested, _ := priorElements[key].(map[string]any)
				merged[key] = proposed(a.NestedType.Attributes, nested, priorNested)
			}
			result[a.Name] = merged
		default:
			result[a.Name] = configured
		}
	}
	return result
}

// contradiction returns the first place where a later value contradicts an earlier one: known values must stay,
// unknown ones may become anything.
func contradiction(promised, actual any, at string) string {
	if _, unknown := promised.(Unknown); unknown {
		return ""
	}
	switch promised := promised.(type) {
	case map[string]any:
		actual, ok := actual.(map[string]any)
		if !ok || (promised == nil) != (actual == nil) {
			return fmt.Sprintf("%s: %v became %v", at, promised, actual)
		}
		keys := slices.Collect(maps.Keys(promised))
		keys = slices.AppendSeq(keys, maps.Keys(actual))
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			if difference := contradiction(promised[key], actual[key], at+"."+key); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		actual, ok := actual.([]any)
		if ok && slices.ContainsFunc(promised, isUnknown) {
			return lost(promised, actual, at)
		}
		if !ok || len(promised) != len(actual) {
			return fmt.Sprintf("%s: %v became %v", at, promised, actual)
		}
		for n := range promised {
			if difference := contradiction(promised[n], actual[n], fmt.Sprintf("%s[%d]", at, n)); difference != "" {
				return difference
			}
		}
		return ""
	}
	if !reflect.DeepEqual(promised, actual) {
		return fmt.Sprintf("%s: %v became %v", at, promised, actual)
	}
	return ""
}

func isUnknown(value any) bool {
	_, unknown := value.(Unknown)
	return unknown
}

// lost returns a promised element that is missing in a list with unknown elements. Elements of a set have no order,
// and an unknown one may turn out to equal another one.
func lost(promised, actual []any, at string) string {
	for _, element := range promised {
		if !isUnknown(element) && !slices.ContainsFunc(actual, func(other any) bool {
			return contradiction(element, other, "") == ""
		}) {
			return fmt.Sprintf("%s: %v is lost in %v", at, element, actual)
		}
	}
	if len(actual) > len(promised) {
		return fmt.Sprintf("%s: %v became %v", at, promised, actual)
	}
	return ""
}
