package demo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrRealData is returned instead of opening what real people filed to anybody.
var ErrRealData = errors.New("该数据目录含有真实用户，不能以演示模式打开，请用 --data 另选目录 / " +
	"people have signed in with these data, so they are not shown as a demonstration, which lets anybody in as anybody; choose another folder with --data")

// Mark marks a data folder as a demonstration's, unless it is somebody else's already: entered tells whether anybody ever came in.
func Mark(ctx context.Context, folder string, entered func(context.Context) (bool, error)) error {
	mark := filepath.Join(folder, "demo")
	if _, err := os.Stat(mark); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch came, err := entered(ctx); {
	case err != nil:
		return err
	case came:
		return ErrRealData
	}
	return os.WriteFile(mark, []byte("These data are a demonstration's: anybody may have entered them as anybody.\n"), 0o600)
}
