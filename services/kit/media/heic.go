package media

import (
	"encoding/binary"
	"fmt"
	"io"
)

// heicImages are the items of a HEIC file that are pictures or are made of pictures. All other items are data about them.
var heicImages = map[string]bool{"hvc1": true, "grid": true, "iden": true, "iovl": true, "tmap": true}

var (
	heicNest = nest{"ftyp": nil, "mdat": nil, "meta": {"hdlr": nil, "pitm": nil, "iinf": nil, "iref": nil, "iprp": {"ipco": nil, "ipma": nil}, "iloc": nil,
		"idat": nil, "dinf": nil, "grpl": nil}}
	fullBoxHead = int64(4)
)

// heic collects what of a file changes.
type heic struct {
	src     io.ReaderAt
	size    int64
	patches []patch
	data    map[uint32]bool // items that are no pictures
	images  int
	seen    map[string]box // the boxes of meta
}

// cleanHEIC blanks everything that is no picture, where it is: offsets in such a file are absolute. Which way up the picture is, is one of
// its properties and stays.
func cleanHEIC(src io.ReaderAt, size int64, dst io.Writer) error {
	h := &heic{src: src, size: size, data: map[uint32]bool{}, seen: map[string]box{}}
	if err := h.walk(heicNest, 0, size); err != nil {
		return err
	}
	if err := h.items(); err != nil {
		return err
	}
	if err := h.extents(); err != nil {
		return err
	}
	if err := h.properties(); err != nil {
		return err
	}
	return patched(src, size, h.patches, dst)
}

func (h *heic) walk(may nest, from, to int64) error {
	all, err := boxes(h.src, from, to)
	if err != nil {
		return err
	}
	h.patches = append(h.patches, patch{at: end(all, from), length: to - end(all, from)})
	for _, b := range all {
		inside, known := may[b.name]
		if !known {
			h.patches = append(h.patches, b.freed()...)
			continue
		}
		if _, twice := h.seen[b.name]; twice && b.name != "mdat" {
			return damaged("box %q is there twice", b.name)
		}
		h.seen[b.name] = b
		if inside != nil {
			skip := int64(0)
			if b.name == "meta" {
				skip = fullBoxHead
			}
			if err := h.walk(inside, b.inside+skip, b.to); err != nil {
				return err
			}
		}
	}
	return nil
}

// items finds out which items are no pictures, and takes all their names.
func (h *heic) items() error {
	b, there := h.seen["iinf"]
	if !there {
		return damaged("no list of items")
	}
	head, err := readRange(h.src, b.inside, 8, 8)
	if err != nil {
		return err
	}
	first := b.inside + 6
	if head[0] > 0 {
		first += 2
	}
	entries, err := boxes(h.src, first, b.to)
	if err != nil {
		return err
	}
	for _, e := range entries {
		head, err := readRange(h.src, e.inside, min(14, e.to-e.inside), 14)
		if err != nil {
			return err
		}
		version := head[0]
		named := 12
		if version == 3 {
			named = 14
		}
		if e.name != "infe" || version != 2 && version != 3 || len(head) < named {
			return damaged("an item that cannot be read")
		}
		id := uint32(binary.BigEndian.Uint16(head[4:]))
		if version == 3 {
			id = binary.BigEndian.Uint32(head[4:])
		}
		if heicImages[string(head[named-4:named])] {
			h.images++
		} else {
			h.data[id] = true
		}
		h.patches = append(h.patches, patch{at: e.inside + int64(named), length: e.to - e.inside - int64(named)})
	}
	if h.images == 0 {
		return damaged("no picture")
	}
	return nil
}

// numbers reads numbers of different widths one after another.
type numbers struct {
	b   []byte
	bad bool
}

func (n *numbers) next(width int) uint64 {
	if width > len(n.b) {
		n.bad, n.b = true, nil
		return 0
	}
	var v uint64
	for _, c := range n.b[:width] {
		v = v<<8 | uint64(c)
	}
	n.b = n.b[width:]
	return v
}

// extents blanks the bytes of items that are no pictures.
func (h *heic) extents() error {
	b, there := h.seen["iloc"]
	if !there {
		return damaged("items have no place")
	}
	table, err := readRange(h.src, b.inside, b.to-b.inside, maxTable)
	if err != nil {
		return err
	}
	n := &numbers{b: table}
	version := n.next(1)
	n.next(3)
	sizes := n.next(2)
	offsetSize, lengthSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	idSize := 2
	if version == 2 {
		idSize = 4
	}
	if version == 0 {
		indexSize = 0
	}
	for range n.next(idSize) {
		id := uint32(n.next(idSize))
		method := uint64(0)
		if version > 0 {
			method = n.next(2) & 15
		}
		n.next(2)
		base := n.next(baseSize)
		for range n.next(2) {
			n.next(indexSize)
			offset, length := n.next(offsetSize), n.next(lengthSize)
			if n.bad {
				return damaged("the places of items cannot be read")
			}
			if h.data[id] {
				if err := h.blank(method, base+offset, length); err != nil {
					return err
				}
			}
		}
	}
	if n.bad {
		return damaged("the places of items cannot be read")
	}
	return nil
}

// Where an item's bytes are.
const (
	inFile = 0
	inIdat = 1
)

func (h *heic) blank(method, offset, length uint64) error {
	from, to := int64(0), h.size
	if method == inIdat {
		b, there := h.seen["idat"]
		if !there {
			return damaged("items have no place")
		}
		from, to = b.inside, b.to
	}
	if method > inIdat || length == 0 || offset > uint64(to-from) || length > uint64(to-from)-offset {
		return fmt.Errorf("an item of unknown extent: %w", ErrUncleanable)
	}
	h.patches = append(h.patches, patch{at: from + int64(offset), length: int64(length)})
	return nil
}

// properties reads how large the pictures are, and takes descriptions written by people.
func (h *heic) properties() error {
	b, there := h.seen["ipco"]
	if !there {
		return damaged("no properties")
	}
	all, err := boxes(h.src, b.inside, b.to)
	if err != nil {
		return err
	}
	sized := false
	for _, p := range all {
		switch p.name {
		case "ispe":
			head, err := readRange(h.src, p.inside, 12, 12)
			if err != nil {
				return err
			}
			if err := pixels(int64(binary.BigEndian.Uint32(head[4:])), int64(binary.BigEndian.Uint32(head[8:]))); err != nil {
				return err
			}
			sized = true
		case "udes", "uuid", "crtt", "mdft":
			h.patches = append(h.patches, p.freed()...)
		}
	}
	if !sized {
		return damaged("no size")
	}
	return nil
}
