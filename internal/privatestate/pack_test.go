package privatestate

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestPack(t *testing.T) {
	t.Parallel()
	for name, values := range map[string]map[string][]byte{
		"nothing":  {},
		"one":      {"snapshot": []byte(`{"version":2,"environment":{"n":"shop"}}`)},
		"several":  {"a": []byte(`"x"`), "b": []byte(`[1,2]`), ".framework": []byte(`null`)},
		"unusual":  {"ü": []byte(`"<>&\u2028"`)},
		"very big": {"a": []byte(`"` + string(bytes.Repeat([]byte("shop"), 1<<18)) + `"`)},
	} {
		state, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		small, err := Pack(state)
		if err != nil {
			t.Fatal(name, err)
		}
		again, err := Unpack(small)
		if err != nil {
			t.Fatal(name, err)
		}
		var got map[string][]byte
		if err := json.Unmarshal(again, &got); err != nil || len(got) != len(values) {
			t.Fatalf("%s: %s, %v", name, again, err)
		}
		for key, value := range values {
			var a, b any
			if json.Unmarshal(value, &a) != nil || json.Unmarshal(got[key], &b) != nil || string(got[key]) == "" &&
				len(value) > 0 {
				t.Errorf("%s: %s is %s, want %s", name, key, got[key], value)
			}
		}
		if twice, err := Pack(again); err != nil || !bytes.Equal(twice, small) {
			t.Errorf("%s: packed otherwise the second time: %v", name, err)
		}
	}
}

// State from an older version and empty state stay as they are; invalid state is an error.
func TestUnpackOthers(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"", `{"snapshot":"e30="}`, "{}"} {
		if got, err := Unpack([]byte(state)); err != nil || string(got) != state {
			t.Errorf("%q became %q, %v", state, got, err)
		}
	}
	for _, state := range []string{"\x01", "\x01abc", "\x01\xff\xff"} {
		if got, err := Unpack([]byte(state)); err == nil {
			t.Errorf("%q became %q", state, got)
		}
	}
	if _, err := Pack([]byte("not JSON")); err == nil {
		t.Error("packed what is no private state")
	}
	if got, err := Pack(nil); err != nil || len(got) != 0 {
		t.Errorf("nothing became %q, %v", got, err)
	}
}
