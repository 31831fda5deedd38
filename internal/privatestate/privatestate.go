// Package privatestate stores values in private state, which Terraform keeps beside a resource and does not show.
package privatestate

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Reader reads private state.
type Reader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// Writer writes private state.
type Writer interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// Store saves a value under a key. It removes the key for a zero value, so that private state, which Terraform
// compares to detect changes, does not depend on which operation wrote it last.
func Store(ctx context.Context, private Writer, key string, value any) diag.Diagnostics {
	if reflect.ValueOf(value).IsZero() {
		return private.SetKey(ctx, key, nil)
	}
	data, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{NotEncoded(err)}
	}
	return private.SetKey(ctx, key, data)
}

// NotEncoded is the error of a value that cannot be stored.
func NotEncoded(err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot store what was read",
		"It could not be encoded: "+err.Error()+". Please report this to the provider's developers.")
}
