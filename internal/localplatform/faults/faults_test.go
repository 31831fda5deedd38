package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFiles(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "faults.json")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := Fault{Kind: Gateway, Method: "migrate", Environment: "shop-1", Since: "stopenv", Nth: 2, Times: 3,
		When:   WhenStarted,
		Status: 504, Delay: Duration(250 * time.Millisecond)}
	data, err := json.Marshal([]Fault{want})
	if err != nil || !strings.Contains(string(data), `"delay":"250ms"`) {
		t.Fatalf("%s %v", data, err)
	}
	write(string(data))
	if got, err := Read(file); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("read back %+v %v", got, err)
	}
	for _, bad := range []string{
		`{}`, `[{"kind":"explode"}]`, `[{"kind":"cut","when":"later"}]`, `[{"kind":"gateway"}]`, `[{"kind":"refuse"}]`,
		`[{"kind":"delay"}]`,
		`[{"kind":"cut","nth":-1}]`, `[{"kind":"delay","delay":"soon"}]`, `[{"kind":"cut","methods":"x"}]`,
		`[{"kind":"legacy","when":"after"}]`, `[] []`,
	} {
		write(bad)
		if list, err := Read(file); err == nil {
			t.Errorf("%s was accepted as %v", bad, list)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing file was accepted")
	}
}

// The README's table for users names every kind.
func TestDocumentedKinds(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "tools", "localplatform", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range slices.Concat(answerKinds, refusingKinds, operationKinds, wayKinds, temperaments) {
		if !strings.Contains(string(text), "`"+string(kind)+"`") {
			t.Errorf("the README does not name %s", kind)
		}
	}
}

func TestTemperamentFiles(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "faults.json")
	for text, usable := range map[string]bool{
		`[{"kind":"lag"}]`: false, `[{"kind":"lag","delay":"1s","method":"getenvs","times":-1}]`: true,
		`[{"kind":"lag","delay":"-1s"}]`: false, `[{"kind":"clock","delay":"-5h",` +
			`"times":-1}]`: true, `[{"kind":"clock"}]`: false,
		`[{"kind":"time_zone","delay":"5h",` +
			`"environment":"shop-1"}]`: false, `[{"kind":"async"}]`: true, `[{"kind":"async","delay":"-1s"}]`: false,
		`[{"kind":"unknown_status"}]`: false, `[{"kind":"unknown_status","code":99}]`: true, `[{"kind":"unknown_status",` +
			`"code":99,"delay":"1s"}]`: false,
		`[{"kind":"unknown_status","code":99,"when":"after"}]`: false, `[{"kind":"unknown_status","code":99,` +
			`"when":"after","delay":"1s"}]`: true,
		`[{"kind":"unknown_status","code":99,` +
			`"when":"before"}]`: false, `[{"kind":"late_region"}]`: true, `[{"kind":"late_addresses"}]`: false,
		`[{"kind":"trace of late_list","delay":"1s"}]`: false, `[{"kind":"gateway","status":418}]`: false,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(file); (err == nil) != usable {
			t.Errorf("%s: error %v", text, err)
		}
	}
}
