//go:build unix

package localplatform

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestForeignFoldersAreRefused(t *testing.T) {
	t.Parallel()
	root := os.Geteuid() == 0
	for name, row := range map[string]struct {
		prepare func(folder string) error
		strict  bool
		says    string // "" means accepted
	}{
		"own folder": {func(folder string) error { return os.Chmod(folder, 0o755) }, true, ""},
		"world-writable": {func(folder string) error {
			return os.Chmod(folder, 0o777)
		}, false, "can be written by others (mode 0777)"},
		"world-writable and sticky": {func(folder string) error { return os.Chmod(folder, 0o777|os.ModeSticky) }, false,
			"can be written by others"},
		"group-writable": {func(folder string) error {
			return os.Chmod(folder, 0o770)
		}, true, "can be written by others (mode 0770)"},
		"writable by the own group": {func(folder string) error { return os.Chmod(folder, 0o770) }, false, ""},
		"a store that is a link": {func(folder string) error {
			return os.Symlink("/etc/hostname", filepath.Join(folder, storeName))
		}, false, storeName + " is a link"},
		"a link to nowhere": {func(folder string) error { return os.Symlink("nowhere", filepath.Join(folder, storeName)) },
			false, storeName + " is a link"},
		"a log that is a link": {func(folder string) error {
			return os.Symlink("/etc/hostname", filepath.Join(folder, requestLogName))
		}, false, requestLogName + " is a link"},
		"mails elsewhere": {func(folder string) error { return os.Symlink("/tmp", filepath.Join(folder, OutboxName)) }, false,
			OutboxName + " is a link"},
		"world-writable log": {func(folder string) error {
			path := filepath.Join(folder, requestLogName)
			return errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o666))
		}, false, requestLogName + " can be written by others"},
		"another owner": {func(folder string) error { return os.Chown(folder, 12345, -1) },
			false, "belongs to somebody else"},
		"store of another owner": {func(folder string) error {
			return errors.Join(os.WriteFile(filepath.Join(folder, storeName), nil, 0o600),
				os.Chown(filepath.Join(folder, storeName), 12345, -1))
		}, false, storeName + " belongs to somebody else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(name, "somebody") && !root {
				t.Skip("only the superuser can give files away")
			}
			folder := filepath.Join(t.TempDir(), "state")
			if err := errors.Join(os.Mkdir(folder, 0o700), row.prepare(folder)); err != nil {
				t.Fatal(err)
			}
			p, err := Open(Options{Directory: folder, Strict: row.strict})
			if err == nil {
				_ = p.Close()
			}
			if row.says == "" && err != nil || row.says != "" &&
				(err == nil || !strings.Contains(err.Error(), row.says) || !strings.Contains(err.Error(), folder)) {
				t.Errorf("error %v, want %q", err, row.says)
			}
		})
	}
}

// The user's own link to the user's own folder is accepted.
func TestFolderIsSymlink(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	folder, link := filepath.Join(root, "state"), filepath.Join(root, "link")
	if err := errors.Join(os.Mkdir(folder, 0o700), os.Symlink(folder, link)); err != nil {
		t.Fatal(err)
	}
	_, c := open(t, Options{Directory: link})
	c.ok(control + "getenvs")
}
