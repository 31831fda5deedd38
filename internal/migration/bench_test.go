package migration

import "testing"

// BenchmarkAssess assesses the kinds of moves that a plan of many environments decides about.
func BenchmarkAssess(b *testing.B) {
	catalog := testCatalog()
	for _, c := range []struct {
		name string
		Request
	}{
		{"live", Request{Environment: plain(), To: "north-performance", Regions: catalog}},
		{"offline", Request{Environment: with(database), To: "north-performance", Regions: catalog}},
		{"far", Request{Environment: with(database, storage), To: "south-standard", Regions: catalog}},
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
