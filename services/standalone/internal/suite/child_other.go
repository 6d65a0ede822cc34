//go:build !linux

package suite

import "syscall"

// attributes keep an interrupt at the terminal from the process, which the supervisor ends in its own order.
func attributes(as *syscall.Credential, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: as}
}

func lockThread() (unlock func()) { return func() {} }
