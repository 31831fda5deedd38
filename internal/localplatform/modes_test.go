//go:build unix

package localplatform

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// All files in the folder are private, even if the user's umask would allow access for everyone.
func TestFilesArePrivate(t *testing.T) {
	// The umask affects the whole process, so this test must not run in parallel with others.
	defer syscall.Umask(syscall.Umask(0))
	directory := filepath.Join(t.TempDir(), "above", "platform")
	if err := EnableRequestLog(directory); err != nil {
		t.Fatal(err)
	}
	now := newClock()
	p, c := open(t, Options{Directory: directory, Now: now.Now})
	p.seed(t, "shop-1")
	answers := c.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"south-standard", "isOnline", "false")
	check := func(when string) (found int) {
		t.Helper()
		err := filepath.WalkDir(filepath.Dir(directory), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			want := fs.FileMode(0o600)
			if info.IsDir() {
				want = 0o700
			} else {
				found++
			}
			if info.Mode().Perm() != want {
				t.Errorf("%s: %s has mode %v, want %v", when, path, info.Mode().Perm(), want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	check("meanwhile")
	now.advance(time.Hour)
	<-answers
	if found := check("afterwards"); found < 3 {
		t.Errorf("%d files, want the store, the request log and a mail", found)
	}
}
