//go:build race

package faultmatrix

// stride is how many runs of the matrix one is made of, spread over all steps and faults: the race detector takes several
// times as long for each, and looks for what any of them has in common with the others. Without it all runs are made.
const stride = 7

// killStride is the same for kills.
const killStride = 5
