package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/planreview"
)

// The README explains every name in the JSON, and every kind, format and setting.
func TestReadmeExplainsEveryName(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(content)
	names := map[string]bool{}
	collect(reflect.TypeFor[planreview.Review](), names)
	for format := range planreview.Formats {
		names[format] = true
	}
	for kind := range strings.SplitSeq(planreview.Kinds(), ", ") {
		names[kind] = true
	}
	for _, kind := range []planreview.Kind{planreview.KindErrored, planreview.KindMissingPermission,
		planreview.KindNotUnderstood} {
		names[string(kind)] = true
	}
	for _, action := range []planreview.Action{planreview.ActionCreate, planreview.ActionDelete, planreview.ActionReplace,
		planreview.ActionForget,
		planreview.ActionTopology, planreview.ActionUpdate, planreview.ActionMovedOutside} {
		names[string(action)] = true
	}
	for _, loss := range []planreview.LossKind{planreview.LossEnvironmentDeleted, planreview.LossEnvironmentReplaced,
		planreview.LossLayerRemoved,
		planreview.LossLayerReplaced, planreview.LossNodesRemoved, planreview.LossVolumeRemoved} {
		names[string(loss)] = true
	}
	for name := range names {
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("`%s` is not explained", name)
		}
	}
	if len(names) < 60 {
		t.Errorf("only %d names", len(names))
	}
	// The example must be a valid configuration file.
	_, example, _ := strings.Cut(readme, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	if settings, err := planreview.ParseSettings([]byte(example)); err != nil || len(settings.Gate.Allow) != 1 ||
		len(settings.Gate.Deny) == 0 {
		t.Errorf("the example of a configuration file: %v %+v", err, settings)
	}
}

// collect collects the names of a type in JSON.
func collect(typ reflect.Type, names map[string]bool) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice:
		collect(typ.Elem(), names)
	case reflect.Struct:
		for i := range typ.NumField() {
			field := typ.Field(i)
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
				names[name] = true
			}
			collect(field.Type, names)
		}
	}
}
