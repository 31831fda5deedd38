package acctest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

var recordState = flag.Bool("record-state", false, "write testdata/state_v*.json of the present schema version anew")

// recordedState is a resource as it is in a state file.
type recordedState struct {
	SchemaVersion   int64          `json:"schema_version"`
	Attributes      map[string]any `json:"attributes"`
	IdentityVersion int64          `json:"identity_schema_version"`
	Identity        map[string]any `json:"identity"`
	Private         []byte         `json:"private"`
}

// whatToDo is advice for developers who change a schema.
const whatToDo = `

Users have states like this one. If attributes were renamed, removed or have another type:
  1. raise Version of the schema by one;
  2. leave the recorded state as it is, and write a StateUpgrader that makes of it what the new schema wants
     (resource.ResourceWithUpgradeState), until this test passes;
  3. record a state of the new version:  go test PACKAGE -run TestRecordedStates -record-state
New attributes need none of this: they are null in old states until the next refresh. While no version of the
provider has been released, recording anew (3.) is enough.`

// RecordedStates calls check for each state in testdata that some version of the provider wrote, in the form in which
// core passes it to the current version: upgraded, and with its private data. It fails if an upgrade loses anything,
// or if there is no state for the current schema version. The function record creates the resource whose state is
// recorded.
func RecordedStates(
	t *testing.T, typeName string, record func(*testing.T) *Instance, check func(*testing.T, *Instance),
) {
	t.Helper()
	s := NewServer(t)
	present := filepath.Join("testdata", fmt.Sprintf("state_v%d.json", s.Schema.ResourceSchemas[typeName].Version))
	if *recordState {
		i := record(t)
		content, err := json.MarshalIndent(recordedState{
			SchemaVersion: s.Schema.ResourceSchemas[typeName].Version, Attributes: i.State,
			IdentityVersion: s.identitySchema(typeName).Version, Identity: i.Identity, Private: i.Private,
		}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(present, append(content, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(present); err != nil {
		t.Errorf("the present schema version has no record: %v%s", err, whatToDo)
	}
	files, err := filepath.Glob("testdata/state_v*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			check(t, upgraded(t, typeName, file))
		})
	}
}

// upgraded returns a recorded state as core passes it to the provider.
func upgraded(t *testing.T, typeName, file string) *Instance {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var recorded recordedState
	if err := json.Unmarshal(content, &recorded); err != nil {
		t.Fatal(err)
	}
	raw := func(values map[string]any) *tfprotov6.RawState {
		content, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		return &tfprotov6.RawState{JSON: content}
	}
	s := NewServer(t)
	state, err := s.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: typeName, Version: recorded.SchemaVersion, RawState: raw(recorded.Attributes),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(state.Diagnostics) > 0 {
		t.Fatalf("%s cannot be read any more: %s%s", file, Text(state.Diagnostics), whatToDo)
	}
	i := NewInstance(t, typeName, nil)
	i.State, i.Private, i.Identity = decodeState(s, s.Schema.ResourceSchemas[typeName],
		state.UpgradedState), recorded.Private, recorded.Identity
	if recorded.IdentityVersion != s.identitySchema(typeName).Version {
		identity, err := s.UpgradeResourceIdentity(t.Context(), &tfprotov6.UpgradeResourceIdentityRequest{
			TypeName: typeName, Version: recorded.IdentityVersion, RawIdentity: raw(recorded.Identity),
		})
		if err != nil || len(identity.Diagnostics) > 0 {
			t.Fatalf("the identity of %s cannot be upgraded: %v %s", file, err, Text(identity.Diagnostics))
		}
		i.Identity = s.decodeIdentity(typeName, identity.UpgradedIdentity)
	}
	if recorded.SchemaVersion == s.Schema.ResourceSchemas[typeName].Version {
		if difference := contradiction(recorded.Attributes, sinceWritten(recorded.Attributes, i.State),
			""); difference != "" {
			t.Fatalf("%s is not read as it was written: %s%s", file, difference, whatToDo)
		}
	}
	return i
}

// sinceWritten returns read without null attributes that written lacks, because they were added later. Attributes
// that read lacks have the value "gone".
func sinceWritten(written, read any) any {
	switch read := read.(type) {
	case map[string]any:
		written, ok := written.(map[string]any)
		if !ok {
			return read
		}
		result := map[string]any{}
		for name := range written {
			result[name] = "gone"
		}
		for name, value := range read {
			if was, there := written[name]; there || value != nil {
				result[name] = sinceWritten(was, value)
			}
		}
		return result
	case []any:
		written, ok := written.([]any)
		if !ok || len(written) != len(read) {
			return read
		}
		result := []any{}
		for n := range read {
			result = append(result, sinceWritten(written[n], read[n]))
		}
		return result
	}
	return read
}
