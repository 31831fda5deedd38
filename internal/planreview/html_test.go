package planreview

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// element is an element of a page, which is also valid XML.
type element struct {
	name       string
	attributes map[string]string
	inside     []*element
	text       string // includes the text of its children
	from       int    // where it begins in the document
}

func parsed(t *testing.T, page []byte) *element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	open := []*element{{}}
	var text strings.Builder
	end := func() {
		e := open[len(open)-1]
		e.text = text.String()[e.from:]
		open = open[:len(open)-1]
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attributes: map[string]string{}, from: text.Len()}
			for _, a := range token.Attr {
				if _, twice := e.attributes[a.Name.Local]; twice {
					t.Errorf("%s has %s twice", e.name, a.Name.Local)
				}
				e.attributes[a.Name.Local] = a.Value
			}
			open[len(open)-1].inside = append(open[len(open)-1].inside, e)
			open = append(open, e)
		case xml.EndElement:
			end()
		case xml.CharData:
			text.Write(token)
		}
	}
	root := open[0]
	end()
	return root
}

// all are the elements with a name, at any depth.
func (e *element) all(name string) []*element {
	var found []*element
	for _, inside := range e.inside {
		if name == "*" || inside.name == name {
			found = append(found, inside)
		}
		found = append(found, inside.all(name)...)
	}
	return found
}

func TestHTMLIsWellFormedAndAccessible(t *testing.T) {
	t.Parallel()
	for name, r := range everyReview(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := parsed(t, page(t, r))
			if len(root.inside) != 1 || root.inside[0].attributes["lang"] != "en" || len(root.all("h1")) != 1 ||
				root.all("title")[0].text == "" {
				t.Error("no document with a language, a title and one main heading")
			}
			ids, level := map[string]bool{}, 0
			for _, e := range root.all("*") {
				if id, has := e.attributes["id"]; has && ids[id] {
					t.Errorf("id %s twice", id)
				} else {
					ids[id] = true
				}
				if len(e.name) == 2 && e.name[0] == 'h' && e.name[1] >= '1' && e.name[1] <= '6' {
					if next := int(e.name[1] - '0'); next > level+1 {
						t.Errorf("heading %q leaves out a level", e.text)
					} else {
						level = next
					}
				}
				if e.name == "th" && e.attributes["scope"] == "" {
					t.Errorf("header %q without a scope", e.text)
				}
				if e.name == "svg" && (e.attributes["role"] != "img" || e.inside[0].name != "title" || e.inside[1].name != "desc" ||
					e.inside[1].text == "") {
					t.Error("the picture has no title and description")
				}
			}
			for _, a := range root.all("a") {
				if !ids[strings.TrimPrefix(a.attributes["href"], "#")] {
					t.Errorf("a link to %s, which is not there", a.attributes["href"])
				}
			}
			for _, e := range root.all("svg") {
				for _, id := range strings.Fields(e.attributes["aria-labelledby"]) {
					if !ids[id] {
						t.Errorf("labelled by %s, which is not there", id)
					}
				}
			}
		})
	}
}

// TestHTMLIsEscaped renders texts that contain HTML, and checks that the page has only its own elements and
// attributes.
func TestHTMLIsEscaped(t *testing.T) {
	t.Parallel()
	const elements = "a b body br circle code desc details div em figcaption figure footer g h1 h2 h3 h4 head header " +
		"html li main meta p path rect section span strong style summary svg table tbody td text th thead title tr tspan " +
		"ul wbr"
	const attributes = "aria-labelledby charset class content cx cy d height href http-equiv id lang name open r role " +
		"rx scope viewBox width x xmlns y"
	content := page(t, hostile())
	root := parsed(t, content)
	for _, e := range root.all("*") {
		if !slices.Contains(strings.Fields(elements), e.name) {
			t.Errorf("element %s", e.name)
		}
		for name, value := range e.attributes {
			if !slices.Contains(strings.Fields(attributes), name) {
				t.Errorf("attribute %s of %s", name, e.name)
			}
			if strings.Contains(value, "pwned") && name != "class" {
				t.Errorf("attribute %s of %s is %s", name, e.name, value)
			}
		}
	}
	if !strings.Contains(root.all("h1")[0].text, `</title></style></script>"'><img src=x onerror="pwned=1">`) {
		t.Errorf("the headline is not shown as it is: %q", root.all("h1")[0].text)
	}
	if at := bytes.IndexFunc(content, func(r rune) bool { return r != visible(r) }); at >= 0 {
		t.Errorf("an invisible character: %q", content[at:at+10])
	}
}

