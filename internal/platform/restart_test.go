package platform

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func TestRestartAndRedeploy(t *testing.T) {
	t.Parallel()
	p := &recorder{}
	client := testClient(t, Config{Transport: p})
	for _, err := range []error{
		client.RestartNodes(t.Context(), RestartRequest{Environment: "shop", NodeGroup: "cp", RequestKey: "k1"}),
		client.RestartNodes(t.Context(), RestartRequest{Environment: "shop", NodeGroup: "sqldb"}),
		client.RedeployContainers(t.Context(),
			RedeployRequest{Environment: "shop", NodeGroup: "cp", Tag: "2.0", RequestKey: "k2"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []struct {
		path string
		form url.Values
	}{
		{"restartnodesbygroup", url.Values{"envName": {"shop"}, "nodeGroup": {"cp"}, "ruk": {"k1"}}},
		{"restartnodesbygroup", url.Values{"envName": {"shop"}, "nodeGroup": {"sqldb"}}},
		{"redeploycontainersbygroup",
			url.Values{"envName": {"shop"}, "nodeGroup": {"cp"}, "tag": {"2.0"}, "useExistingVolumes": {"true"}, "ruk": {"k2"}}},
	}
	for i, w := range want {
		p.forms[i].Del("session")
		if p.paths[i] != "POST /1.0/environment/control/rest/"+w.path || !reflect.DeepEqual(p.forms[i], w.form) {
			t.Errorf("%s %v, want %s %v", p.paths[i], p.forms[i], w.path, w.form)
		}
	}
}

// An error of one node is an error of the call, whatever the overall result. Nodes without a result count as
// successful.
func TestResponsesPerNode(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]*Error{
		`{"result":0}`:                 nil,
		`{"result":0,"responses":[]}`:  nil,
		`{"result":0,"responses":"?"}`: nil,
		`{"result":0,"responses":[null,{"result":0,"nodeId":1,"out":"","errOut":""},{"nodeId":2}]}`: nil,
		`{"result":0,"responses":[{"result":0,"nodeId":1},{"result":4711,"nodeId":2,"out":"x","errOut":"no disk"}]}`: {
			Class: ClassUnclassified, Code: 4711, Words: "node 2: no disk"},
		`{"result":0,"responses":[{"result":"4711","nodeid":"3","out":"` + testToken + `"}]}`: {
			Class: ClassUnclassified, Code: 4711, Words: "node 3: (redacted)"},
		`{"result":0,"responses":[{"result":2212,"nodeId":2}]}`: {Class: ClassWrongState, Code: 2212,
			Words: "node 2: no words"},
		`{"result":0,"responses":[{"result":99,"nodeId":2}]}`: {Class: ClassOutcomeUnknown, Code: 99,
			Words: "node 2: no words"},
		`{"result":4060,"error":"no such image"}`: {Class: classify(4060, true), Code: 4060, Words: "no such image"},
		`<html>`: {Class: ClassOutcomeUnknown},
	} {
		err := inProcess(t, 200, body).RestartNodes(t.Context(), RestartRequest{Environment: "shop", NodeGroup: "cp"})
		var got *Error
		switch {
		case want == nil && err != nil, want != nil && !errors.As(err, &got):
			t.Errorf("%s: %v", body, err)
		case want == nil:
		case got.Class != want.Class || got.Code != want.Code || want.Words != "(redacted)" &&
			!strings.HasPrefix(got.Words, strings.TrimSuffix(want.Words, "(redacted)")):
			t.Errorf("%s: %+v", body, got)
		case strings.Contains(err.Error(), testToken) || got.Environment != "shop" ||
			!strings.HasSuffix(got.Method, "/restartnodesbygroup"):
			t.Errorf("%s: %v", body, err)
		}
	}
}
