package media

import (
	"bufio"
	"encoding/binary"
	"io"
)

// Parts of a GIF.
const (
	gifHead       = 13
	gifExtension  = 0x21
	gifImage      = 0x2c
	gifTrailer    = 0x3b
	gifControl    = 0xf9
	gifApp        = 0xff
	gifImageHead  = 9
	gifHasColours = 0x80
	// gifFrames is how often over a GIF may fill the largest picture: it is opened frame by frame.
	gifFrames = 20
)

// gifCopy copies a GIF block by block.
type gifCopy struct {
	in   *bufio.Reader
	out  *bufio.Writer
	area int64 // of all frames so far
}

func cleanGIF(src io.ReaderAt, size int64, dst io.Writer) error {
	g := &gifCopy{in: bufio.NewReader(io.NewSectionReader(src, 0, size)), out: bufio.NewWriter(dst)}
	head, err := g.take(gifHead)
	if err != nil {
		return err
	}
	if err := pixels(int64(binary.LittleEndian.Uint16(head[6:])), int64(binary.LittleEndian.Uint16(head[8:]))); err != nil {
		return err
	}
	if err := g.colours(head[10]); err != nil {
		return err
	}
	for {
		kind, err := g.in.ReadByte()
		if err != nil {
			return err
		}
		switch kind {
		case gifTrailer:
			_ = g.out.WriteByte(kind)
			return g.out.Flush()
		case gifImage:
			err = g.image()
		case gifExtension:
			err = g.extension()
		default:
			return damaged("a block of kind %#x", kind)
		}
		if err != nil {
			return err
		}
	}
}

// take copies some bytes and returns them.
func (g *gifCopy) take(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(g.in, b); err != nil {
		return nil, err
	}
	_, err := g.out.Write(b)
	return b, err
}

func (g *gifCopy) colours(flags byte) error {
	if flags&gifHasColours == 0 {
		return nil
	}
	_, err := g.take(3 << (flags&7 + 1))
	return err
}

func (g *gifCopy) image() error {
	_ = g.out.WriteByte(gifImage)
	head, err := g.take(gifImageHead)
	if err != nil {
		return err
	}
	width, height := int64(binary.LittleEndian.Uint16(head[4:])), int64(binary.LittleEndian.Uint16(head[6:]))
	if err := pixels(width, height); err != nil {
		return err
	}
	if g.area += width * height; g.area > gifFrames*MaxPixels {
		return ErrTooLarge
	}
	if err := g.colours(head[8]); err != nil {
		return err
	}
	if _, err := g.take(1); err != nil { // code size
		return err
	}
	return g.blocks(true)
}

// blocks reads blocks up to the empty one.
func (g *gifCopy) blocks(keep bool) error {
	for {
		n, err := g.in.ReadByte()
		if err != nil {
			return err
		}
		if keep {
			_ = g.out.WriteByte(n)
			_, err = g.take(int(n))
		} else {
			_, err = g.in.Discard(int(n))
		}
		if err != nil || n == 0 {
			return err
		}
	}
}

// extension keeps how frames follow each other, and no comments.
func (g *gifCopy) extension() error {
	label, err := g.in.ReadByte()
	if err != nil {
		return err
	}
	keep := label == gifControl
	if label == gifApp {
		head, err := g.in.Peek(12)
		if err != nil {
			return err
		}
		keep = string(head) == "\x0bNETSCAPE2.0"
	}
	if keep {
		_, _ = g.out.Write([]byte{gifExtension, label})
	}
	return g.blocks(keep)
}
