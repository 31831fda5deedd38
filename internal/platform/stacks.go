package platform

import (
	"context"
	"encoding/json"
)

// Stack is a kind of node that the platform offers.
type Stack struct {
	NodeType string // what NodeGroupSpec.NodeType takes
	Name     string // for people
	// Layers are the node groups the stack is meant for, such as cp or sqldb.
	Layers []string
	// Tags are the versions on offer, the default first if it is known.
	Tags       []string
	DefaultTag string // "" if unknown
	// Kind is as sent by the platform, for example NATIVE or DOCKERIZED.
	Kind           string
	MinCloudlets   int    // 0 if unknown
	Virtualization string // CT or VM, "" if unknown
	OS             string // LINUX, WINDOWS..., "" if unknown
}

// Stacks returns the kinds of nodes that the platform offers, in its order. The answer's shape is a guess, of which
// every part may be absent.
func (c *Client) Stacks(ctx context.Context) ([]Stack, error) {
	var answer struct {
		Array json.RawMessage `json:"array"`
	}
	r := read(control+"gettemplates", "", "type", "ALL")
	if err := c.call(ctx, r, &answer); err != nil {
		return nil, err
	}
	templates, err := decodeList[templateAnswer](answer.Array)
	if err != nil {
		return nil, r.malformed(err)
	}
	all := make([]Stack, 0, len(templates))
	for _, t := range templates {
		if t.NodeType != "" {
			all = append(all, t.stack())
		}
	}
	return all, nil
}

type templateAnswer struct {
	NodeType         text   `json:"nodeType"`
	Name             text   `json:"name"`
	DisplayName      text   `json:"displayName"`
	Type             text   `json:"type"`
	NodeMission      text   `json:"nodeMission"`
	NodeGroups       texts  `json:"nodeGroups"`
	Tags             texts  `json:"tags"`
	DefaultTag       text   `json:"defaultTag"`
	MinCloudletCount number `json:"minCloudletCount"`
	VType            text   `json:"vType"`
	OSType           text   `json:"osType"`
}

func (t templateAnswer) stack() Stack {
	return Stack{
		NodeType: string(t.NodeType), Name: string(t.Name), Layers: t.NodeGroups.strings(), Tags: t.Tags.strings(),
		DefaultTag: string(t.DefaultTag), Kind: string(t.Type), MinCloudlets: int(t.MinCloudletCount),
		Virtualization: string(t.VType), OS: string(t.OSType),
	}
}
