package process

import (
	"net"
	"os"
)

// notifySocket names the variable by which systemd, or whoever supervises in its place, says where it wants to be told.
const notifySocket = "NOTIFY_SOCKET"

// tell tells the supervisor how the process stands, in the words of sd_notify(3). There may be none, and one that does not listen is no
// reason to fail.
func tell(state string) {
	path := os.Getenv(notifySocket)
	if path == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return
	}
	_, _ = conn.Write([]byte(state))
	_ = conn.Close()
}
