package main

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// plainAll is attributes without validators and plan modifiers, which are code of the real provider.
func plainAll(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	all := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		all[name] = plain(attribute)
	}
	return all
}

func plain(attribute schema.Attribute) schema.Attribute {
	switch a := attribute.(type) {
	case schema.StringAttribute:
		a.Validators, a.PlanModifiers = nil, nil
		return a
	case schema.BoolAttribute:
		a.Validators, a.PlanModifiers = nil, nil
		return a
	case schema.Int64Attribute:
		a.Validators, a.PlanModifiers = nil, nil
		return a
	case schema.Float64Attribute:
		a.Validators, a.PlanModifiers = nil, nil
		return a
	case schema.ListAttribute:
		a.Validators, a.PlanModifiers = nil, nil
		return a
	case schema.SetAttribute:
		a.Validators, a.PlanModifiers = nil, nil
		return a
	case schema.MapAttribute:
		a.Validators, a.PlanModifiers = nil, nil
		return a
	case schema.SingleNestedAttribute:
		a.Validators, a.PlanModifiers, a.Attributes = nil, nil, plainAll(a.Attributes)
		return a
	case schema.ListNestedAttribute:
		a.Validators, a.PlanModifiers, a.NestedObject = nil, nil, plainObject(a.NestedObject)
		return a
	case schema.MapNestedAttribute:
		a.Validators, a.PlanModifiers, a.NestedObject = nil, nil, plainObject(a.NestedObject)
		return a
	case schema.SetNestedAttribute:
		a.Validators, a.PlanModifiers, a.NestedObject = nil, nil, plainObject(a.NestedObject)
		return a
	}
	panic(fmt.Sprintf("the smallest provider does not know attributes of the type %T", attribute))
}

func plainObject(object schema.NestedAttributeObject) schema.NestedAttributeObject {
	return schema.NestedAttributeObject{Attributes: plainAll(object.Attributes)}
}
