//go:build !race

package environment_test

// sampled is of how many generated cases one is tried: of one, so all of them are.
const sampled = 1
