package platform

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// One byte of an answer may need hundreds in memory. Answers that would need too much are refused; others use at most
// a fixed multiple of their size. Parallel tests would be measured too, so this test is not parallel.
func TestMemoryOfResponsesIsBounded(t *testing.T) {
	const limit = 1 << 20
	list := func(n int, element string) string {
		return strings.TrimSuffix(strings.Repeat(element+",", n), ",")
	}
	const shop = `{"result":0,"env":{"envName":"shop","hardwareNodeGroup":"n"},`
	for name, row := range map[string]struct {
		body    string
		refused bool
	}{
		"too many environments": {`{"result":0,"infos":[` + list(limit/4, `{}`) + `]}`, true},
		"too many nodes":        {shop + `"nodes":[` + list(limit/4, `{}`) + `]}`, true},
		"too many texts":        {shop + `"envGroups":[` + list(limit/4, `1`) + `]}`, true},
		"many environments":     {`{"result":0,"infos":[` + list(limit/256-1, `{}`) + `]}`, false},
		"many nodes":            {shop + `"nodes":[` + list(limit/256-2, `{"id":1}`) + `]}`, false},
		"many texts":            {shop + `"envGroups":[` + list(limit/16-2, `1`) + `]}`, false},
		"one long text":         {shop + `"x":"` + strings.Repeat("x", limit-100) + `"}`, false},
	} {
		client := testClient(t, Config{AnswerLimit: limit,
			Transport: roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, row.body), nil })})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, all := client.Environments(t.Context())
		_, one := client.Environment(t.Context(), "shop")
		runtime.ReadMemStats(&after)
		if row.refused {
			wantError(t, all, ClassMalformed, "larger than this client reads")
			wantError(t, one, ClassMalformed, "larger than this client reads")
		} else if all != nil {
			t.Errorf("%s: %v", name, all)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64*limit {
			t.Errorf("%s: %d bytes for two answers of %d", name, used, len(row.body))
		}
	}
}

func TestNodeGroupListedTwice(t *testing.T) {
	t.Parallel()
	group := fmt.Sprintf(`{"name":%q}`, strings.Repeat("x", 5000))
	_, err := inProcess(t, http.StatusOK, `{"result":0,"env":{"envName":"shop","hardwareNodeGroup":"n"},"nodeGroups":[`+
		group+`,`+group+
		`],"nodes":[{"id":1,"nodeGroup":"`+strings.Repeat("x", 5000)+`","nodeType":"nginx"}]}`).Topology(t.Context(), "shop")
	if e := expectError(t, err, ClassMalformed, "twice"); len(e.Error()) > 1000 {
		t.Errorf("an error of %d bytes", len(e.Error()))
	}
}
