package platform

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// heldReader returns an answer piece by piece and samples the memory in use every 32 pieces.
type heldReader struct {
	pieces func(n int) string // "" at the end
	n      int
	rest   string
	peak   *atomic.Uint64
}

func (r *heldReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		r.rest = r.pieces(r.n)
		r.n++
		if r.n%32 == 0 {
			sample(r.peak)
		}
	}
	if r.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// sample records the live heap size if it is a new peak.
func sample(peak *atomic.Uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	peak.Store(max(peak.Load(), m.HeapAlloc))
}

// An answer needs at most twice its size in memory, whatever it contains. This test must not run in parallel with
// others.
func TestPeakMemoryOfResponses(t *testing.T) {
	const piece, pieces = 64 << 10, 128 // 8 MiB
	list := func(begin, end string, element func(n int) string) func(n int) string {
		return func(n int) string {
			switch {
			case n == 0:
				return begin
			case n < pieces:
				var b strings.Builder
				for i := 0; b.Len() < piece; i++ {
					b.WriteString(element(n*1000+i) + ",")
				}
				return b.String()
			case n == pieces:
				return element(0) + end
			}
			return ""
		}
	}
	node := func(n int) string {
		return fmt.Sprintf(`{"id":%d,"nodeGroup":"cp","nodeType":"nginxphp","name":"NGINX PHP","displayName":"Node %d",`+
			`"version":"1.26.3-php-8.3.24","status":1,"ismaster":true,`+
			`"intIP":"10.0.%d.1","extIPs":["192.0.2.%d"],"url":"http://node%d-shop.north.vap.test/",`+
			`"adminUrl":"http://node%d-shop.north.vap.test/admin","fixedCloudlets":1,`+
			`"flexibleCloudlets":16,"diskLimit":50000,"osType":"LINUX","vType":"CT","maxchanks":16,"diskIoLimit":0,"port":80,`+
			`"user":"root","endpoints":[],"addons":[],"features":["a","b"]}`, n, n, n%256, n%256, n, n)
	}
	environment := func(n int) string {
		return fmt.Sprintf(`{"result":0,"right":"OWNER","env":{"envName":"shop-%d","shortdomain":"shop-%d",`+
			`"domain":"shop-%d.north.vap.test","displayName":"Shop %d","status":1,`+
			`"hardwareNodeGroup":"north-economy","appid":"%032d","uid":1001},"envGroups":["shop"],"nodeGroups":[{"name":"cp",`+
			`"displayName":"Application"}],"nodes":[%s,%s]}`,
			n, n, n, n, n, node(n), node(n+1))
	}
	word := func(int) string { return strings.Repeat("x", 1000) }
	for name, row := range map[string]struct {
		pieces func(int) string
		call   func(*Client) error
	}{
		"environments": {list(`{"result":0,"infos":[`, `]}`, environment), func(c *Client) error {
			return errorOf(c.Environments(t.Context()))
		}},
		"old shape": {list(`{"response":{"result":0,"infos":[`, `]}}`, environment), func(c *Client) error {
			return errorOf(c.Environments(t.Context()))
		}},
		"nodes": {list(`{"result":0,"env":{"envName":"shop"},"nodes":[`, `]}`, node), func(c *Client) error {
			return errorOf(c.Environment(t.Context(), "shop"))
		}},
		"a topology": {list(`{"result":0,"env":{"envName":"shop","hardwareNodeGroup":"n"},"nodeGroups":[{"name":"cp"}],`+
			`"nodes":[`, `]}`, node),
			func(c *Client) error { return errorOf(c.Topology(t.Context(), "shop")) }},
		"one long text": {list(`{"result":0,"x":"`, `","array":[]}`, word), func(c *Client) error {
			return errorOf(c.Regions(t.Context()))
		}},
		"long words": {list(`{"result":0,"error":"`, `","array":[]}`, word), func(c *Client) error {
			return errorOf(c.Groups(t.Context()))
		}},
		"a page": {list(`<html>`, `</html>`, word), func(c *Client) error {
			if err := c.StopEnvironment(t.Context(), "shop"); !IsOutcomeUnknown(err) {
				return fmt.Errorf("a page was accepted as an answer: %w", err)
			}
			return nil
		}},
	} {
		var peak, before atomic.Uint64
		body := &heldReader{pieces: row.pieces, peak: &peak}
		client := testClient(t, Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			response := answer(http.StatusOK, "")
			response.Body = io.NopCloser(body)
			return response, nil
		})})
		sample(&before)
		if err := row.call(client); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if body.n < pieces {
			t.Errorf("%s: only %d pieces were read", name, body.n)
		}
		used, size := float64(peak.Load()-before.Load()), float64(piece*pieces)
		if used > 2*size {
			t.Errorf("%s: %.1f MiB in use for %.1f MiB", name, used/(1<<20), size/(1<<20))
		}
		t.Logf("%s: %.1f MiB in use for %.1f MiB", name, used/(1<<20), size/(1<<20))
	}
}
