package planreview

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPictureGroupsMoves(t *testing.T) {
	t.Parallel()
	economy := Place{Region: "north-economy", Datacenter: "north"}
	standard := Place{Region: "south-standard", Datacenter: "south"}
	performance := Place{Region: "north-performance", Datacenter: "north"}
	move := func(name string, class Class, from, to Place) Move {
		return Move{Name: name, Class: class, From: from, To: to}
	}
	for name, test := range map[string]struct {
		moves  []Move
		arrows []string // label and kind
		places []string // an unknown one in brackets
		boxes  []string
	}{
		"one": {
			[]Move{move("shop", ClassLive, economy, performance)},
			[]string{"shop: live"}, []string{"north-economy", "north-performance"}, []string{"north"},
		},
		"same pair, one class": {
			[]Move{move("shop", ClassOfflineNewAddresses, economy, standard),
				move("blog", ClassOfflineNewAddresses, economy, standard)},
			[]string{"2 environments: offline, new addresses"}, []string{"north-economy", "south-standard"},
			[]string{"north", "south"},
		},
		"same pair, two classes": {
			[]Move{move("shop", ClassOffline, economy, performance), move("blog", ClassLive, economy, performance)},
			[]string{"shop: offline", "blog: live"}, []string{"north-economy", "north-performance"}, []string{"north"},
		},
		"there and back": {
			[]Move{move("shop", ClassLive, economy, performance), move("blog", ClassLive, performance, economy)},
			[]string{"shop: live", "blog: live"}, []string{"north-economy", "north-performance"}, []string{"north"},
		},
		"region not known": {
			[]Move{move("shop", ClassUnknown, economy, Place{})},
			[]string{"shop: kind not known yet"}, []string{"north-economy", "[not known yet]"}, []string{"north"},
		},
		"only the data centre known": {
			[]Move{move("shop", ClassUnknown, economy, Place{Region: "", Datacenter: "south"})},
			[]string{"shop: kind not known yet"}, []string{"north-economy", "south"}, []string{"north"},
		},
		"data centre not known": {
			[]Move{move("shop", ClassUnknown, economy, Place{Region: "south-standard", Datacenter: ""})},
			[]string{"shop: kind not known yet"}, []string{"north-economy", "south-standard"},
			[]string{"north", "[data centre not known]"},
		},
		"data centre known from another move": {
			[]Move{move("shop", ClassUnknown, economy, Place{Region: "south-standard", Datacenter: ""}),
				move("blog", ClassOfflineNewAddresses, economy, standard)},
			[]string{"shop: kind not known yet", "blog: offline, new addresses"}, []string{"north-economy", "south-standard"},
			[]string{"north", "south"},
		},
		"nothing known": {
			[]Move{move("shop", ClassUnknown, Place{}, Place{})},
			[]string{"shop: kind not known yet"}, []string{"[not known yet]"}, nil,
		},
	} {
		p := pictureOf(test.moves)
		var arrows []string
		for _, a := range p.Arrows {
			arrows = append(arrows, a.Label+": "+a.Kind)
		}
		named := func(boxes []pictureBox) (names []string) {
			for _, b := range boxes {
				if b.Unknown {
					b.Label = "[" + b.Label + "]"
				}
				names = append(names, b.Label)
			}
			return names
		}
		if places, boxes := named(p.Places), named(p.Boxes); !slices.Equal(arrows, test.arrows) ||
			!slices.Equal(places, test.places) || !slices.Equal(boxes, test.boxes) {
			t.Errorf("%s: arrows %q, places %q, boxes %q", name, arrows, places, boxes)
		}
	}
}

func TestPictureInWords(t *testing.T) {
	t.Parallel()
	moves := manyMoves(120).Moves
	p := pictureOf(append(moves[:3:3], filled().Moves[0]))
	want := []string{
		"north-economy in north → north-standard in north, offline: shop-0000",
		"north-standard in north → north-performance in north, live: shop-0001",
		"north-performance in north → south-standard in south, offline, new addresses: shop-0002",
		"north-economy in north → a place not known yet, kind not known yet: later-prod",
	}
	if !slices.Equal(p.Words, want) {
		t.Errorf("%q", p.Words)
	}
	for i := range moves {
		moves[i].From = Place{Region: "a", Datacenter: "north"}
		moves[i].To = Place{Region: "b", Datacenter: "south"}
		moves[i].Class = ClassOfflineNewAddresses
	}
	if words := pictureOf(moves).Words; len(words) != 1 ||
		!strings.HasSuffix(words[0], "shop-0006, shop-0007 and 112 more") {
		t.Errorf("%q", words)
	}
}

// TestPictureIsBounded draws a thousand moves between more and more data centres, and finds each of them in an
// arrow or in the note.
func TestPictureIsBounded(t *testing.T) {
	t.Parallel()
	for datacenters := range 60 {
		moves := manyMoves(1000).Moves
		for i := range moves {
			moves[i].From.Datacenter, moves[i].To.Datacenter = fmt.Sprint("dc", i%(datacenters+1)), fmt.Sprint("dc",
				i*7%(datacenters+2))
		}
		p := pictureOf(moves)
		if len(p.Arrows) > maxArrows || p.Width > 480 || p.Height > 1200 {
			t.Errorf("%d data centres: %d arrows, %d × %d", datacenters+1, len(p.Arrows), p.Width, p.Height)
		}
		drawn := 0
		for _, a := range p.Arrows {
			n := 1
			_, _ = fmt.Sscanf(a.Full, "%d environment", &n)
			drawn += n
		}
		left := 0
		if at := strings.Index(p.Note, "streams: "); at >= 0 {
			if _, err := fmt.Sscanf(p.Note[at:], "streams: %d", &left); err != nil {
				t.Fatal(err)
			}
		}
		if drawn+left != 1000 || p.Note == "" {
			t.Errorf("%d data centres: %d drawn, %d left out: %s", datacenters+1, drawn, left, p.Note)
		}
		for i, a := range p.Arrows {
			x, top, bottom := lane(t, a)
			for _, o := range p.Arrows[:i] {
				if otherX, otherTop, otherBottom := lane(t, o); x == otherX && top <= otherBottom && otherTop <= bottom {
					t.Errorf("two arrows run in one lane: %s, %s", a.Path, o.Path)
				}
				if a.LabelY == o.LabelY {
					t.Errorf("two arrows arrive in one row: %s, %s", a.Path, o.Path)
				}
			}
		}
	}
}

// lane is where an arrow goes up or down.
func lane(t *testing.T, a pictureArrow) (x, top, bottom int) {
	t.Helper()
	var out, in, ignored int
	if _, err := fmt.Sscanf(a.Path, "M%d %dQ%d %d %d %dV%dQ%d %d", &ignored, &out, &x, &ignored, &ignored, &ignored,
		&ignored, &ignored, &in); err != nil {
		t.Fatalf("%s: %v", a.Path, err)
	}
	return x, min(out, in), max(out, in)
}
