package main

import (
	"bytes"
	"io"
)

// unsolicitedFilter is the output of the standard logger, which only net/http uses. It removes the quoted text of
// unsolicited responses, because a server may echo secrets that were sent to it.
type unsolicitedFilter struct{ io.Writer }

func (w unsolicitedFilter) Write(line []byte) (int, error) {
	if text, _, quotes := bytes.Cut(line, []byte(" starting with ")); quotes {
		if _, err := w.Writer.Write(append(bytes.Clone(text), '\n')); err != nil {
			return 0, err
		}
		return len(line), nil
	}
	return w.Writer.Write(line)
}
