package platform

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/platform/wire"
)

// Class is the kind of a failure. Callers decide by it.
type Class int

// Classes of errors. classOfCode has the platform's numbers for each.
const (
	// ClassUnclassified: the platform reports a failure with a code that this client does not know.
	ClassUnclassified Class = iota
	// ClassAuthentication: the token is missing, unknown, expired or revoked.
	ClassAuthentication
	// ClassPermission: the token or the account's role does not allow the method.
	ClassPermission
	// ClassNotFound: the platform says that something does not exist. The code tells what; see IsMissing and
	// IsNotBound.
	ClassNotFound
	// ClassWrongState: the environment's current status does not allow the operation, possibly for a short time only.
	ClassWrongState
	// ClassNotAllowed: a quota is reached, or the hosting provider does not allow the operation for this account.
	ClassNotAllowed
	// ClassInvalid: the platform rejects a parameter, for example because the name is taken.
	ClassInvalid
	// ClassBilling: the account's billing rejects the operation.
	ClassBilling
	// ClassTransient: nothing happened, and the same call may succeed later. The server cannot be reached, does not
	// answer a read, or is too busy for it. Cancelled contexts have this class too; errors.Is tells them apart.
	ClassTransient
	// ClassOutcomeUnknown: a write was sent, and the platform's own answer did not come back. The answer is missing, a
	// gateway's page, a redirect, or a request to slow down. The write may have taken effect, may still be running, or
	// may never have arrived; only looking at the platform tells.
	ClassOutcomeUnknown
	// ClassMalformed: the answer to a read is not one of this API. The endpoint is probably wrong.
	ClassMalformed
	// ClassUntrusted: the server's certificate is not trusted, the server does not speak TLS, or it redirects a read.
	// Nothing was changed, and repeating does not help.
	ClassUntrusted
)

var classNames = map[Class]string{
	ClassUnclassified: "unclassified", ClassAuthentication: "authentication", ClassPermission: "permission",
	ClassNotFound: "not found", ClassWrongState: "wrong state", ClassNotAllowed: "not allowed",
	ClassInvalid: "invalid", ClassBilling: "billing", ClassTransient: "transient",
	ClassOutcomeUnknown: "outcome unknown", ClassMalformed: "malformed", ClassUntrusted: "untrusted",
}

// String returns the class in words.
func (c Class) String() string { return classNames[c] }

// Error is a failed call of the platform. Its text has the platform's code and words, the method, the environment and
// what the user can do; it never has the token.
type Error struct {
	Class Class
	// Code is the platform's result code, 0 if there was none.
	Code int
	// Words is the platform's own text, without control characters and limited in length. The platform translates it,
	// and it changes between versions: show it, never match on it.
	Words  string
	Source string // the component of the platform that failed, as sent
	Reason int    // the platform's undocumented detailed code, 0 if absent
	// Method is the path of the method, for example environment/control/migrate.
	Method      string
	Environment string // name, "" for calls that are not about one environment
	HTTPStatus  int    // 0 if there was no HTTP answer
	Cause       error  // a failure below the API, such as a connection error, without any request parameters
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Method)
	if e.Environment != "" {
		fmt.Fprintf(&b, " of %q", e.Environment)
	}
	b.WriteString(": ")
	fact := e.Fact()
	b.WriteString(fact)
	if hint := Hint(e); hint != "" {
		if !strings.HasSuffix(fact, "?") && !strings.HasSuffix(fact, "!") {
			b.WriteString(".")
		}
		b.WriteString(" " + hint)
	}
	return b.String()
}

