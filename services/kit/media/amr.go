package media

import (
	"bufio"
	"errors"
	"io"
)

// How many bytes follow the head of a frame, by its type; none is that long that is not listed.
var (
	amrFrames   = map[byte]int{0: 12, 1: 13, 2: 15, 3: 17, 4: 19, 5: 20, 6: 26, 7: 31, 8: 5, 15: 0}
	amrWBFrames = map[byte]int{0: 17, 1: 23, 2: 32, 3: 36, 4: 40, 5: 46, 6: 50, 7: 58, 8: 60, 9: 5, 14: 0, 15: 0}
)

// cleanAMR keeps the frames: there is nothing else in such a file that belongs there.
func cleanAMR(src io.ReaderAt, size int64, dst io.Writer) error {
	in, out := bufio.NewReader(io.NewSectionReader(src, 0, size)), bufio.NewWriter(dst)
	word, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	_, _ = out.WriteString(word) // what fails here fails again at Flush
	lengths := amrFrames
	if word == "#!AMR-WB\n" {
		lengths = amrWBFrames
	}
	for frames := 0; ; frames++ {
		head, err := in.ReadByte()
		length, known := lengths[head>>3&15]
		const padding = 0x83
		if err != nil || !known || head&padding != 0 {
			if frames == 0 || err != nil && !errors.Is(err, io.EOF) {
				return damaged("no sound")
			}
			return out.Flush()
		}
		frame, err := in.Peek(length)
		if err != nil {
			return out.Flush()
		}
		_ = out.WriteByte(head)
		_, _ = out.Write(frame)
		_, _ = in.Discard(length)
	}
}
