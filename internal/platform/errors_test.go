package platform

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCodesHaveClassAndHint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code        int
		read, write Class
		advice      string
	}{
		{1, ClassUnclassified, ClassUnclassified, "support"},
		{3, ClassInvalid, ClassInvalid, "Correct"},
		{5, ClassNotFound, ClassNotFound, "Check the name"},
		{8, ClassPermission, ClassPermission, "token's permissions"},
		{11, ClassNotFound, ClassNotFound, "Check the name"},
		{17, ClassTransient, ClassOutcomeUnknown, ""},
		{99, ClassTransient, ClassOutcomeUnknown, ""},
		{701, ClassAuthentication, ClassAuthentication, "expired"},
		{702, ClassAuthentication, ClassAuthentication, "expired"},
		{703, ClassAuthentication, ClassAuthentication, "expired"},
		{704, ClassAuthentication, ClassAuthentication, "blocked"},
		{707, ClassAuthentication, ClassAuthentication, "expired"},
		{801, ClassPermission, ClassPermission, "password"},
		{901, ClassNotFound, ClassNotFound, "Check the name"},
		{904, ClassNotAllowed, ClassNotAllowed, "quota"},
		{2207, ClassBilling, ClassBilling, "balance"},
		{2212, ClassWrongState, ClassWrongState, "Wait"},
		{2223, ClassBilling, ClassBilling, "balance"},
		{2314, ClassInvalid, ClassInvalid, "another environment name"},
		{2338, ClassNotAllowed, ClassNotAllowed, "quota"},
		{2360, ClassNotAllowed, ClassNotAllowed, "quota"},
		{2361, ClassNotAllowed, ClassNotAllowed, "quota"},
		{2362, ClassNotAllowed, ClassNotAllowed, "quota"},
		{2364, ClassNotAllowed, ClassNotAllowed, "quota"},
		{2365, ClassNotAllowed, ClassNotAllowed, "quota"},
		{2366, ClassNotAllowed, ClassNotAllowed, "quota"},
		{2372, ClassNotAllowed, ClassNotAllowed, "node type"},
		{2373, ClassNotAllowed, ClassNotAllowed, "enable it"},
		{8202, ClassPermission, ClassPermission, "token's permissions"},
		{31415, ClassUnclassified, ClassUnclassified, "support"},
	} {
		t.Run(fmt.Sprint(c.code), func(t *testing.T) {
			t.Parallel()
			client := inProcess(t, http.StatusOK,
				fmt.Sprintf(`{"result":%d,"error":"the words","source":"JEL","reason":7}`, c.code))
			err := client.CheckMigration(t.Context(), "shop", "north")
			e := expectError(t, err, c.read, "environment/control/checkmigrationpossibility", `"shop"`,
				fmt.Sprintf("code %d: the words", c.code), c.advice)
			want := *e
			want.Code, want.Words, want.Source, want.Reason, want.HTTPStatus = c.code, "the words", "JEL", 7, http.StatusOK
			if diff := cmp.Diff(want, *e); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			err = client.Migrate(t.Context(), MigrateRequest{Environment: "shop", Region: "north"})
			wantError(t, err, c.write, "environment/control/migrate", fmt.Sprintf("code %d", c.code))
		})
	}
}

func TestEnvelopeForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		code int // effective; 0 with a class means no code
		read Class
		part string
	}{
		"plain":                 {body: `{"result":0}`},
		"nested success":        {body: `{"result":0,"response":{"result":0,"name":"x"}}`},
		"old wrapped":           {body: `{"response":{"result":0}}`},
		"old wrapped null":      {body: `{"result":null,"response":{"result":0}}`},
		"number as text":        {body: `{"result":"0"}`},
		"response without one":  {body: `{"result":0,"response":{"models":[]}}`},
		"response is a text":    {body: `{"result":0,"response":"done"}`},
		"old platform's extras": {body: `{"result":0,"time":12,"debug":{"time":1,"cpu":{"usage":"2"}}}`},
		"space around":          {body: " \r\n{\"result\":0}\n "},
		"outer failure":         {`{"result":2212,"error":"outer"}`, 2212, ClassWrongState, "outer"},
		"inner failure": {`{"result":0,"response":{"result":2338,"source":"JEL","error":"account limit reached"}}`,
			2338, ClassNotAllowed, "account limit reached"},
		"outer before inner": {`{"result":2212,"error":"outer","response":{"result":2338,"error":"inner"}}`, 2212,
			ClassWrongState, "outer"},
		"old wrapped failure":   {`{"response":{"result":2373,"error":"not here"}}`, 2373, ClassNotAllowed, "not here"},
		"failure without words": {`{"result":2373}`, 2373, ClassNotAllowed, "without a message"},
		"code in HTTP 500":      {`{"result":2373,"error":"x"}`, 2373, ClassNotAllowed, "x"},
		"no result":             {`{"env":{}}`, 0, ClassMalformed, "no result"},
		"result is an object":   {`{"result":{}}`, 0, ClassMalformed, "not a number"},
		"result is a fraction":  {`{"result":0.5}`, 0, ClassMalformed, "not a number"},
		"an array":              {`[1]`, 0, ClassMalformed, "not JSON"},
		"nothing":               {``, 0, ClassMalformed, "empty body"},
		"HTML":                  {`<html><title>Welcome</title>`, 0, ClassMalformed, "<html>"},
		"cut off":               {`{"result":0,"array":[{"uniq`, 0, ClassMalformed, "breaks off"},
		"trailing rubbish":      {`{"result":0} trailing`, 0, ClassMalformed, "not JSON"},
		"gateway by a dashboard": {`{"result":504,"source":"server","error":"HTTP transport error"}`, 0, ClassTransient,
			"gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := http.StatusOK
			if strings.Contains(name, "500") {
				status = http.StatusInternalServerError
			}
			client := inProcess(t, status, c.body)
			err := client.CheckMigration(t.Context(), "shop", "north")
			writeErr := client.StopEnvironment(t.Context(), "shop")
			if c.part == "" {
				if err != nil || writeErr != nil {
					t.Fatalf("got %v and %v, want success", err, writeErr)
				}
				return
			}
			if e := expectError(t, err, c.read, c.part); e.Code != c.code {
				t.Errorf("code %d, want %d", e.Code, c.code)
			}
			if c.code == 0 { // a write that got no real answer may have happened
				wantError(t, writeErr, ClassOutcomeUnknown, c.part, "may have taken effect")
			}
		})
	}
}

func TestHTTPStatuses(t *testing.T) {
	t.Parallel()
	for status, c := range map[int]struct{ read, write Class }{
		200: {ClassMalformed, ClassOutcomeUnknown},
		302: {ClassUntrusted, ClassOutcomeUnknown},
		400: {ClassMalformed, ClassOutcomeUnknown},
		401: {ClassMalformed, ClassOutcomeUnknown},
		403: {ClassMalformed, ClassOutcomeUnknown},
		404: {ClassMalformed, ClassOutcomeUnknown},
		408: {ClassTransient, ClassOutcomeUnknown},
		429: {ClassTransient, ClassOutcomeUnknown},
		499: {ClassMalformed, ClassOutcomeUnknown},
		500: {ClassTransient, ClassOutcomeUnknown},
		502: {ClassTransient, ClassOutcomeUnknown},
		503: {ClassTransient, ClassOutcomeUnknown},
		504: {ClassTransient, ClassOutcomeUnknown},
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			client := inProcess(t, status, "<html>\x1b[31mno\u202e</html>")
			_, err := client.Regions(t.Context())
			e := expectError(t, err, c.read, fmt.Sprintf("HTTP status %d", status))
			if strings.ContainsAny(err.Error(), "\x1b\u202e\n") || e.HTTPStatus != status {
				t.Errorf("unclean or wrong: %q", err)
			}
			e = expectError(t, client.DeleteEnvironment(t.Context(), "shop"), c.write, "environment/control/deleteenv",
				"may have taken effect", fmt.Sprintf("HTTP status %d", status))
			if e.HTTPStatus != status {
				t.Errorf("HTTP status %d of a write, want %d", e.HTTPStatus, status)
			}
		})
	}
}