// Fact returns what went wrong, without method and advice: the platform's code and words, or the cause.
func (e *Error) Fact() string {
	words := strings.TrimRight(e.Words, ". ")
	switch {
	case e.Code != 0 && words != "":
		return fmt.Sprintf("the platform answered with code %d: %s", e.Code, words)
	case e.Code != 0:
		return fmt.Sprintf("the platform answered with code %d without a message", e.Code)
	case e.Cause != nil:
		return strings.TrimRight(e.Cause.Error(), ". ")
	case e.HTTPStatus != 0:
		return fmt.Sprintf("HTTP status %d", e.HTTPStatus)
	}
	return e.Class.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// ConfigError reports an invalid field of Config.
type ConfigError struct {
	Field   string // name of the field of Config
	Message string // a sentence that does not name the field
}

// Error implements error.
func (e *ConfigError) Error() string { return e.Field + ": " + e.Message }

// ClassOf returns the class of an error of this package, ClassUnclassified for any other error.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ClassUnclassified
}

// IsAuthentication reports whether the platform rejects the token.
func IsAuthentication(err error) bool { return ClassOf(err) == ClassAuthentication }

// IsPermission reports whether the token or the account has no right to call the method.
func IsPermission(err error) bool { return ClassOf(err) == ClassPermission }

// IsNotFound reports whether the platform says that something does not exist. It does not tell whether an environment
// exists; IsMissing does.
func IsNotFound(err error) bool { return ClassOf(err) == ClassNotFound }

// IsMissing reports whether the platform itself says that there is no environment of this name. Other codes of
// ClassNotFound are about other objects or do not tell what is missing.
func IsMissing(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == wire.ResultAppNotFound
}

// IsWrongState reports whether the environment's current status does not allow the operation.
func IsWrongState(err error) bool { return ClassOf(err) == ClassWrongState }

// IsNotAllowed reports whether a quota or the hosting provider forbids the operation.
func IsNotAllowed(err error) bool { return ClassOf(err) == ClassNotAllowed }

// IsTransient reports whether nothing happened and the same call may succeed later.
func IsTransient(err error) bool { return ClassOf(err) == ClassTransient }

// IsThrottled reports whether the platform asks for fewer requests. A read has then failed even after the pauses that
// the platform asked for; the outcome of a write is unknown even so.
func IsThrottled(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.HTTPStatus == http.StatusTooManyRequests
}

// IsRefusal reports whether the platform refused the request itself. It is false if the platform was not reached, did
// not understand the request, or rejected the token.
func IsRefusal(err error) bool {
	switch ClassOf(err) {
	case ClassUnclassified, ClassNotFound, ClassWrongState, ClassNotAllowed, ClassInvalid, ClassBilling:
		var e *Error
		return errors.As(err, &e)
	}
	return false
}

// IsNameTaken reports whether the platform refuses a new environment because its name is taken. That the code means
// this is unverified.
func IsNameTaken(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == wire.ResultNameTaken
}

// IsOutcomeUnknown reports whether a write was sent and the platform's own answer did not come back.
func IsOutcomeUnknown(err error) bool { return ClassOf(err) == ClassOutcomeUnknown }

// IsMalformed reports whether the answer to a read was not one of the platform's API.
func IsMalformed(err error) bool { return ClassOf(err) == ClassMalformed }

// Hint returns what the user can do about an error, in one or two sentences; "" if there is no advice.
func Hint(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return ""
	}
	if hint, ok := hintOfCode[e.Code]; ok {
		return hint
	}
	advice := hintOfClass[e.Class]
	switch {
	case e.Class == ClassOutcomeUnknown && e.Code == 0 && e.HTTPStatus == http.StatusTooManyRequests:
		return advice + ". " + hintThrottled
	case e.Class == ClassOutcomeUnknown && e.Code == 0 && wrongAddress(e.HTTPStatus):
		return advice + ". " + hintOfClass[ClassMalformed]
	case e.HTTPStatus == http.StatusTooManyRequests:
		return hintThrottled
	case e.Class == ClassTransient && e.Code == 0:
		return hintUnreachable
	}
	return advice
}

// wrongAddress reports whether an HTTP status suggests that the endpoint is not the platform's API.
func wrongAddress(status int) bool {
	const clientClosedRequest = 499 // of nginx
	return status >= 300 && status < 500 && status != http.StatusRequestTimeout && status != clientClosedRequest
}
