package platform

import (
	"errors"
	"net/http"
	"testing"
	"time"
	"unicode"
)

// FuzzAnswer puts arbitrary answers before every method: none may panic or hang, errors are *Error, and their texts
// are fit to be shown.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `<html>502 Bad Gateway</html>`, `{"result":0}`, `{"response":{"result":0}}`,
		`{"result":0,"response":{"result":2338,"error":"limit"}}`, `{"result":"99","error":7,"source":[],"reason":"x"}`,
		shopAnswer, `{"response":` + shopAnswer + `}`, `{"result":0,"infos":[` + shopAnswer + `]}`,
		`{"result":0,"array":[{"uniqueName":"dc","hardNodeGroups":[{"uniqueName":"r","isEnabled":1,"vTypes":"CT"}]}]}`,
		`{"result":0,"array":[{"id":5,"text":"{\"env\":\"shop\"}","result":0,"action":{"id":83},"startDate":"2026-01-02 03:04:05"}],"object":1767323045000}`,
		`{"result":0,"array":[{"hardNodeGroup":"n","tariffPlans":[{"type":"FIXED","keyword":"cloudlets","tiers":[{"value":1e308,"price":"1e400"}]}]}]}`,
		`{"result":0,"response":{"models":[{"isDefault":"yes","tariffPlans":[{"type":4,"keyword":"storage","tiers":[{"value":null}]}]}]}}`,
		`{"result":0,"env":{"envName":"x"},"mountpoints":{"/a":[1,null,"x"],"cp":{"path":{}}},"nodes":[{"id":1e3,"extIPs":{"ipAddress":"::1"},"customitem":"{"}]}`,
		`{"result":0,"array":[{"uniqueName":`, "{\"result\":1,\"error\":\"\u202e\x00\"}",
	} {
		f.Add(http.StatusOK, []byte(seed))
	}
	f.Add(http.StatusBadGateway, []byte("<html>"))
	f.Add(http.StatusFound, []byte(""))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		client := testClient(t, Config{Retry: RetryPolicy{Attempts: 1}, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return answer(status, string(body)), nil
		})})
		ctx := t.Context()
		var errs []error
		keep := func(_ any, err error) { errs = append(errs, err) }
		keep(client.CurrentUser(ctx))
		keep(client.Regions(ctx))
		keep(client.Environment(ctx, "shop"))
		keep(client.Environments(ctx))
		keep(client.CreateEnvironment(ctx, EnvironmentSpec{Name: "shop"}))
		keep(client.CurrentActions(ctx))
		keep(client.PastActions(ctx, time.Time{}, 0))
		keep(client.ServerTime(ctx))
		keep(client.Prices(ctx))
		keep(nil, client.CheckMigration(ctx, "shop", "north"))
		keep(nil, client.Migrate(ctx, MigrateRequest{Environment: "shop", Region: "north"}))
		for _, err := range errs {
			var e *Error
			if err == nil {
				continue
			}
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			for _, c := range e.Error() {
				if unicode.IsControl(c) {
					t.Fatalf("control character in %q", e.Error())
				}
			}
		}
	})
}
