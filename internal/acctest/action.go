package acctest

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Action treats an action as Terraform's core does, without Terraform: each step uses a new provider.
type Action struct {
	TypeName string
	// Provider is the provider block.
	Provider map[string]any

	t testing.TB
}

// NewAction returns an action of a provider.
func NewAction(t testing.TB, typeName string, provider map[string]any) Action {
	return Action{TypeName: typeName, Provider: provider, t: t}
}

func (a Action) server() *Server {
	a.t.Helper()
	s := NewServer(a.t)
	if d := s.Configure(a.Provider); HasErrors(d) {
		a.t.Fatal(Text(d))
	}
	return s
}

// Validate validates a configuration.
func (a Action) Validate(config map[string]any) []*tfprotov6.Diagnostic {
	a.t.Helper()
	s := NewServer(a.t) // not configured, as in terraform validate
	resp, err := s.actions().ValidateActionConfig(a.t.Context(), &tfprotov6.ValidateActionConfigRequest{
		ActionType: a.TypeName, Config: s.encodeAction(a.TypeName, config),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return resp.Diagnostics
}

// Plan plans a configuration.
func (a Action) Plan(config map[string]any) []*tfprotov6.Diagnostic {
	a.t.Helper()
	return a.PlanOn(a.server(), config)
}

// PlanOn is Plan with a provider that has already planned other things, or is not configured.
func (a Action) PlanOn(s *Server, config map[string]any) []*tfprotov6.Diagnostic {
	a.t.Helper()
	resp, err := s.actions().PlanAction(a.t.Context(), &tfprotov6.PlanActionRequest{
		ActionType: a.TypeName, Config: s.encodeAction(a.TypeName, config),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return resp.Diagnostics
}

// Invoke invokes the action and returns its messages in order.
func (a Action) Invoke(
	ctx context.Context, config map[string]any,
) (messages []string, diagnostics []*tfprotov6.Diagnostic) {
	a.t.Helper()
	s := a.server()
	return a.InvokeOn(ctx, s, config)
}

// InvokeOn is Invoke with a provider that is already configured.
func (a Action) InvokeOn(
	ctx context.Context, s *Server, config map[string]any,
) (messages []string, diagnostics []*tfprotov6.Diagnostic) {
	a.t.Helper()
	stream, err := s.actions().InvokeAction(ctx, &tfprotov6.InvokeActionRequest{
		ActionType: a.TypeName, Config: s.encodeAction(a.TypeName, config),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	completed := 0
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages = append(messages, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			diagnostics = event.Diagnostics
		}
	}
	if completed != 1 {
		a.t.Fatalf("the action was completed %d times", completed)
	}
	return messages, diagnostics
}

func (s *Server) actions() tfprotov6.ActionServer {
	s.t.Helper()
	server, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		s.t.Fatal("the provider has no actions")
	}
	return server
}

func (s *Server) encodeAction(typeName string, config map[string]any) *tfprotov6.DynamicValue {
	s.t.Helper()
	schema, ok := s.Schema.ActionSchemas[typeName]
	if !ok {
		s.t.Fatalf("the provider has no action %s", typeName)
	}
	return s.Encode(schema.Schema, config)
}