func TestHTMLFetchesNothing(t *testing.T) {
	t.Parallel()
	root := parsed(t, page(t, filled()))
	for _, e := range root.all("*") {
		for name, value := range e.attributes {
			outside := slices.Contains([]string{"src", "srcset", "href", "data", "action", "poster", "style"}, name) &&
				!strings.HasPrefix(value, "#")
			if outside || strings.HasPrefix(name, "on") || strings.Contains(value, "url(") {
				t.Errorf("%s has %s=%q", e.name, name, value)
			}
		}
		if slices.Contains([]string{"script", "link", "iframe", "object", "base", "form"}, e.name) {
			t.Errorf("there is a %s", e.name)
		}
	}
	style := root.all("style")[0].text
	if found := regexp.MustCompile(`(?i)url\(|@import|@font-face|image-set\(|https?:`).FindString(style); found != "" {
		t.Errorf("the style has %s", found)
	}
	hash := sha256.Sum256([]byte(style))
	for _, meta := range root.all("meta") {
		if meta.attributes["http-equiv"] == "Content-Security-Policy" {
			want := "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-" +
				base64.StdEncoding.EncodeToString(hash[:]) + "'"
			if meta.attributes["content"] != want {
				t.Errorf("the policy is %s, not %s", meta.attributes["content"], want)
			}
			return
		}
	}
	t.Error("there is no policy")
}

func TestHTMLShowsEverything(t *testing.T) {
	t.Parallel()
	r := filled()
	root := parsed(t, page(t, r))
	text := root.all("main")[0].text
	wanted := []string{"Denied", "Incomplete", r.Headline, r.Incomplete[0], "The plan as a whole"}
	rows := root.all("tbody")[0].all("tr")
	for i, m := range r.Moves {
		row := rows[i].text
		for _, want := range []string{m.Name, m.Address, m.PreviousAddress, m.From.Region, m.To.Region, m.Kind(), m.Why(),
			m.Mark(), m.Window, m.DowntimeWords(), m.AddressWords(), m.PreviousDomainIfChanged(),
			strings.Join(m.MissingPermissions, ", ")} {
			if !strings.Contains(row, want) {
				t.Errorf("the row of %s lacks %q: %s", m.Name, want, row)
			}
		}
		if strings.Contains(row, "denied") != (len(r.DenialsOf(m.Address)) > 0) {
			t.Errorf("whether %s is denied is wrong: %s", m.Name, row)
		}
		wanted = append(wanted, m.ToDo...)
		for _, f := range slices.Concat(m.Following, m.Unchanged) {
			wanted = append(wanted, f.Address)
		}
		for _, h := range m.HardCoded {
			wanted = append(wanted, h.Address, h.Value)
		}
		for _, d := range m.Dependents {
			wanted = append(wanted, d.String())
		}
		if m.IPChange {
			for _, n := range m.Nodes {
				wanted = append(wanted, n.InternalIP)
				wanted = append(wanted, slices.Concat(n.PublicIPv4, n.PublicIPv6)...)
			}
		}
	}
	for _, o := range r.Others {
		wanted = append(wanted, o.Name, o.Address, o.Summary)
	}
	for _, d := range r.Denials {
		wanted = append(wanted, d.Address, string(d.Kind), d.Text)
	}
	for _, e := range r.Exceptions {
		wanted = append(wanted, e.Address, e.Reason, e.Expires)
	}
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// PreviousDomainIfChanged is the domain in the row of a move, if the move changes it.
func (m *Move) PreviousDomainIfChanged() string {
	if m.DomainChange {
		return m.PreviousDomain
	}
	return ""
}

func TestHTMLVerdict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		review *Review
		want   string
	}{
		{oneMove(), "Allowed. 1 environment moves"},
		{fiveMoves(), "Denied. 5 environments move"},
		{failed(), "Denied. Incomplete. The plan is incomplete"},
		{nothing(), "Nothing to review: no environment"},
		{&Review{Headline: "1 is created.", Incomplete: []string{"It was made with -target."}, Others: filled().Others},
			"Allowed. Incomplete. 1 is created."},
	} {
		root := parsed(t, page(t, test.review))
		if got := root.all("h1")[0].text; !strings.HasPrefix(got, test.want) {
			t.Errorf("heading %q, want %q", got, test.want)
		}
		if pictures := len(root.all("svg")); pictures != min(1, len(test.review.Moves)) {
			t.Errorf("%s: %d pictures", test.want, pictures)
		}
	}
}

