package main

import (
	"bytes"
	"io"
)

// withoutAnswers is the output of the standard logger. Only net/http uses that logger. It quotes a server that sends
// something unrequested, which may contain what was sent to it.
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
