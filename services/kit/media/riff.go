package media

import (
	"encoding/binary"
	"io"
)

const (
	riffHead  = 12
	riffFrame = 8
	// maxRIFF bounds the chunks of one file.
	maxRIFF = 100_000
)

// riffChunks reads the chunks between two places. In a sound the last one may say that it has no end.
func riffChunks(src io.ReaderAt, from, to int64) ([]chunk, error) {
	var all []chunk
	for at := from; at+riffFrame <= to; {
		head, err := readRange(src, at, riffFrame, riffFrame)
		if err != nil {
			return nil, err
		}
		c := chunk{string(head[:4]), at + riffFrame, int64(binary.LittleEndian.Uint32(head[4:]))}
		if c.at+c.length > to {
			if c.name != "data" {
				return nil, damaged("chunk %q goes beyond the end", c.name)
			}
			c.length = to - c.at // recorders that write on the way out cannot know
		}
		if all = append(all, c); len(all) > maxRIFF {
			return nil, damaged("too many chunks")
		}
		at = c.at + c.length + c.length&1
	}
	return all, nil
}

// riffEnd is where the outermost chunk ends; what follows does not count.
func riffEnd(src io.ReaderAt, size int64) (int64, error) {
	head, err := readRange(src, 0, riffHead, riffHead)
	if err != nil {
		return 0, err
	}
	return min(size, riffFrame+int64(binary.LittleEndian.Uint32(head[4:]))), nil
}

// riffPart is a chunk of a rendition: bytes of the file, or bytes of our own, or chunks in it.
type riffPart struct {
	name  string
	src   chunk
	own   []byte
	inner []riffPart // after own
}

func (p riffPart) length() int64 {
	n := int64(len(p.own)) + p.src.length
	for _, in := range p.inner {
		n += riffFrame + in.length() + in.length()&1
	}
	return n
}

func (p riffPart) write(dst io.Writer, src io.ReaderAt) error {
	n := p.length()
	if _, err := dst.Write(append(binary.LittleEndian.AppendUint32([]byte(p.name), uint32(n)), p.own...)); err != nil {
		return err
	}
	if p.src.length > 0 {
		if err := copyRange(dst, src, p.src.at, p.src.length); err != nil {
			return err
		}
	}
	for _, in := range p.inner {
		if err := in.write(dst, src); err != nil {
			return err
		}
	}
	if n&1 == 0 {
		return nil
	}
	_, err := dst.Write([]byte{0})
	return err
}

// cleanWAV keeps the sound and how it is coded.
func cleanWAV(src io.ReaderAt, size int64, dst io.Writer) error {
	end, err := riffEnd(src, size)
	if err != nil {
		return err
	}
	if end == riffFrame || end > size-1 {
		end = size
	}
	all, err := riffChunks(src, riffHead, end)
	if err != nil {
		return err
	}
	file := riffPart{name: "RIFF", own: []byte("WAVE")}
	seen := map[string]bool{}
	for _, c := range all {
		if (c.name == "fmt " || c.name == "data" || c.name == "fact") && !seen[c.name] {
			seen[c.name] = true
			file.inner = append(file.inner, riffPart{name: c.name, src: c})
		}
	}
	if !seen["fmt "] || !seen["data"] {
		return damaged("no sound")
	}
	return file.write(dst, src)
}

// Flags of an extended WebP.
const (
	webpExif   = 0x08
	webpXMP    = 0x04
	vp8xLength = 10
	anmfHead   = 16
	vp8Head    = 10
	vp8lHead   = 5
)

var webpKept = map[string]bool{"VP8 ": true, "VP8L": true, "ALPH": true, "ICCP": true, "ANIM": true}

