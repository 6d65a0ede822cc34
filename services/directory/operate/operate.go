// Package operate is what an operator does to a directory's data from a command line, whichever program they do it with.
//
// It depends on the directory's façade only.
package operate

import (
	"context"
	"errors"
	"fmt"

	"github.com/throughtrain/throughtrain/services/directory"
)

// Say prints a line of the result.
type Say func(format string, args ...any)

// Check reads a city's folder and says whether it is sound. Nothing needs to run for it.
func Check(say Say, folder string) error {
	code, files, err := directory.ReadCity(folder)
	if err != nil {
		return err
	}
	say("城市 %s 配置正确（%d 个文件）/ city %s is sound: %d files", code, len(files), code, len(files))
	return nil
}

// Tell tells what applying a city's folder led to.
func Tell(say Say, applied directory.Applied) {
	outcome := "未变化 / unchanged"
	if applied.Changed {
		outcome = "已生效 / applied"
	}
	say("城市 city %s 版本 version %d: %s", applied.City, applied.Version, outcome)
}

// Passwords gives officials first passwords.
type Passwords interface {
	GiveInitialPassword(ctx context.Context, city, login string) (string, error)
	ResetPassword(ctx context.Context, city, login string) (string, error)
}

// Password prints a first password. It is shown here and nowhere else: neither the log nor the data has it. With reset it takes the place of
// one that the official chose.
func Password(ctx context.Context, say Say, at Passwords, city, login string, reset bool) error {
	give := at.GiveInitialPassword
	if reset {
		give = at.ResetPassword
	}
	initial, err := give(ctx, city, login)
	switch {
	case errors.Is(err, directory.ErrOwnPassword):
		return fmt.Errorf("%s 已自设口令，如已忘记请加 --reset / %s has a password of their own; if it is forgotten, say --reset", login, login)
	case errors.Is(err, directory.ErrPerson):
		return fmt.Errorf("城市 %s 没有在职人员使用登录名 %s / nobody in service in city %s has the login %s", city, login, city, login)
	case err != nil:
		return err
	}
	say("初始口令 initial password  %s", initial)
	say("仅显示一次，只能登录一次；登录后请立即自设口令 / shown once and good for one sign-in: set an own one then")
	return nil
}
