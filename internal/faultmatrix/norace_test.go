//go:build !race

package faultmatrix

// racing says whether the race detector watches.
const racing = false
