package privatestate

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// packed is the first byte of packed private state. The framework's own format is JSON, which starts differently.
const packed = 0x01

// limit is the maximum size of unpacked private state in bytes. Pack never makes anything larger.
const limit = 64 << 20

// dictionary is text that private state is likely to contain; with it, even a small state compresses well. It must
// never change, because states that were packed with it could no longer be read.
const dictionary = `{"external_move":{"from":"","to":""},"intent":{},"managed_layers":["cp","bl","sqldb","nosqldb",` +
	`"cache","storage"],` +
	`"secret_names":{},"snapshot":{"version":2,"environment":{"n":"","r":"","d":"","s":1,"l":[{"n":"cp","t":"nginxphp",` +
	`"i":"","c":1,"rc":1,"dc":8,"g":10,"v4":1}],` +
	`"no":[{"i":1001,"l":"cp"},{"i":1002,"l":"sqldb"}],"cd":[""],"ssl":true,"gr":[""]},"facts":{"ps":"platform",` +
	`"r":[{"n":"","dn":"","dc":"","d":"","m":true,"e":true,"l3":""}],` +
	`"p":{"":{"Currency":"EUR","ReservedCloudlet":[{"From":0,"Free":0,"Price":0.00},{"From":10,"Free":0,"Price":0.00}],` +
	`"DynamicCloudlet":[{"From":0,"Free":0,"Price":0.00}],` +
	`"DiskGB":[{"From":0,"Free":0,"Price":0.000}],"PublicIPv4":[{"From":0,"Free":0,"Price":0.00}],"PublicIPv6":null,` +
	`"s":"platform"}}}}}`

// compressors and decompressors are reused, because each takes much more memory than its data.
var compressors = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(nil, flate.DefaultCompression, []byte(dictionary))
	if err != nil { // the level is valid
		panic(err)
	}
	return w
}}

var decompressors = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// Values is private state by key, as the framework's server keeps it.
type Values map[string][]byte

// Parse reads private state from Pack, or in the framework's own format, in which older versions of the provider
// stored it.
func Parse(state []byte) (Values, error) {
	if !IsPacked(state) {
		return parsePlain(state)
	}
	r := decompressors.Get().(io.Reader)
	defer decompressors.Put(r)
	err := r.(flate.Resetter).Reset(bytes.NewReader(state[1:]), []byte(dictionary))
	if err != nil {
		return nil, fmt.Errorf("private state cannot be read: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("private state cannot be read: %w", err)
	}
	if len(data) > limit {
		return nil, errors.New("private state is too large")
	}
	var plain map[string]json.RawMessage
	if err := json.Unmarshal(data, &plain); err != nil {
		return nil, fmt.Errorf("private state cannot be read: %w", err)
	}
	values := make(Values, len(plain))
	for key, value := range plain {
		values[key] = value
	}
	return values, nil
}

func parsePlain(state []byte) (Values, error) {
	values := Values{}
	if len(state) == 0 {
		return values, nil
	}
	if err := json.Unmarshal(state, &values); err != nil {
		return nil, fmt.Errorf("private state: %w", err)
	}
	return values, nil
}

// Pack makes private state small: it compresses it, and leaves out the framework's base64, which would be within
// Terraform's. Terraform stores private state for every resource, and core reads all of it in every run. Packing
// the same values always has the same result.
func (v Values) Pack() ([]byte, error) {
	plain := make(map[string]json.RawMessage, len(v))
	for key, value := range v {
		plain[key] = value
	}
	data, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("private state: %w", err)
	}
	var out bytes.Buffer
	out.WriteByte(packed)
	w := compressors.Get().(*flate.Writer)
	defer compressors.Put(w)
	w.Reset(&out)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Pack packs private state in the framework's own format. Empty state stays empty.
func Pack(state []byte) ([]byte, error) {
	if len(state) == 0 {
		return state, nil
	}
	values, err := parsePlain(state)
	if err != nil {
		return nil, err
	}
	return values.Pack()
}

// IsPacked says whether private state comes from Pack.
func IsPacked(state []byte) bool { return len(state) > 0 && state[0] == packed }

// Unpack is the reverse of Pack. State that is not packed, from an older version of the provider, stays as it is.
func Unpack(state []byte) ([]byte, error) {
	if !IsPacked(state) {
		return state, nil
	}
	values, err := Parse(state)
	if err != nil {
		return nil, err
	}
	return json.Marshal(values)
}
