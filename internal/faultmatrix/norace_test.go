//go:build !race

package faultmatrix

// All runs are made.
const (
	stride     = 1
	killStride = 1
)
