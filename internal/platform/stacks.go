package platform

import (
	"cmp"
	"context"
)

// Stack is a kind of node that the platform offers.
type Stack struct {
	NodeType string // for NodeGroupSpec.NodeType
	// Aliases are other names of the node type, such as one per major version.
	Aliases []string
	Name    string // for display
	// NodeGroups are the node groups that the stack is intended for, such as cp or sqldb.
	NodeGroups []string
	// Tags are the available versions, in the platform's order.
	Tags       []string
	DefaultTag string // "" if unknown
	// Kind is as sent by the platform, for example NATIVE or DOCKERIZED.
	Kind           string
	MinCloudlets   int    // 0 if unknown
	Virtualization string // CT or VM, "" if unknown
	OS             string // LINUX, WINDOWS..., "" if unknown
}

// Stacks returns the kinds of nodes that the platform offers, in its order. Apart from NodeType, Aliases and Tags the
// answer's shape is a guess, and every field may be absent.
func (c *Client) Stacks(ctx context.Context) ([]Stack, error) {
	return callList(ctx, c, read(control+"gettemplates", "", "type", "ALL"), nil,
		"array", func(t templateAnswer) (Stack, bool) {
			return t.stack(), t.NodeType != ""
		})
}

// templateAnswer also takes the names that other parts of the API use for the same fields.
type templateAnswer struct {
	NodeType         text   `json:"nodeType"`
	NodeTypeAliases  texts  `json:"nodeTypeAliases"`
	Name             text   `json:"name"`
	DisplayName      text   `json:"displayName"`
	Type             text   `json:"type"`
	TemplateType     text   `json:"templateType"`
	NodeMission      text   `json:"nodeMission"`
	NodeMissionLower text   `json:"nodemission"`
	Mission          text   `json:"mission"`
	NodeGroups       texts  `json:"nodeGroups"`
	Tags             texts  `json:"tags"`
	DefaultTag       text   `json:"defaultTag"`
	MinCloudlets     number `json:"minCloudlets"`
	MinCloudletCount number `json:"minCloudletCount"`
	VType            text   `json:"vType"`
	OSType           text   `json:"osType"`
}

func (t templateAnswer) stack() Stack {
	nodeGroups := t.NodeGroups.strings()
	if mission := cmp.Or(t.NodeMission, t.NodeMissionLower, t.Mission); len(nodeGroups) == 0 && mission != "" {
		nodeGroups = []string{string(mission)}
	}
	return Stack{
		NodeType: string(t.NodeType), Aliases: t.NodeTypeAliases.sorted(), Name: string(cmp.Or(t.DisplayName, t.Name)),
		NodeGroups: nodeGroups, Tags: t.Tags.strings(), DefaultTag: string(t.DefaultTag),
		Kind:         string(cmp.Or(t.Type, t.TemplateType)),
		MinCloudlets: int(cmp.Or(t.MinCloudletCount, t.MinCloudlets)), Virtualization: string(t.VType), OS: string(t.OSType),
	}
}
