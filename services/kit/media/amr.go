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

// amrPadding are bits that every frame's head leaves out.
const amrPadding = 0x83

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
	frames := 0
	for {
		head, err := in.Peek(1)
		if err == nil {
			length, known := lengths[head[0]>>3&15]
			if !known || head[0]&amrPadding != 0 {
				break
			}
			head, err = in.Peek(1 + length)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		_, _ = out.Write(head)
		_, _ = in.Discard(len(head))
		frames++
	}
	if frames == 0 {
		return damaged("no sound")
	}
	return out.Flush()
}
