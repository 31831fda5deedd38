package platform

import (
	"errors"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

func IsMissing(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == wire.ResultAppNotFound
}
