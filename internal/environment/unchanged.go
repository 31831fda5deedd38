package environment

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// TypeName is the name of the resource in configurations.
const TypeName = "vap_environment"

// IsNoOp reports whether the plan of an environment has nothing to decide: Terraform proposes the state byte by byte,
// the state has no planned migration that the plan would remove, and no check of a migration must be repeated.
// ModifyPlan then plans the state without a diagnostic. IsNoOp runs for thousands of environments, so it decodes
// nothing else.
func IsNoOp(prior, proposed *tfprotov6.DynamicValue) bool {
	if prior == nil || proposed == nil || len(prior.MsgPack) == 0 || !bytes.Equal(prior.MsgPack, proposed.MsgPack) {
		return false
	}
	planned, err := encodedAttribute(prior.MsgPack, "planned_migration")
	if err != nil || !isNull(planned) {
		return false
	}
	last, err := encodedAttribute(prior.MsgPack, "last_migration")
	if err != nil {
		return false
	}
	if isNull(last) {
		return true
	}
	verified, err := encodedAttribute(last, "verified")
	return err == nil && (len(verified) != 1 || verified[0] != msgpcode.False)
}

func isNull(encoded []byte) bool { return len(encoded) == 1 && encoded[0] == msgpcode.Nil }

// encodedAttribute finds an attribute of an object without decoding the others.
func encodedAttribute(object []byte, name string) ([]byte, error) {
	decoder := msgpack.NewDecoder(bytes.NewReader(object))
	attributes, err := decoder.DecodeMapLen()
	for range attributes {
		key, err := decoder.DecodeString()
		if err != nil {
			return nil, err
		}
		if key == name {
			return decoder.DecodeRaw()
		}
		if err := decoder.Skip(); err != nil {
			return nil, err
		}
	}
	return nil, cmp.Or(err, fmt.Errorf("no attribute %s", name))
}

var stateSchema = sync.OnceValue(func() schema.Schema { return resourceSchema(context.Background()) })

var stateValueType = sync.OnceValue(func() attr.Type { return stateSchema().Type() })

var stateType = sync.OnceValue(func() tftypes.Type { return stateValueType().TerraformType(context.Background()) })

// IsCurrent reports whether a stored state has the current schema and no attribute that the schema lacks.
func IsCurrent(version int64, stored *tfprotov6.RawState) bool {
	if stored == nil || len(stored.JSON) == 0 || version != stateSchema().Version {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(stored.JSON))
	decoder.UseNumber()
	var state any
	if decoder.Decode(&state) != nil {
		return false
	}
	_, err := decoder.Token()
	return errors.Is(err, io.EOF) && conforms(state, stateType())
}

// conforms reports whether a value decoded from JSON has a type without conversion. To decode it as values of that
// type, as the framework does, takes several times as long.
func conforms(decoded any, typ tftypes.Type) bool {
	switch decoded := decoded.(type) {
	case nil:
		return true
	case string:
		return typ.Is(tftypes.String)
	case bool:
		return typ.Is(tftypes.Bool)
	case json.Number:
		return typ.Is(tftypes.Number)
	case []any:
		return allConform(slices.Values(decoded), elementType(typ))
	case map[string]any:
		if object, ok := typ.(tftypes.Object); ok {
			return attributesConform(decoded, object)
		}
		if m, ok := typ.(tftypes.Map); ok {
			return allConform(maps.Values(decoded), m.ElementType)
		}
	}
	return false
}

// elementType is the type of the elements of a list or a set; nil for other types.
func elementType(typ tftypes.Type) tftypes.Type {
	switch typ := typ.(type) {
	case tftypes.List:
		return typ.ElementType
	case tftypes.Set:
		return typ.ElementType
	}
	return nil
}

func allConform(elements iter.Seq[any], typ tftypes.Type) bool {
	if typ == nil {
		return false
	}
	for one := range elements {
		if !conforms(one, typ) {
			return false
		}
	}
	return true
}

func attributesConform(decoded map[string]any, object tftypes.Object) bool {
	for name, one := range decoded {
		if attribute, known := object.AttributeTypes[name]; !known || !conforms(one, attribute) {
			return false
		}
	}
	return true
}
