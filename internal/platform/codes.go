package platform

import "github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"

// classOfCode maps the platform's result codes to classes. The platform publishes no table of them; README.md says how
// certain each number is.
var classOfCode = map[int]Class{
	wire.ResultInvalidParameter: ClassInvalid,
	wire.ResultNameTaken:        ClassInvalid,
	wire.ResultDomainBusy:       ClassInvalid,

	wire.ResultAuthenticationFailed: ClassAuthentication,
	wire.ResultNotAuthenticated:     ClassAuthentication,
	wire.ResultUserNotFound:         ClassAuthentication,
	wire.ResultUserBlocked:          ClassAuthentication,
	wire.ResultWrongLogin:           ClassAuthentication,

	wire.ResultPermissionDenied:       ClassPermission,
	wire.ResultMissingTokenPermission: ClassPermission,
	wire.ResultWrongPassword:          ClassPermission,

	wire.ResultObjectNotFound:      ClassNotFound,
	wire.ResultAppNotFound:         ClassNotFound,
	wire.ResultEnvironmentNotFound: ClassNotFound,
	wire.ResultDomainNotFound:      ClassNotFound,

	wire.ResultWrongStatus: ClassWrongState,

	wire.ResultTooManyApplications: ClassNotAllowed,
	wire.ResultQuotaLimit:          ClassNotAllowed,
	wire.ResultMaxEnvironments:     ClassNotAllowed,
	wire.ResultOverCloudlets:       ClassNotAllowed,
	wire.ResultHANotAllowed:        ClassNotAllowed,
	wire.ResultVDSNotAllowed:       ClassNotAllowed,
	wire.ResultMaxNodes:            ClassNotAllowed,
	wire.ResultMaxSameNodes:        ClassNotAllowed,
	2369:                           ClassNotAllowed, // export and import not allowed
	wire.ResultNodeTypeNotAllowed:  ClassNotAllowed,
	wire.ResultMigrationNotAllowed: ClassNotAllowed,
	wire.ResultEndpointsNotAllowed: ClassNotAllowed,
	10001:                          ClassNotAllowed, // beta users only

	wire.ResultExternalBilling:   ClassBilling,
	wire.ResultRejectedByBilling: ClassBilling,

	wire.ResultIOTimeout:    ClassTransient,
	wire.ResultUnknownError: ClassTransient,
}

var hintOfClass = map[Class]string{
	ClassUnclassified: "The provider does not know this code; ask the hosting provider's support what it means",
	ClassAuthentication: "Check that the token (token or VAP_TOKEN) was created in the dashboard of this endpoint and " +
		"has not expired or been revoked",
	ClassPermission: "Add this method to the token's permissions (token or VAP_TOKEN) in the dashboard, or ask the " +
		"environment's owner for the role that includes it",
	ClassNotFound: "Check the name, " +
		"and that the token belongs to the account that owns the environment or shares it",
	ClassWrongState:     "Wait until the environment is running or stopped and nothing else works on it, then try again",
	ClassNotAllowed:     "Ask the hosting provider to raise the quota or to allow this for the account",
	ClassInvalid:        "Correct the value the platform complains about",
	ClassBilling:        "Check the account's balance and billing status in the dashboard",
	ClassTransient:      "Try again in a few minutes; if it stays, ask the hosting provider",
	ClassOutcomeUnknown: "The request was sent and may have taken effect: look at the environment before repeating it",
	ClassMalformed: "Check the endpoint (endpoint or VAP_ENDPOINT): it must be the address of the platform's " +
		"dashboard, such as https://app.paas.example.com",
	ClassUntrusted: "Check the endpoint (endpoint or VAP_ENDPOINT); where a private authority signs the platform's " +
		"certificate, give the authority's certificate as PEM (ca_certificate or VAP_CA_CERTIFICATE)",
}

const hintUnreachable = "Check the endpoint (endpoint or VAP_ENDPOINT), the network and HTTPS_PROXY; if they are " +
	"right, try again in a few minutes"

const hintThrottled = "The platform wants fewer requests: lower the provider's requests_per_second, or try again later"

var hintOfCode = map[int]string{
	wire.ResultNameTaken:              "Choose another environment name: the name is unique on the whole platform",
	wire.ResultDomainBusy:             "Remove the domain where it is bound: it can be bound once on the whole platform",
	wire.ResultDomainNotFound:         "The domain is not bound to this environment; nothing has to be removed",
	wire.ResultMissingTokenPermission: "Add this method to the token's permissions (token or VAP_TOKEN) in the dashboard",
	wire.ResultMigrationNotAllowed: "The hosting provider does not allow this migration; ask its support to enable " +
		"it for the account and the regions",
	wire.ResultNodeTypeNotAllowed: "Check the node type; this account or region may not offer it",
	wire.ResultUserBlocked:        "The account is blocked; ask the hosting provider",
	wire.ResultWrongPassword: "The platform wants this operation to be confirmed with a password, which a token " +
		"cannot give; do it in the dashboard, or ask the hosting provider to change the confirmation",
}

// classify returns the class of a non-zero result code. A write that failed with a transient code may have taken
// effect before the failure, so nobody knows its outcome.
func classify(code int, isWrite bool) Class {
	class, ok := classOfCode[code]
	if !ok {
		return ClassUnclassified
	}
	if class == ClassTransient && isWrite {
		return ClassOutcomeUnknown
	}
	return class
}
