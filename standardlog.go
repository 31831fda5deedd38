package main

import (
	"bytes"
	"io"
)

// withoutAnswers is where the standard logger writes to. Only net/http uses that, and quotes a server that says
// something unasked: with what it was sent, perhaps.
type withoutAnswers struct{ io.Writer }

func (w withoutAnswers) Write(line []byte) (int, error) {
	if text, _, quotes := bytes.Cut(line, []byte(" starting with ")); quotes {
		if _, err := w.Writer.Write(append(bytes.Clone(text), '\n')); err != nil {
			return 0, err
		}
		return len(line), nil
	}
	return w.Writer.Write(line)
}
