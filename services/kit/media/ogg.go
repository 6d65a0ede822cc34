package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	oggHead      = 27
	oggContinued = 0x01
	oggFull      = 255
	// maxTags bounds the packet of comments, which may hold a picture.
	maxTags = 16 << 20
)

// oggPage is one page of a stream.
type oggPage struct {
	bytes  []byte
	lacing []byte
	body   []byte // in bytes
}

// readOggPage reads the page at a place; nil where there is none.
func readOggPage(src io.ReaderAt, at, size int64) (*oggPage, error) {
	if at+oggHead > size {
		return nil, nil
	}
	head, err := readRange(src, at, oggHead, oggHead)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(head, []byte("OggS\x00")) {
		return nil, nil
	}
	lacing, err := readRange(src, at+oggHead, int64(head[26]), oggFull)
	if err != nil {
		return nil, err
	}
	length := int64(oggHead + len(lacing))
	for _, n := range lacing {
		length += int64(n)
	}
	if at+length > size {
		return nil, nil // cut off in the middle: what was heard before stays
	}
	all, err := readRange(src, at, length, length)
	return &oggPage{all, lacing, all[oggHead+len(lacing):]}, err
}

func (p *oggPage) serial() uint32 { return binary.LittleEndian.Uint32(p.bytes[14:]) }

// seal makes the page's checksum anew.
func (p *oggPage) seal() {
	binary.LittleEndian.PutUint32(p.bytes[22:], 0)
	binary.LittleEndian.PutUint32(p.bytes[22:], oggSum(p.bytes))
}

var oggTable = func() (table [256]uint32) {
	const polynomial = 0x04c11db7
	for i := range table {
		r := uint32(i) << 24
		for range 8 {
			if r&(1<<31) != 0 {
				r = r<<1 ^ polynomial
			} else {
				r <<= 1
			}
		}
		table[i] = r
	}
	return table
}()

func oggSum(b []byte) uint32 {
	var sum uint32
	for _, c := range b {
		sum = sum<<8 ^ oggTable[byte(sum>>24)^c]
	}
	return sum
}

// oggCodecs are the sounds that are taken, by how their first packet begins, with how their packet of comments does.
var oggCodecs = []struct{ head, tags, end string }{
	{"OpusHead", "OpusTags", ""},
	{"\x01vorbis", "\x03vorbis", "\x01"},
	{"Speex   ", "", ""},
}

// noTags is a packet of comments without one, of a given length.
func noTags(first []byte, length int) ([]byte, error) {
	for _, codec := range oggCodecs {
		if !bytes.HasPrefix(first, []byte(codec.head)) {
			continue
		}
		filler := length - len(codec.tags) - 8 - len(codec.end)
		if filler < 0 {
			return nil, damaged("comments of %d bytes", length)
		}
		b := binary.LittleEndian.AppendUint32([]byte(codec.tags), uint32(filler)) // the name of the program: blanks
		b = append(b, bytes.Repeat([]byte(" "), filler)...)
		return append(append(b, 0, 0, 0, 0), codec.end...), nil
	}
	return nil, fmt.Errorf("a stream that is no sound: %w", ErrNotAllowed)
}

// cleanOgg keeps the sound of a file with one stream. The comments are blanked in their length, so that pages stay as they are.
func cleanOgg(src io.ReaderAt, size int64, dst io.Writer) error {
	first, err := readOggPage(src, 0, size)
	if err != nil {
		return err
	}
	if first == nil || len(first.lacing) != 1 {
		return damaged("no first page")
	}
	length, err := oggSecond(src, int64(len(first.bytes)), size, first.serial())
	if err != nil {
		return err
	}
	blank, err := noTags(first.body, length)
	if err != nil {
		return err
	}
	first.seal()
	if _, err := dst.Write(first.bytes); err != nil {
		return err
	}
	for at := int64(len(first.bytes)); ; {
		page, err := readOggPage(src, at, size)
		if err != nil || page == nil {
			return err
		}
		if page.serial() != first.serial() {
			return fmt.Errorf("more than one stream: %w", ErrNotAllowed)
		}
		at += int64(len(page.bytes))
		blank = blank[copy(page.body, blank):]
		page.seal()
		if _, err := dst.Write(page.bytes); err != nil {
			return err
		}
	}
}

// oggSecond is how long the second packet is, which begins at a place.
func oggSecond(src io.ReaderAt, at, size int64, serial uint32) (int, error) {
	length := 0
	for {
		page, err := readOggPage(src, at, size)
		if err != nil {
			return 0, err
		}
		if page == nil || page.serial() != serial || length > maxTags {
			return 0, damaged("no comments")
		}
		for _, n := range page.lacing {
			length += int(n)
			if n < oggFull {
				return length, nil
			}
		}
		at += int64(len(page.bytes))
	}
}
