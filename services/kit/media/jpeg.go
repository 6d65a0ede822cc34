package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// Markers of JPEG.
const (
	markSOI   = 0xd8
	markEOI   = 0xd9
	markSOS   = 0xda
	markSOF0  = 0xc0
	markSOF15 = 0xcf
	markDHT   = 0xc4
	markJPG   = 0xc8
	markDAC   = 0xcc
	markDQT   = 0xdb
	markDNL   = 0xdc
	markDRI   = 0xdd
	markAPP0  = 0xe0
	markAPP1  = 0xe1
	markAPP2  = 0xe2
	markAPP14 = 0xee
	markRST0  = 0xd0
	markRST7  = 0xd7
	markTEM   = 0x01
)

// jpegReader reads a JPEG's segments.
type jpegReader struct {
	*bufio.Reader
	begun bool // the first byte of a marker was read
}

func newJPEGReader(src io.ReaderAt, size int64) (*jpegReader, error) {
	r := &jpegReader{Reader: bufio.NewReaderSize(io.NewSectionReader(src, 0, size), 64<<10)}
	var soi [2]byte
	if _, err := io.ReadFull(r, soi[:]); err != nil {
		return r, err
	}
	if soi != [2]byte{0xff, markSOI} {
		return r, damaged("no JPEG")
	}
	return r, nil
}

// segment reads the next marker, and what belongs to it.
func (r *jpegReader) segment() (mark byte, payload []byte, err error) {
	if !r.begun {
		if b, err := r.ReadByte(); err != nil || b != 0xff {
			return 0, nil, errors.Join(err, damaged("no marker where one must be"))
		}
	}
	r.begun = false
	for mark = 0xff; mark == 0xff; { // fill bytes
		if mark, err = r.ReadByte(); err != nil {
			return 0, nil, err
		}
	}
	if mark == markEOI || mark == markTEM || mark >= markRST0 && mark <= markRST7 {
		return mark, nil, nil
	}
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint16(length[:])
	if n < 2 {
		return 0, nil, damaged("a segment of %d bytes", n)
	}
	payload = make([]byte, n-2)
	_, err = io.ReadFull(r, payload)
	return mark, payload, err
}

// scan passes on compressed data up to the next marker. The file may end there.
func (r *jpegReader) scan(out *bufio.Writer) error {
	for {
		part, err := r.ReadSlice(0xff)
		if err != nil {
			_, _ = out.Write(part) // what fails here fails again at Flush
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			return err
		}
		_, _ = out.Write(part[:len(part)-1])
		next, err := r.Peek(1)
		switch {
		case err != nil:
			return err
		case next[0] != 0 && (next[0] < markRST0 || next[0] > markRST7):
			r.begun = true
			return nil
		}
		_ = out.WriteByte(0xff)
	}
}

var (
	exifWord  = []byte("Exif\x00\x00")
	jfifWord  = []byte("JFIF\x00")
	iccWord   = []byte("ICC_PROFILE\x00")
	adobeWord = []byte("Adobe")
)

const (
	jfifLength  = 14 // without a thumbnail
	adobeLength = 12
)

// kept is what of a segment stays; nil for nothing.
func kept(mark byte, payload []byte) []byte {
	switch {
	case mark >= markSOF0 && mark <= markSOF15 && mark != markJPG, mark == markDQT, mark == markDRI, mark == markDNL:
		return payload
	case mark == markAPP0 && bytes.HasPrefix(payload, jfifWord) && len(payload) >= jfifLength:
		return append(bytes.Clone(payload[:jfifLength-2]), 0, 0)
	case mark == markAPP2 && bytes.HasPrefix(payload, iccWord):
		return payload
	case mark == markAPP14 && bytes.HasPrefix(payload, adobeWord) && len(payload) >= adobeLength:
		return payload[:adobeLength]
	}
	return nil
}

func isFrame(mark byte) bool {
	return mark >= markSOF0 && mark <= markSOF15 && mark != markDHT && mark != markJPG && mark != markDAC
}

// frameHead is as much of a frame's header as says how large it is.
const frameHead = 5

// jpegWay reads a JPEG's headers: which way up it is, and whether it is one that may be opened.
func jpegWay(src io.ReaderAt, size int64) (way uint16, err error) {
	r, err := newJPEGReader(src, size)
	if err != nil {
		return 0, err
	}
	way, frames := upright, 0
	for {
		mark, payload, err := r.segment()
		switch {
		case err != nil:
			return 0, err
		case mark == markSOS && frames == 1:
			return way, nil
		case mark == markSOS, mark == markEOI:
			return 0, damaged("no picture")
		case mark == markAPP1 && bytes.HasPrefix(payload, exifWord) && way == upright:
			way = orientation(payload[len(exifWord):])
		case isFrame(mark):
			if len(payload) < frameHead {
				return 0, damaged("a frame header of %d bytes", len(payload))
			}
			if err := pixels(int64(binary.BigEndian.Uint16(payload[3:])), int64(binary.BigEndian.Uint16(payload[1:]))); err != nil {
				return 0, err
			}
			frames++
		}
	}
}

// cleanJPEG keeps the picture, its colours and which way up it is.
func cleanJPEG(src io.ReaderAt, size int64, dst io.Writer) error {
	way, err := jpegWay(src, size)
	if err != nil {
		return err
	}
	r, err := newJPEGReader(src, size)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(dst, 64<<10)
	_, _ = out.Write([]byte{0xff, markSOI}) // what fails here fails again at Flush
	if way != upright {
		writeSegment(out, markAPP1, append(bytes.Clone(exifWord), exifOf(way)...))
	}
	frames := 0
	for {
		mark, payload, err := r.segment()
		switch {
		case err != nil:
			return err
		case mark == markEOI:
			return endJPEG(out)
		case mark == markSOI:
			return damaged("a picture in a picture")
		case isFrame(mark):
			if frames++; frames > 1 {
				return damaged("two pictures")
			}
		case mark == markSOS:
			writeSegment(out, mark, payload)
			if err := r.scan(out); errors.Is(err, io.EOF) {
				return endJPEG(out) // decoders take a picture without its end, and so do we
			} else if err != nil {
				return err
			}
			continue
		}
		if stays := kept(mark, payload); stays != nil {
			writeSegment(out, mark, stays)
		}
	}
}

func endJPEG(out *bufio.Writer) error {
	_, _ = out.Write([]byte{0xff, markEOI})
	return out.Flush()
}

func writeSegment(out *bufio.Writer, mark byte, payload []byte) {
	_, _ = out.Write(binary.BigEndian.AppendUint16([]byte{0xff, mark}, uint16(len(payload)+2)))
	_, _ = out.Write(payload)
}
