package media

import (
	"encoding/binary"
	"fmt"
	"io"
)

// box is a part of a file of MPEG's making: its name, and where it and its bytes lie.
type box struct {
	name           string
	at, inside, to int64
}

const (
	boxHead     = 8
	longBoxHead = 16
	// maxBoxes bounds the boxes of one file.
	maxBoxes = 20_000
	// maxTable is more than any table that is read whole.
	maxTable = 4 << 20
)

// boxes reads the boxes between two places.
func boxes(src io.ReaderAt, from, to int64) ([]box, error) {
	var all []box
	for at := from; at+boxHead <= to; {
		head, err := readRange(src, at, boxHead, boxHead)
		if err != nil {
			return nil, err
		}
		b := box{name: string(head[4:]), at: at, inside: at + boxHead, to: at + int64(binary.BigEndian.Uint32(head))}
		switch b.to - at {
		case 0:
			b.to = to
		case 1:
			long, err := readRange(src, b.inside, 8, 8)
			if err != nil {
				return nil, err
			}
			b.inside, b.to = at+longBoxHead, at+int64(binary.BigEndian.Uint64(long))
		}
		if b.to < b.inside || b.to > to {
			return nil, damaged("box %q goes beyond the end", b.name)
		}
		if all = append(all, b); len(all) > maxBoxes {
			return nil, damaged("too many boxes")
		}
		at = b.to
	}
	return all, nil
}

// freed blanks a box: it stays where it is, so that what points behind it still does, and holds nothing.
func (b box) freed() []patch {
	return []patch{{b.at + 4, 4, []byte("free")}, {b.inside, b.to - b.inside, nil}}
}

// heicBrands are what pictures of this kind call themselves.
var heicBrands = map[string]bool{"heic": true, "heix": true, "heim": true, "heis": true, "mif1": true}

var mp4Brands = map[string]bool{"M4A ": true, "M4B ": true, "mp41": true, "mp42": true, "isom": true, "iso2": true, "iso4": true, "iso5": true, "iso6": true,
	"dash": true, "3gp4": true, "3gp5": true, "3gp6": true}

func sniffBoxes(head []byte) (*Format, error) {
	if len(head) < longBoxHead {
		return nil, ErrNotAllowed
	}
	switch brand := string(head[8:12]); {
	case heicBrands[brand]:
		return HEIC, nil
	case mp4Brands[brand]:
		return MP4, nil
	default:
		return nil, fmt.Errorf("brand %q: %w", brand, ErrNotAllowed)
	}
}

// nest says which boxes may be in a box. A name without an entry of its own is kept whole.
type nest map[string]nest

var mp4Nest = nest{
	"ftyp": nil, "mdat": nil, "styp": nil, "sidx": nil, "mfra": nil,
	"moov": {"mvhd": nil, "mvex": {"mehd": nil, "trex": nil, "trep": nil}, "trak": {
		"tkhd": nil, "edts": {"elst": nil},
		"mdia": {"mdhd": nil, "hdlr": nil, "minf": {"smhd": nil, "dinf": nil, "stbl": {"stsd": nil, "stts": nil, "stsc": nil, "stsz": nil, "stz2": nil,
			"stco": nil, "co64": nil, "stss": nil, "ctts": nil, "sgpd": nil, "sbgp": nil}}},
	}},
	"moof": {"mfhd": nil, "traf": {"tfhd": nil, "tfdt": nil, "trun": nil, "sbgp": nil, "sgpd": nil, "saiz": nil, "saio": nil}},
}

// mp4 collects what of a file changes.
type mp4 struct {
	src     io.ReaderAt
	patches []patch
	sounds  int
}

// cleanMP4 keeps the sound. A file with pictures is none that is spoken.
func cleanMP4(src io.ReaderAt, size int64, dst io.Writer) error {
	m := &mp4{src: src}
	if err := m.walk(mp4Nest, 0, size); err != nil {
		return err
	}
	if m.sounds == 0 {
		return damaged("no sound")
	}
	return patched(src, size, m.patches, dst)
}

func (m *mp4) walk(may nest, from, to int64) error {
	all, err := boxes(m.src, from, to)
	if err != nil {
		return err
	}
	if len(all) == 0 || all[len(all)-1].to != to {
		m.patches = append(m.patches, patch{at: end(all, from), length: to - end(all, from)})
	}
	for _, b := range all {
		inside, known := may[b.name]
		switch {
		case !known:
			m.patches = append(m.patches, b.freed()...)
		case inside != nil:
			err = m.walk(inside, b.inside, b.to)
		default:
			err = m.leaf(b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func end(all []box, from int64) int64 {
	if len(all) == 0 {
		return from
	}
	return all[len(all)-1].to
}

// leaf looks at a box that is kept.
func (m *mp4) leaf(b box) error {
	switch b.name {
	case "mvhd", "tkhd", "mdhd": // when it was recorded
		version, err := readRange(m.src, b.inside, 1, 1)
		if err != nil {
			return err
		}
		length := int64(8)
		if version[0] == 1 {
			length = 16
		}
		m.patches = append(m.patches, patch{at: b.inside + 4, length: min(length, b.to-b.inside-4)})
	case "hdlr":
		const nameAt = 24
		head, err := readRange(m.src, b.inside, nameAt, nameAt)
		if err != nil {
			return err
		}
		if kind := string(head[8:12]); kind != "soun" {
			return fmt.Errorf("a track of %q: %w", kind, ErrNotAllowed)
		}
		m.sounds++
		m.patches = append(m.patches, patch{at: b.inside + nameAt, length: b.to - b.inside - nameAt})
	}
	return nil
}
