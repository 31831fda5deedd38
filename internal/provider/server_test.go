package provider_test

import (
	"maps"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/acctest"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/environment"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/provider"
)

// The provider's own plans and upgrades give the same responses as the framework's.
func TestUnchangedPlanMatchesFramework(t *testing.T) {
	t.Parallel()
	p := acctest.NewPlatform(t)
	config := object{
		"name": "shop-prod", "region": "north-standard", "display_name": "Shop", "groups": []any{"shop"},
		"deletion_protection": true,
		"node_groups": object{
			"cp":    object{"node_type": "nginxphp", "count": 2, "env": object{"A": "1"}, "links": []any{"sqldb:DB"}},
			"sqldb": object{"node_type": "mysql8", "public_ipv4_count": 1, "volumes": object{"/data": object{}}},
		},
		"migration_policy": object{"mode": "offline", "allow_downtime": true, "on_external_move": "restore"},
		"timeouts":         object{"read": "1m"},
	}
	i := acctest.NewInstance(t, "vap_environment", p.Provider())
	refresh := func() {
		t.Helper()
		if d := i.Refresh(); acctest.HasErrors(d) {
			t.Fatal(acctest.Text(d))
		}
	}
	moved := maps.Clone(config)
	moved["region"] = "north-performance"
	acctest.MustApply(t, i, config)
	for _, step := range []struct {
		name   string
		config object
		do     func()
		// changes reports whether the plan has a change, which the framework must plan.
		changes bool
	}{
		{"created", config, func() {}, false},
		{"read", config, refresh, false},
		{"moved", moved, func() { acctest.MustApply(t, i, moved) }, true}, // the planned migration is still in the state
		{"moved and read", moved, refresh, false},
	} {
		step.do()
		quick, framework := acctest.NewServer(t),
			acctest.NewServerOf(t, providerserver.NewProtocol6(provider.New("test")())())
		schema := quick.Schema.ResourceSchemas["vap_environment"]
		state := quick.Encode(schema, i.State)
		request := func(private []byte) *tfprotov6.PlanResourceChangeRequest {
			return &tfprotov6.PlanResourceChangeRequest{
				TypeName: "vap_environment", Config: quick.Encode(schema, step.config), PriorState: state, ProposedNewState: state,
				PriorPrivate: private,
			}
		}
		var answers [2]*tfprotov6.PlanResourceChangeResponse
		for n, server := range []*acctest.Server{quick, framework} {
			if d := server.Configure(p.Provider()); acctest.HasErrors(d) {
				t.Fatal(acctest.Text(d))
			}
			private := i.Private
			if server == framework {
				private = acctest.Unpacked(t, private)
			}
			answer, err := server.PlanResourceChange(t.Context(), request(private))
			if err != nil {
				t.Fatal(err)
			}
			answers[n] = answer
		}
		decode := func(answer *tfprotov6.PlanResourceChangeResponse) object {
			return object{"state": quick.Decode(schema, answer.PlannedState),
				"private": string(acctest.Unpacked(t, answer.PlannedPrivate)), "diagnostics": acctest.Text(answer.Diagnostics),
				"replace": len(answer.RequiresReplace), "deferred": answer.Deferred != nil}
		}
		if ours, theirs := decode(answers[0]), decode(answers[1]); !reflect.DeepEqual(ours, theirs) {
			t.Errorf("%s: got\n%v\nframework\n%v", step.name, ours, theirs)
		}
		if without := environment.IsNoOp(state, state); without == step.changes {
			t.Errorf("%s: planned without the framework: %t", step.name, without)
		}
		if planned := quick.Decode(schema, answers[1].PlannedState); reflect.DeepEqual(planned,
			any(i.State)) == step.changes {
			t.Errorf("%s: the framework plans\n%v\nof the state\n%v", step.name, planned, i.State)
		}
	}
}

func TestChangesUseFramework(t *testing.T) {
	t.Parallel()
	s := acctest.NewServer(t)
	schema := s.Schema.ResourceSchemas["vap_environment"]
	one, other := s.Encode(schema, object{"name": "shop-1"}), s.Encode(schema, object{"name": "shop-2"})
	null, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]*tfprotov6.DynamicValue{
		"a change": {one, other}, "a creation": {&null, one}, "a destruction": {one, &null}, "nothing": {&null,
			&null}, "no state": {nil, nil},
		"another encoding": {{JSON: []byte(`{}`)}, {JSON: []byte(`{}`)}}, "another schema": {{MsgPack: []byte{0x80}},
			{MsgPack: []byte{0x80}}},
		"no value": {{MsgPack: []byte{0xc1}}, {MsgPack: []byte{0xc1}}},
	} {
		if environment.IsNoOp(pair[0], pair[1]) {
			t.Errorf("%s counts as unchanged", name)
		}
	}
	if !environment.IsNoOp(one, one) {
		t.Error("equal values count as changed")
	}
}

// Our server has every method of the framework's server, so that requests of newer Terraform versions are not lost.
func TestServerExposesFrameworkMethods(t *testing.T) {
	t.Parallel()
	theirs := reflect.TypeOf(providerserver.NewProtocol6(provider.New("test")())())
	ours := reflect.TypeOf(provider.NewServer("test")())
	if theirs.NumMethod() < 20 {
		t.Fatalf("the framework's server has %d methods", theirs.NumMethod())
	}
	for n := range theirs.NumMethod() {
		method := theirs.Method(n)
		if _, there := ours.MethodByName(method.Name); !there {
			t.Errorf("the server lacks the framework's method %s", method.Name)
		}
	}
}
