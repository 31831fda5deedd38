package leaktest

import (
	"math/rand/v2"
	"testing"
)

// The finder must find real leaks. Otherwise an empty result would prove nothing.
func TestFind(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for name, encode := range Encodings {
		secret := Draw(random, ValueAlphabets[0], 40)
		var f Finder
		f.Add(secret)
		found, of := f.Find([]byte("before " + encode(secret) + " behind"))
		switch name {
		case "JSON in JSON", "HTML of a form", "a form of JSON", "base64 of JSON", "HTML in numbers", "HTML in hex",
			"JSON, all escaped", "hidden characters":
			continue // nested and unreadable encodings are checked through what was quoted
		}
		if found == "" || of != secret {
			t.Errorf("%s: nothing was found", name)
		}
		if found, _ := f.Find([]byte("before " + encode(secret[:Run-1]) + " behind")); found != "" {
			t.Errorf("%s: %q was found in a part that is too short", name, found)
		}
	}
}
