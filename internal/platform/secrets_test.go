package platform

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// A platform may quote a parameter that it rejects, and proxies may quote requests that they do not understand. Both
// may repeat secrets.
func TestErrorsHideSentSecrets(t *testing.T) {
	t.Parallel()
	const secret = `p4ss "word" & more`
	answers := map[string]string{
		"plain": `{"result":3,"error":` + strconv.Quote("invalid parameter: "+secret) + `}`,
		"as sent": `{"result":3,"error":` +
			jsonText("invalid parameter: ["+jsonText(map[string]string{"x": secret})+"]") + `}`,
		"as others do":  `{"result":3,"error":` + jsonText(strconv.Quote(secret)) + `}`,
		"as a form":     "<html>" + url.QueryEscape(jsonText(secret)) + "</html>",
		"twice in JSON": `{"result":3,"error":` + jsonText(jsonText(jsonText(secret))) + `}`,
	}
	writes := map[string]func(context.Context, *Client) error{
		"variables": func(ctx context.Context, c *Client) error {
			return c.SetVariables(ctx, "shop", "cp", map[string]string{"A": secret, "B": secret[:7]})
		},
		"a new environment": func(ctx context.Context, c *Client) error {
			_, err := c.CreateEnvironment(ctx,
				EnvironmentSpec{Name: "shop",
					NodeGroups: []NodeGroupSpec{{Env: map[string]string{"A": "x"}, RegistryPassword: secret}}})
			return err
		},
		"another topology": func(ctx context.Context, c *Client) error {
			topology := &Topology{}
			topology.Put(NodeGroupSpec{Name: "cp", RegistryPassword: secret})
			return c.ChangeTopology(ctx, topology)
		},
	}
	for form, body := range answers {
		for what, write := range writes {
			err := write(t.Context(), inProcess(t, http.StatusOK, body))
			if err == nil {
				t.Fatalf("%s: no error", what)
			}
			for _, part := range []string{"p4ss", "word", "more"} {
				if strings.Contains(err.Error(), part) {
					t.Errorf("%s, quoted %s: %q is in %v", what, form, part, err)
				}
			}
		}
	}
	// The control: a call that did not send the value shows the same answer unchanged.
	if err := inProcess(t, http.StatusOK, answers["plain"]).StopEnvironment(t.Context(),
		"shop"); !strings.Contains(err.Error(), "p4ss") {
		t.Errorf("the unredacted error does not contain the value: %v", err)
	}
	// Values that are too short to recognize, or blank, do not change messages.
	err := inProcess(t, http.StatusOK, `{"result":3,"error":"the value 1 is wrong"}`).SetVariables(t.Context(), "shop",
		"cp", map[string]string{"A": "1", "B": "", "C": strings.Repeat(" ", 9)})
	wantError(t, err, ClassInvalid, "the value 1 is wrong")
}

// Answers to these calls contain secrets, so unreadable parts of them are not shown.
func TestBrokenResponsesWithSecretsAreNotQuoted(t *testing.T) {
	t.Parallel()
	for what, call := range map[string]func(context.Context, *Client) error{
		"variables": func(ctx context.Context, c *Client) error { _, err := c.Variables(ctx, "shop", "cp"); return err },
		"new environment": func(ctx context.Context, c *Client) error {
			_, err := c.CreateEnvironment(ctx, EnvironmentSpec{Name: "shop"})
			return err
		},
		"another topology": func(ctx context.Context, c *Client) error { return c.ChangeTopology(ctx, &Topology{}) },
	} {
		for _, body := range []string{`{"object":{"DB_CRED":"hunter2"`, `x {"object":{"DB_CRED":"hunter2"}}`,
			`{"object":{"DB_CRED":"hunter2"}}`} {
			if err := call(t.Context(), inProcess(t, http.StatusOK, body)); err == nil ||
				strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := call(t.Context(), inProcess(t, http.StatusOK, "<html>Maintenance")); !strings.Contains(err.Error(),
			"Maintenance") {
			t.Errorf("%s: a page is not shown: %v", what, err)
		}
	}
	for _, body := range []string{`{"text":"{\"password\":\"hunter2\",`, `{"password":12345678}`, `{"pass": hunter2`} {
		err := inProcess(t, http.StatusOK, body).StopEnvironment(t.Context(), "shop")
		if text := err.Error(); strings.Contains(text, "hunter2") || strings.Contains(text, "1234") {
			t.Errorf("%s: %s", body, text)
		}
	}
}

func TestRedirectsToTokenAreHidden(t *testing.T) {
	t.Parallel()
	client := testClient(t, Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		response := answer(http.StatusFound, "")
		response.Header.Set("Location", "https://"+testToken+"."+strings.Repeat("x", 5000)+".example.test/")
		return response, nil
	})})
	if err := client.StopEnvironment(t.Context(), "shop"); strings.Contains(fmt.Sprintf("%v %#v", err, err), testToken) ||
		len(err.Error()) > 1000 {
		t.Error(err)
	}
}