// TestHTMLOfThousandMoves shows every move, reason and change in a page of limited size, even if they all refer to
// each other.
func TestHTMLOfThousandMoves(t *testing.T) {
	t.Parallel()
	r := manyMoves(1000)
	var all []Reference
	for i := range 1000 {
		all = append(all, Reference{Address: fmt.Sprintf("example_record.all[%d]", i), Action: "update",
			Attributes: []string{"domain"}})
	}
	for i := range r.Moves {
		r.Moves[i].Following = all
	}
	content := page(t, r)
	if len(content) > 8<<20 {
		t.Errorf("%d bytes", len(content))
	}
	text := string(content)
	for _, m := range r.Moves {
		if !strings.Contains(text, fmt.Sprintf(`all[<wbr/>&#34;%s&#34;]</code></span></th>`, m.Name)) {
			t.Errorf("%s has no row", m.Name)
		}
	}
	for _, part := range []struct {
		text string
		want int
	}{
		{"<li class=\"muted\">and 980 more, which the JSON form of the review lists</li>", 1000},
		{"</b> <code>vap_environment.new[", len(r.Others)},
		{"it is down from the start of the move to its end</li>", len(r.Denials)},
	} {
		if got := strings.Count(text, part.text); got != part.want {
			t.Errorf("%d times %q instead of %d", got, part.text, part.want)
		}
	}
	one := oneMove()
	one.Moves[0].Following = all
	if text := string(page(t, one)); strings.Count(text, "example_record.all[") != 1000 ||
		strings.Contains(text, " more, which") {
		t.Error("one move does not list everything that follows it")
	}
	root := parsed(t, page(t, manyMoves(1000)))
	if shown := len(root.all("main")[0].inside[1].inside); shown > unfolded+1 {
		t.Errorf("%d groups of moves", shown)
	}
}

// TestHTMLOfRecordedPlans renders the reviews of recorded plans.
func TestHTMLOfRecordedPlans(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/plans/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded plans: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := Read(bytes.NewReader(content))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		r := New(plan, Gate{Deny: []Kind{KindOffline}})
		root := parsed(t, page(t, r))
		text := root.text
		for _, m := range r.Moves {
			for _, want := range []string{m.Name, m.Address, m.Kind()} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: %q is missing", file, want)
				}
			}
		}
		if arrows := len(root.all("circle")); (arrows > 0) != (len(r.Moves) > 0) {
			t.Errorf("%s: %d regions are left in the picture of %d moves", file, arrows, len(r.Moves))
		}
	}
}

func BenchmarkHTML(b *testing.B) {
	r := manyMoves(1000)
	for b.Loop() {
		if err := HTML(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
