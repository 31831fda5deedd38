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

// Instance is a resource as Terraform's core treats it, without Terraform: every step is made with a provider of its
// own, as Terraform starts a process for each, and core's rules about plans and results are checked.
type Instance struct {
	TypeName string
	// Provider is the provider block.
	Provider map[string]any
	// State is nil while the resource does not exist.
	State   map[string]any
	Private []byte
	// Identity is nil for a resource without identities, and while none is known, as in the state of an older Terraform.
	Identity map[string]any
	// Adjust, if not nil, changes what the provider block comes to, such as the clock.
	Adjust func(*migration.Settings)
	// Context, if not nil, is the context of reading, planning and applying, for tests of interrupts.
	Context context.Context

	t *testing.T
}

// NewInstance is a resource that does not exist yet.
func NewInstance(t *testing.T, typeName string, provider map[string]any) *Instance {
	return &Instance{TypeName: typeName, Provider: provider, t: t}
}

// Plan is what a provider planned for a resource.
type Plan struct {
	Config map[string]any
	// State is the planned state with Unknown in it; nil for a destruction.
	State   map[string]any
	Private []byte
	// Replace lists the attributes because of which the resource has to be replaced.
	Replace []string

	identity *tfprotov6.ResourceIdentityData
}

// Changes says whether the plan differs from the state.
func (i *Instance) Changes(p Plan) bool { return !reflect.DeepEqual(p.State, i.State) }

// Difference names the first place where the plan differs from the state; empty if there is none.
func (i *Instance) Difference(p Plan) string { return contradiction(i.State, p.State, "") }

// NewServer starts a provider for the instance, which is not configured yet.
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

// planner is server for a process that plans: it has read the states before.
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

// Import makes the instance what an import of the identifier gives, before the refresh that follows it.
func (i *Instance) Import(id string) []*tfprotov6.Diagnostic {
	i.t.Helper()
	return i.imported(id, nil)
}

// ImportIdentity is Import by an identity.
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

// Refresh reads the resource.
func (i *Instance) Refresh() []*tfprotov6.Diagnostic {
	i.t.Helper()
	s, _ := i.server()
	return i.RefreshOn(s)
}

// RefreshOn is Refresh with a provider that is configured already.
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

// Plan plans a configuration; nil destroys the resource. It does not refresh first.
func (i *Instance) Plan(config map[string]any) (Plan, []*tfprotov6.Diagnostic) {
	i.t.Helper()
	s, schema := i.planner()
	return i.plan(s, schema, config)
}

// PlanOn is Plan with a provider that is configured already.
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

// Apply applies a plan as core does: it plans once more, from the prior private state and not from what the plan stored
// there, insists on the same known values, carries the plan out, and insists on a result that keeps what the plan
// called known. The diagnostics of the second plan come first.
func (i *Instance) Apply(plan Plan) []*tfprotov6.Diagnostic {
	i.t.Helper()
	return i.ApplyContext(i.context(), plan)
}

// ApplyContext is Apply with a context for the call that carries the plan out, for tests of interrupts.
func (i *Instance) ApplyContext(ctx context.Context, plan Plan) []*tfprotov6.Diagnostic {
	i.t.Helper()
	s, _ := i.server()
	return i.ApplyOn(ctx, s, plan)
}

// ApplyOn is Apply with a provider that is configured already, for what the resources of one provider configuration
// have to do with each other.
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

// proposed is the state that core proposes: the configuration, with prior values where a computed attribute is not
// configured.
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

// contradiction names the first place where a later value is not what an earlier one promised: a known value has to
// stay, an unknown one may become anything.
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

// lost names an element that a list with unknown elements promised and that is not there. Those of a set come in any
// order, and an unknown one may turn out to be another one of them.
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
