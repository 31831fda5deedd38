package localplatform

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const requestLogName = "requests.jsonl"

// Request is a call in the request log.
type Request struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	PID  int       `json:"pid"`
	// Method is the lower-case name, for example "environment/control/migrate", or the path of a public document.
	Method string `json:"method"`
	// Parameters have lower-case names. The session is left out and passwords are masked.
	Parameters map[string]string `json:"parameters,omitempty"`
	// Result is the code of the answer. It is nil if there is none (yet), because of a fault or a killed process.
	Result *int `json:"result,omitempty"`
	// Fault is the kind of the fault that replaced the answer.
	Fault string `json:"fault,omitempty"`
}

// line is a line of the file. A call has one line when it arrives and another one, with only the outcome, when it is
// answered. So the log has the call even if the process is killed before the answer.
type line struct {
	Request
	Answers string `json:"answers,omitempty"`
}

// EnableRequestLog makes every process that shares the folder log its calls from now on.
func EnableRequestLog(directory string) error {
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(directory, requestLogName), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// ReadRequests returns the calls in the order of their arrival.
func ReadRequests(directory string) ([]Request, error) {
	file, err := os.Open(filepath.Join(directory, requestLogName))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var requests []Request
	index := map[string]int{}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 2*maxBody)
	for scanner.Scan() {
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			if !scanner.Scan() {
				break // the last line is being written
			}
			return nil, fmt.Errorf("%s: %w", requestLogName, err)
		}
		if l.Answers == "" {
			index[l.ID] = len(requests)
			requests = append(requests, l.Request)
		} else if i, ok := index[l.Answers]; ok {
			requests[i].Result, requests[i].Fault = l.Result, l.Fault
		}
	}
	return requests, scanner.Err()
}

// requestLog writes only if the file exists. A log that cannot be written must not disturb calls.
type requestLog struct{ path string }

// request logs a call and returns the id for answer, or an empty string if nothing is logged.
func (l requestLog) request(at time.Time, method string, form map[string]string) string {
	if _, err := os.Stat(l.path); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	parameters := map[string]string{}
	for name, value := range form {
		if name != "session" {
			parameters[name] = masked(name, value)
		}
	}
	id := rand.Text()
	l.write(line{Request: Request{ID: id, Time: at, PID: os.Getpid(), Method: method, Parameters: parameters}})
	return id
}

func (l requestLog) answer(id string, result *int, fault string) {
	if id != "" {
		l.write(map[string]any{"answers": id, "result": result, "fault": fault})
	}
}

func (l requestLog) write(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		return
	}
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = file.Write(append(data, '\n'))
	_ = file.Close()
}

const mask = "***"

// masked hides passwords, including those inside a JSON parameter.
func masked(name, value string) string {
	if name == "password" {
		return mask
	}
	if !strings.Contains(strings.ToLower(value), "password") {
		return value
	}
	var decoded any
	if json.Unmarshal([]byte(value), &decoded) != nil {
		return value
	}
	data, err := json.Marshal(maskedJSON(decoded))
	if err != nil {
		return mask
	}
	return string(data)
}

func maskedJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if strings.Contains(strings.ToLower(key), "password") {
				v[key] = mask
			} else {
				v[key] = maskedJSON(inner)
			}
		}
	case []any:
		for i := range v {
			v[i] = maskedJSON(v[i])
		}
	}
	return v
}
