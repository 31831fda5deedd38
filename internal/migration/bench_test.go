package migration

import "testing"

// BenchmarkAssess judges the kinds of moves between which the plan of many environments decides.
func BenchmarkAssess(b *testing.B) {
	facts := testFacts()
	for _, c := range []struct {
		name string
		Request
	}{
		{"live", Request{Environment: plain(), To: "north-performance", Facts: facts}},
		{"offline", Request{Environment: with(database), To: "north-performance", Facts: facts}},
		{"far", Request{Environment: with(database, storage), To: "south-standard", Facts: facts}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if a := Assess(c.Request); a.To.Name != c.To {
					b.Fatal(a)
				}
			}
		})
	}
}
