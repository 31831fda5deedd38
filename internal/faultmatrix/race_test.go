//go:build race

package faultmatrix

const racing = true
