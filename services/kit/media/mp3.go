package media

import (
	"bufio"
	"errors"
	"io"
)

// Kilobits a second of layer III, by the index in a frame's head; the first and the last are none.
var (
	mp3Rates1  = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}
	mp3Rates2  = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}
	mp3Samples = [4]int{44100, 48000, 32000, 0}
)

const (
	mp3Head     = 4
	mp3Longest  = 1441
	id3Head     = 10
	mp3MaxNoise = 64 << 10
)

// frameLength is how long the frame of MP3 is that begins with these bytes; 0 for no frame.
func frameLength(b []byte) int {
	if len(b) < mp3Head || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return 0
	}
	version, layer := b[1]>>3&3, b[1]>>1&3
	const reserved, layer3 = 1, 1
	hertz := mp3Samples[b[2]>>2&3]
	if version == reserved || layer != layer3 || hertz == 0 {
		return 0
	}
	const kilo, mpeg1 = 1000, 3
	rate, samples := mp3Rates1[b[2]>>4], 144
	if version != mpeg1 {
		rate, samples, hertz = mp3Rates2[b[2]>>4], 72, hertz/2
		if version == 0 {
			hertz /= 2
		}
	}
	if rate == 0 {
		return 0
	}
	return samples*rate*kilo/hertz + int(b[2]>>1&1)
}

// cleanMP3 keeps the frames and nothing between, before or behind them.
func cleanMP3(src io.ReaderAt, size int64, dst io.Writer) error {
	in := bufio.NewReaderSize(io.NewSectionReader(src, 0, size), 1<<16)
	out := bufio.NewWriter(dst)
	frames, noise := 0, 0
	for {
		head, err := in.Peek(id3Head)
		if errors.Is(err, io.EOF) && len(head) < mp3Head {
			break
		} else if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(head) == id3Head && string(head[:3]) == "ID3" {
			length := id3Head + int(head[6]&0x7f)<<21 + int(head[7]&0x7f)<<14 + int(head[8]&0x7f)<<7 + int(head[9]&0x7f)
			if _, err := in.Discard(length); err != nil {
				break
			}
			continue
		}
		n := frameLength(head)
		if n == 0 || !followed(in, n) {
			if noise++; noise > mp3MaxNoise {
				break
			}
			_, _ = in.Discard(1) // it was peeked at
			continue
		}
		if _, err := io.CopyN(out, in, int64(n)); err != nil {
			break
		}
		frames++
		noise = 0
	}
	if frames < 2 {
		return damaged("no sound")
	}
	return out.Flush()
}

// followed tells a frame from bytes that look like one: another one follows it, or the end, or what may stand there.
func followed(in *bufio.Reader, n int) bool {
	next, err := in.Peek(n + mp3Head)
	if err != nil {
		return len(next) >= n
	}
	after := next[n:]
	switch string(after[:3]) {
	case "TAG", "ID3", "APE", "LYR":
		return true
	}
	return frameLength(after) > 0
}