// If something other than the platform answers a write, the hint says that the write may have taken effect and what
// to check first.
func TestHintsOfUnknownOutcomes(t *testing.T) {
	t.Parallel()
	const effect, endpoint, rate = "may have taken effect", "VAP_ENDPOINT", "requests_per_second"
	for status, want := range map[int][]string{
		200: {effect}, 302: {effect, endpoint}, 403: {effect, endpoint}, 404: {effect, endpoint}, 408: {effect}, 429: {effect,
			rate}, 499: {effect}, 502: {effect},
	} {
		hint := Hint(inProcess(t, status, "<html>").StopEnvironment(t.Context(), "shop"))
		for _, part := range []string{effect, endpoint, rate} {
			if strings.Contains(hint, part) != slices.Contains(want, part) {
				t.Errorf("%d: the hint %q has %q or lacks it", status, hint, part)
			}
		}
	}
	err := inProcess(t, http.StatusForbidden, `{"result":0}`).StopEnvironment(t.Context(), "shop")
	wantError(t, err, ClassOutcomeUnknown, "contradicts")
	if err := inProcess(t, http.StatusTooManyRequests, "").StopEnvironment(t.Context(), "shop"); !IsThrottled(err) ||
		!IsOutcomeUnknown(err) {
		t.Errorf("a throttled write: %v", err)
	}
}

// Only one code means that an environment does not exist, and only in an answer of the platform.
func TestMissing(t *testing.T) {
	t.Parallel()
	for body, c := range map[string]struct{ missing, notBound bool }{
		`{"result":11}`: {true, false}, `{"result":0,"response":{"result":11}}`: {true, false}, `{"result":2322}`: {false,
			true},
		`{"result":5}`: {}, `{"result":901}`: {}, `{"result":99}`: {}, `{"result":702}`: {}, `<html>11`: {},
	} {
		client := inProcess(t, http.StatusOK, body)
		_, err := client.Environment(t.Context(), "shop")
		for _, err := range []error{err, client.DeleteEnvironment(t.Context(), "shop")} {
			if IsMissing(err) != c.missing || IsNotBound(err) != c.notBound {
				t.Errorf("%s: missing %t, not bound %t: %v", body, IsMissing(err), IsNotBound(err), err)
			}
		}
	}
	_, err := inProcess(t, http.StatusNotFound, "<html>").Environment(t.Context(), "shop")
	if IsMissing(err) || IsMissing(nil) || IsMissing(errors.New("x")) {
		t.Error("a foreign response counts as a missing environment")
	}
}

// A server may repeat the token anywhere: in its message, in a page, in a redirect. Broken answers may contain
// passwords.
func TestErrorsHideSecrets(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"words": `{"result":702,"error":"not authenticated (session [` + testToken + `] not exist)","source":"` +
			testToken + `"}`,
		"page":      `<html>` + testToken + `</html>`,
		"at a cut":  `<html>` + strings.Repeat("x", excerptLimit-10) + testToken + `</html>`,
		"split":     "<html>" + testToken[:9] + "\x00" + testToken[9:],
		"long":      `{"result":1,"error":"` + strings.Repeat("y", wordsLimit-8) + testToken + `"}`,
		"no result": `{"session":"` + testToken + `"}`,
		"password":  `{"nodes":[{"password":"hunter2","id":1}`,
		"cut there": `{"rootPassword" : "hunt`,
		"escaped":   `{"passwd":"hun\"ter2", "id":[`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := inProcess(t, http.StatusOK, body)
			err := client.CheckMigration(t.Context(), "shop", "north")
			text := fmt.Sprintf("%v %#v", err, err)
			for _, secret := range []string{testToken, testToken[:9], "hunt", `hun\`, "ter2"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is in %s", secret, text)
				}
			}
			if len(err.Error()) > 2*wordsLimit+200 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestHelpersWithOtherErrors(t *testing.T) {
	t.Parallel()
	other := errors.New("x")
	if ClassOf(other) != ClassUnclassified || Hint(other) != "" || IsNotFound(other) || IsNotFound(nil) {
		t.Error("an error of another package got a class")
	}
	wrapped := fmt.Errorf("reading: %w", &Error{Class: ClassNotFound})
	if !IsNotFound(wrapped) || IsWrongState(wrapped) || Hint(wrapped) == "" {
		t.Error("a wrapped error lost its class")
	}
	throttled := &Error{Class: ClassTransient, HTTPStatus: 429}
	if !IsThrottled(throttled) || IsThrottled(other) || IsThrottled(wrapped) ||
		!strings.Contains(Hint(throttled), "requests_per_second") {
		t.Errorf("the hint of a 429: %q", Hint(throttled))
	}
}
