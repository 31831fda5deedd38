package localplatform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkFolder refuses a folder if other users could change the platform's state in it or redirect its writes: the
// folder, a link to it or a file in it belongs to others, others can write to one, or a file is a symbolic link.
// strict includes members of the group. By default they may write, because many systems give each user a private
// group and make new files group-writable.
func checkFolder(directory string, strict bool) error {
	info, err := os.Stat(directory)
	if err != nil {
		return fmt.Errorf("the folder of the local platform cannot be used: %w", err)
	}
	if err := checkOwner(directory, "folder", info, strict); err != nil {
		return err
	}
	if link, err := os.Lstat(directory); err == nil && isForeign(link) {
		return fmt.Errorf("the link %s to the folder of the local platform belongs to somebody else; use another folder",
			directory)
	}
	for _, name := range []string{storeName, requestLogName, OutboxName} {
		path := filepath.Join(directory, name)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("the folder of the local platform cannot be used: %w", err)
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a link, which the local platform does not follow; remove it or use another folder", path)
		}
		if err := checkOwner(path, "file", info, strict); err != nil {
			return err
		}
	}
	return nil
}

func checkOwner(path, what string, info fs.FileInfo, strict bool) error {
	switch {
	case isForeign(info):
		return fmt.Errorf("the %s %s belongs to somebody else, who could change what the local platform keeps in it; use "+
			"another folder", what, path)
	case writableByOthers(info, strict):
		return fmt.Errorf("the %s %s can be written by others (mode %04o), who could change what the local platform keeps "+
			"in it; take the permission away (chmod go-w %[2]s) or use another folder", what, path, info.Mode().Perm())
	}
	return nil
}
