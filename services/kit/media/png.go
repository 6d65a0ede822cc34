package media

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// pngKept are the chunks that a rendition has: the picture, its colours and its size on paper.
var pngKept = map[string]bool{"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true,
	"iCCP": true, "sBIT": true, "bKGD": true, "pHYs": true, "hIST": true, "cICP": true, "mDCV": true, "cLLI": true}

const (
	pngHead    = 8
	chunkFrame = 12 // length, name and checksum around a chunk's bytes
	ihdrLength = 13
)

// chunk is a part of a file that says its name and its length.
type chunk struct {
	name   string
	at     int64 // of its bytes
	length int64
}

// pngChunks reads the chunks up to the picture's end; what follows does not count.
func pngChunks(src io.ReaderAt, size int64) ([]chunk, error) {
	var all []chunk
	for at := int64(pngHead); at+chunkFrame <= size; {
		head, err := readRange(src, at, 8, 8)
		if err != nil {
			return nil, err
		}
		c := chunk{string(head[4:]), at + 8, int64(binary.BigEndian.Uint32(head))}
		if c.at+c.length+4 > size {
			return nil, damaged("chunk %q goes beyond the end", c.name)
		}
		all = append(all, c)
		if c.name == "IEND" {
			return all, nil
		}
		at = c.at + c.length + 4
	}
	return nil, damaged("no end of the picture")
}

func cleanPNG(src io.ReaderAt, size int64, dst io.Writer) error {
	all, err := pngChunks(src, size)
	if err != nil {
		return err
	}
	if all[0].name != "IHDR" || all[0].length != ihdrLength {
		return damaged("no header first")
	}
	head, err := readRange(src, all[0].at, ihdrLength, ihdrLength)
	if err != nil {
		return err
	}
	if err := pixels(int64(binary.BigEndian.Uint32(head)), int64(binary.BigEndian.Uint32(head[4:]))); err != nil {
		return err
	}
	if err := copyRange(dst, src, 0, pngHead); err != nil {
		return err
	}
	way, err := pngWay(src, all)
	if err != nil {
		return err
	}
	for i, c := range all {
		critical := c.name[0]&0x20 == 0
		switch {
		case !pngKept[c.name] && critical:
			return damaged("chunk %q is critical and unknown", c.name)
		case !pngKept[c.name]:
			continue
		}
		if err := copyChunk(dst, src, c); err != nil {
			return err
		}
		if i == 0 && way != upright {
			if _, err := dst.Write(pngChunk("eXIf", exifOf(way))); err != nil {
				return err
			}
		}
	}
	return nil
}

func pngWay(src io.ReaderAt, all []chunk) (uint16, error) {
	for _, c := range all {
		if c.name == "eXIf" && c.length <= maxExif {
			tiff, err := readRange(src, c.at, c.length, maxExif)
			return orientation(tiff), err
		}
	}
	return upright, nil
}

// copyChunk copies a chunk and holds it to its checksum.
func copyChunk(dst io.Writer, src io.ReaderAt, c chunk) error {
	sum := crc32.NewIEEE()
	if err := copyRange(io.MultiWriter(dst, &skipping{w: sum, left: 4}), src, c.at-8, c.length+8); err != nil {
		return err
	}
	stored, err := readRange(src, c.at+c.length, 4, 4)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(stored) != sum.Sum32() {
		return damaged("chunk %q does not match its checksum", c.name)
	}
	_, err = dst.Write(stored)
	return err
}

// skipping leaves out the first bytes written to it.
type skipping struct {
	w    io.Writer
	left int
}

func (s *skipping) Write(p []byte) (int, error) {
	n := min(s.left, len(p))
	s.left -= n
	m, err := s.w.Write(p[n:])
	return n + m, err
}

func pngChunk(name string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b = append(append(b, name...), payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}