// cleanWebP keeps the picture, its colours and which way up it is.
func cleanWebP(src io.ReaderAt, size int64, dst io.Writer) error {
	end, err := riffEnd(src, size)
	if err != nil {
		return err
	}
	all, err := riffChunks(src, riffHead, end)
	if err != nil {
		return err
	}
	w := webpCopy{src: src, way: upright, file: riffPart{name: "RIFF", own: []byte("WEBP")}}
	for i, c := range all {
		if err := w.add(i, c); err != nil {
			return err
		}
	}
	if !w.seen {
		return damaged("no picture")
	}
	if w.way != upright && w.extended != nil {
		w.extended[0] |= webpExif
		w.file.inner = append(w.file.inner, riffPart{name: "EXIF", own: exifOf(w.way)})
	}
	return w.file.write(dst, src)
}

// webpCopy is a rendition that is being made.
type webpCopy struct {
	src      io.ReaderAt
	file     riffPart
	extended []byte // the bytes of VP8X, when there is one
	way      uint16
	seen     bool // a picture
	area     int64
}

func (w *webpCopy) add(i int, c chunk) error {
	switch {
	case c.name == "VP8X" && i == 0 && c.length == vp8xLength:
		head, err := readRange(w.src, c.at, vp8xLength, vp8xLength)
		if err != nil {
			return err
		}
		if err := pixels(uint24(head[4:])+1, uint24(head[7:])+1); err != nil {
			return err
		}
		head[0] &^= webpExif | webpXMP
		w.extended = head
		w.file.inner = append(w.file.inner, riffPart{name: c.name, own: head})
	case c.name == "EXIF" && c.length <= maxExif:
		tiff, err := readRange(w.src, c.at, c.length, maxExif)
		if err != nil {
			return err
		}
		if len(tiff) > len(exifWord) && string(tiff[:len(exifWord)]) == string(exifWord) {
			tiff = tiff[len(exifWord):]
		}
		w.way = orientation(tiff)
	case c.name == "ANMF":
		return w.frame(c)
	case webpKept[c.name]:
		if err := w.look(c); err != nil {
			return err
		}
		w.file.inner = append(w.file.inner, riffPart{name: c.name, src: c})
	}
	return nil
}

// frame keeps the pictures of a frame of an animation.
func (w *webpCopy) frame(c chunk) error {
	head, err := readRange(w.src, c.at, anmfHead, anmfHead)
	if err != nil {
		return err
	}
	width, height := uint24(head[6:])+1, uint24(head[9:])+1
	if err := pixels(width, height); err != nil {
		return err
	}
	if w.area += width * height; w.area > gifFrames*MaxPixels {
		return ErrTooLarge
	}
	inside, err := riffChunks(w.src, c.at+anmfHead, c.at+c.length)
	if err != nil {
		return err
	}
	frame := riffPart{name: c.name, own: head}
	for _, in := range inside {
		if in.name != "VP8 " && in.name != "VP8L" && in.name != "ALPH" {
			continue
		}
		if err := w.look(in); err != nil {
			return err
		}
		frame.inner = append(frame.inner, riffPart{name: in.name, src: in})
	}
	w.file.inner = append(w.file.inner, frame)
	return nil
}

// look reads how large a picture says it is.
func (w *webpCopy) look(c chunk) error {
	switch c.name {
	case "VP8 ":
		head, err := readRange(w.src, c.at, vp8Head, vp8Head)
		if err != nil {
			return err
		}
		if head[0]&1 != 0 || string(head[3:6]) != "\x9d\x01\x2a" {
			return damaged("no key frame")
		}
		w.seen = true
		const mask = 1<<14 - 1
		return pixels(int64(binary.LittleEndian.Uint16(head[6:])&mask), int64(binary.LittleEndian.Uint16(head[8:])&mask))
	case "VP8L":
		head, err := readRange(w.src, c.at, vp8lHead, vp8lHead)
		if err != nil {
			return err
		}
		if head[0] != 0x2f {
			return damaged("no picture without loss")
		}
		w.seen = true
		bits := int64(binary.LittleEndian.Uint32(head[1:]))
		const mask = 1<<14 - 1
		return pixels(bits&mask+1, bits>>14&mask+1)
	}
	return nil
}

func uint24(b []byte) int64 { return int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16 }
