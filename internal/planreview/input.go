package planreview

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// sizeLimit is the maximum size of the input, in bytes. Plans with ten thousand environments are smaller.
const sizeLimit = 512 << 20

// configurationLimit is the maximum size of the configuration in a plan, in bytes. It is the only part that is
// decoded as a whole, which takes several times its size.
const configurationLimit = 64 << 20

// tooLarge is the error of input above a limit.
func tooLarge(what string, limit int64) error {
	return errors.New(fmt.Sprintf("%s is larger than %d MiB, which is the most that planreview reads. ", what, limit>>20) +
		"Split what it is about into several configurations, each with a plan of its own.")
}

// readAll reads the input up to the limit. It uses at most twice the memory of the input: io.ReadAll and
// bytes.Buffer grow to several times its size.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	if file, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > limit {
			return nil, tooLarge("The input", limit)
		}
	}
	const chunkSize = 1 << 20
	var chunks [][]byte
	var size int64
	for {
		chunk := make([]byte, chunkSize)
		n, err := io.ReadFull(r, chunk)
		chunks, size = append(chunks, chunk[:n]), size+int64(n)
		switch {
		case size > limit:
			return nil, tooLarge("The input", limit)
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			if len(chunks) == 1 {
				return chunks[0], nil
			}
			content := make([]byte, 0, size)
			for i := range chunks {
				content = append(content, chunks[i]...)
				chunks[i] = nil
			}
			return content, nil
		case err != nil:
			return nil, fmt.Errorf("the input cannot be read: %w", err)
		}
	}
}

// wrapped says that other output surrounds the JSON, as wrappers of terraform print it; nil if it does not look
// like that. The text does not start with the JSON of a plan.
func wrapped(text []byte) error {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	_, plan := planLine(rest)
	if !plan && !bytes.HasPrefix(first, []byte("[command]")) {
		return nil
	}
	return notAPlan("The input begins with other output, %q, before the JSON of the plan: a wrapper of terraform "+
		"writes that. With hashicorp/setup-terraform or opentofu/setup-opentofu, set terraform_wrapper or tofu_wrapper to "+
		"false; with other wrappers, call terraform itself, or let show -json write into a file.",
		truncate(string(first), 80))
}

// planLine finds a line that starts like the JSON of a plan.
func planLine(text []byte) (line []byte, found bool) {
	for len(text) > 0 {
		line, text, _ = bytes.Cut(text, []byte("\n"))
		compact := bytes.Join(bytes.Fields(line[:min(len(line), 100)]), nil)
		if bytes.HasPrefix(compact, []byte(`{"format_version":`)) || bytes.Equal(compact, []byte("{")) ||
			bytes.HasPrefix(compact, []byte(`{"applyable":`)) {
			return line, true
		}
	}
	return nil, false
}
