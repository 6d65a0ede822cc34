package suite

import (
	"runtime"
	"syscall"
)

// attributes keep an interrupt at the terminal from the process, which the supervisor ends in its own order, and ask the process to end when
// the thread that started it does.
func attributes(as *syscall.Credential, end syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: as, Pdeathsig: end}
}

// lockThread keeps the thread that starts a process for as long as the process is supervised.
func lockThread() (unlock func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}
