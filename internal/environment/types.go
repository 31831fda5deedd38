package environment

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// typed gives nested attributes the types that they have anyway. The framework makes them anew each time that it asks for
// one, and it asks for each of them at each step of its way through a value.
func typed(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case schema.SingleNestedAttribute:
			typed(a.Attributes)
			if a.CustomType == nil {
				a.CustomType = a.GetType().(basetypes.ObjectTypable)
			}
			attributes[name] = a
		case schema.ListNestedAttribute:
			typed(a.NestedObject.Attributes)
			a.NestedObject.CustomType = a.NestedObject.Type()
			a.CustomType = a.GetType().(basetypes.ListTypable)
			attributes[name] = a
		case schema.MapNestedAttribute:
			typed(a.NestedObject.Attributes)
			a.NestedObject.CustomType = a.NestedObject.Type()
			a.CustomType = a.GetType().(basetypes.MapTypable)
			attributes[name] = a
		}
	}
	return attributes
}
