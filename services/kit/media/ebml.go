package media

import (
	"fmt"
	"io"
	"math/bits"
)

// Elements of WebM.
const (
	ebmlHead      = 0x1a45dfa3
	ebmlDocType   = 0x4282
	ebmlVoid      = 0xec
	ebmlCRC       = 0xbf
	ebmlSegment   = 0x18538067
	ebmlInfo      = 0x1549a966
	ebmlTracks    = 0x1654ae6b
	ebmlTrack     = 0xae
	ebmlTrackType = 0x83
	ebmlTrackName = 0x536e
	ebmlCluster   = 0x1f43b675
	ebmlAudio     = 2
)

// ebmlKept are the elements that stay as they are; those with elements in them are looked into.
var ebmlKept = map[uint32]bool{
	ebmlHead: true,
	// SeekHead and Cues are about places, which do not change.
	0x114d9b74: true, 0x1c53bb6b: true,
	// Info: scale and duration of time, and the programs that wrote it, which must be said.
	0x2ad7b1: true, 0x4489: true, 0x4d80: true, 0x5741: true,
	// Track: number, id, kind, flags, codec, language, times.
	0xd7: true, 0x73c5: true, ebmlTrackType: true, 0xb9: true, 0x88: true, 0x55aa: true, 0x9c: true, 0x6de7: true, 0x6df8: true, 0x23e383: true, 0x55ee: true,
	0x86: true, 0x63a2: true, 0x22b59c: true, 0x22b59d: true, 0x56aa: true, 0x56bb: true, 0xe1: true, 0x23314f: true, 0xaa: true,
	// Cluster: time, blocks.
	0xe7: true, 0xa7: true, 0xab: true, 0xa3: true, 0xa0: true,
}

var ebmlOpen = map[uint32]bool{ebmlSegment: true, ebmlInfo: true, ebmlTracks: true, ebmlTrack: true, ebmlCluster: true}

const (
	maxElements  = 200_000
	unknownSize  = -1
	maxIDLength  = 4
	maxVoidShort = 126
)

// element is a part of a WebM file.
type element struct {
	id             uint32
	at, inside, to int64
}

// webm collects what of a file changes.
type webm struct {
	src      io.ReaderAt
	size     int64
	patches  []patch
	elements int
	tracks   int
}

// cleanWebM keeps the sound. Everything else is blanked where it is: cues point to places.
func cleanWebM(src io.ReaderAt, size int64, dst io.Writer) error {
	w := &webm{src: src, size: size}
	if err := w.head(); err != nil {
		return err
	}
	if err := w.walk(0, size); err != nil {
		return err
	}
	if w.tracks == 0 {
		return damaged("no sound")
	}
	return patched(src, size, w.patches, dst)
}

// head refuses Matroska that is not WebM.
func (w *webm) head() error {
	e, err := w.read(0, w.size)
	if err != nil {
		return err
	}
	const most = 4096
	text, err := readRange(w.src, e.inside, e.to-e.inside, most)
	if err != nil {
		return err
	}
	for at := e.inside; at < e.to; {
		in, err := w.read(at, e.to)
		if err != nil {
			return err
		}
		if in.id == ebmlDocType {
			if kind := string(text[in.inside-e.inside : in.to-e.inside]); kind != "webm" {
				return fmt.Errorf("a file of %q: %w", kind, ErrNotAllowed)
			}
			return nil
		}
		at = in.to
	}
	return damaged("no kind of file")
}

// read reads the head of the element at a place.
func (w *webm) read(at, to int64) (element, error) {
	if w.elements++; w.elements > maxElements {
		return element{}, damaged("too many elements")
	}
	e := element{at: at}
	head, err := readRange(w.src, at, min(12, to-at), 12)
	if err != nil {
		return e, err
	}
	if len(head) < 2 {
		return e, damaged("an element is cut off")
	}
	width := bits.LeadingZeros8(head[0]) + 1
	if width > maxIDLength || len(head) <= width {
		return e, damaged("an element without an id")
	}
	for _, b := range head[:width] {
		e.id = e.id<<8 | uint32(b)
	}
	sizeWidth := bits.LeadingZeros8(head[width]) + 1
	if sizeWidth > 8 || len(head) < width+sizeWidth {
		return e, damaged("an element without a size")
	}
	size := int64(head[width]) & (1<<(8-sizeWidth) - 1)
	unknown := size == 1<<(8-sizeWidth)-1
	for _, b := range head[width+1 : width+sizeWidth] {
		size = size<<8 | int64(b)
		unknown = unknown && b == 0xff
	}
	e.inside = at + int64(width+sizeWidth)
	switch {
	case unknown && (e.id == ebmlSegment || e.id == ebmlCluster):
		e.to = unknownSize
	case unknown || size > to-e.inside:
		return e, damaged("an element goes beyond the end")
	default:
		e.to = e.inside + size
	}
	return e, nil
}

// walk goes through elements one after another. It goes into those that have others in them as if these were beside them: where a recorder
// did not say how long one is, nothing else tells.
func (w *webm) walk(from, to int64) error {
	for at := from; at < to; {
		e, err := w.read(at, to)
		if err != nil {
			return err
		}
		switch {
		case ebmlOpen[e.id]:
			if e.id == ebmlTrack {
				w.tracks++
			}
			at = e.inside
			continue
		case e.id == ebmlTrackType:
			kind, err := readRange(w.src, e.inside, e.to-e.inside, 8)
			if err != nil {
				return err
			}
			if len(kind) == 0 || kind[len(kind)-1] != ebmlAudio {
				return fmt.Errorf("a track that is no sound: %w", ErrNotAllowed)
			}
		case e.id == ebmlVoid:
			w.patches = append(w.patches, patch{at: e.inside, length: e.to - e.inside})
		case !ebmlKept[e.id]:
			w.patches = append(w.patches, void(e)...)
		}
		at = e.to
	}
	return nil
}

// void puts nothing in an element's place.
func void(e element) []patch {
	length := e.to - e.at
	head := []byte{ebmlVoid, 0x80 | byte(length-2)}
	if length-2 > maxVoidShort {
		rest := uint64(length - 9)
		head = []byte{ebmlVoid, 0x01, byte(rest >> 48), byte(rest >> 40), byte(rest >> 32), byte(rest >> 24), byte(rest >> 16), byte(rest >> 8), byte(rest)}
	}
	return []patch{{e.at, length, nil}, {e.at, int64(len(head)), head}}
}
