package environmentdata

import (
	"fmt"

	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// mirrored converts attributes of the resource's schema for a data source, either to computed attributes or to
// arguments with their validators. The framework has different types for the two schemas; so every description
// exists once.
func mirrored(attributes map[string]schema.Attribute, computed bool) map[string]datasourceschema.Attribute {
	mirror := make(map[string]datasourceschema.Attribute, len(attributes))
	for name, attribute := range attributes {
		mirror[name] = mirroredAttribute(attribute, computed)
	}
	return mirror
}

func mirroredAttribute(attribute schema.Attribute, computed bool) datasourceschema.Attribute {
	required := !computed && attribute.IsRequired()
	optional := !computed && !required
	description := attribute.GetMarkdownDescription()
	switch a := attribute.(type) {
	case schema.StringAttribute:
		return datasourceschema.StringAttribute{MarkdownDescription: description, Required: required, Optional: optional,
			Computed: computed, Validators: a.Validators}
	case schema.BoolAttribute:
		return datasourceschema.BoolAttribute{MarkdownDescription: description, Required: required, Optional: optional,
			Computed: computed, Validators: a.Validators}
	case schema.Int64Attribute:
		return datasourceschema.Int64Attribute{MarkdownDescription: description, Required: required, Optional: optional,
			Computed: computed, Validators: a.Validators}
	case schema.Float64Attribute:
		return datasourceschema.Float64Attribute{MarkdownDescription: description, Required: required, Optional: optional,
			Computed: computed, Validators: a.Validators}
	case schema.ListAttribute:
		return datasourceschema.ListAttribute{MarkdownDescription: description, ElementType: a.ElementType,
			Required: required, Optional: optional, Computed: computed, Validators: a.Validators}
	case schema.SetAttribute:
		return datasourceschema.SetAttribute{MarkdownDescription: description, ElementType: a.ElementType, Required: required,
			Optional: optional, Computed: computed, Validators: a.Validators}
	case schema.ListNestedAttribute:
		return datasourceschema.ListNestedAttribute{MarkdownDescription: description, Required: required, Optional: optional,
			Computed: computed, Validators: a.Validators,
			NestedObject: datasourceschema.NestedAttributeObject{Attributes: mirrored(a.NestedObject.Attributes, computed)}}
	case schema.SingleNestedAttribute:
		return datasourceschema.SingleNestedAttribute{MarkdownDescription: description, Required: required,
			Optional: optional, Computed: computed, Validators: a.Validators,
			Attributes: mirrored(a.Attributes, computed)}
	}
	panic(fmt.Sprintf("a %T has no counterpart in data sources yet", attribute))
}
