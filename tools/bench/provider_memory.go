package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// providerMemory measures the peak memory of an executable's processes. It polls, because Linux reports the memory
// of running processes only; on other systems it finds nothing.
type providerMemory struct {
	executable string
	stop       chan struct{}
	watching   sync.WaitGroup
	peak       int64
}

func watchProvider(executable string) (*providerMemory, error) {
	path, err := filepath.Abs(executable)
	if err != nil {
		return nil, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	m := &providerMemory{executable: path, stop: make(chan struct{})}
	m.watching.Go(func() {
		often := time.NewTicker(20 * time.Millisecond)
		defer often.Stop()
		for {
			m.look()
			select {
			case <-m.stop:
				return
			case <-often.C:
			}
		}
	})
	return m, nil
}

func (m *providerMemory) look() {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if path, err := os.Readlink(link); err != nil || path != m.executable {
			continue
		}
		if status, err := os.ReadFile(filepath.Join(filepath.Dir(link), "status")); err == nil {
			m.peak = max(m.peak, highWater(status))
		}
	}
}

// highWater is the peak memory in bytes from /proc/PID/status; 0 if it is missing.
func highWater(status []byte) int64 {
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(string(fields[0]), 10, 64)
	return kib << 10
}

// end stops watching and returns the peak in bytes; 0 if no process was seen.
func (m *providerMemory) end() int64 {
	close(m.stop)
	m.watching.Wait()
	return m.peak
}
