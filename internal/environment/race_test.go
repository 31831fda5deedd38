//go:build race

package environment_test

// sampled is of how many generated cases the race detector sees one: it takes several times as long, and what races is
// not in what the configurations say.
const sampled = 12
