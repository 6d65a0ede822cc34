package media

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// isText tells whether the beginning of a file is text; whole says that it is all of it.
func isText(head []byte, whole bool) bool {
	if len(head) == 0 || !plain(head) {
		return false
	}
	if !whole { // the last character may be cut
		for range utf8.UTFMax {
			if utf8.Valid(head) {
				return true
			}
			head = head[:len(head)-1]
		}
	}
	return utf8.Valid(head) || gb18030(head, !whole)
}

// plain tells whether there are no bytes that text has not.
func plain(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' || c == 0x7f {
			return false
		}
	}
	return true
}

// gb18030 tells whether bytes can be Chinese text in its national code: ASCII, pairs and fours of bytes in their ranges.
func gb18030(b []byte, cut bool) bool {
	for len(b) > 0 {
		switch {
		case b[0] < 0x80:
			b = b[1:]
		case b[0] == 0x80 || b[0] == 0xff:
			return false
		case len(b) == 1:
			return cut
		case b[1] >= 0x40 && b[1] != 0x7f && b[1] != 0xff:
			b = b[2:]
		case b[1] >= '0' && b[1] <= '9' && len(b) < 4:
			return cut
		case b[1] >= '0' && b[1] <= '9' && b[2] > 0x80 && b[2] < 0xff && b[3] >= '0' && b[3] <= '9':
			b = b[4:]
		default:
			return false
		}
	}
	return true
}

// markup are words that make a text something that a browser, or a shell, would act upon.
var markup = []string{"<html", "<script", "<svg", "<iframe", "<body", "<head", "<!doctype", "<?xml", "<?php", "#!/", "javascript:", "<x", "<meta", "<object",
	"<embed", "<img", "<form", "<link", "<style"}

// cleanText keeps the text whole. A page or a program is none, whatever it is called.
func cleanText(src io.ReaderAt, size int64, dst io.Writer) error {
	const most = 8 * mebibyte
	if size > most {
		return fmt.Errorf("a text of %d bytes: %w", size, ErrTooLarge)
	}
	all, err := readRange(src, 0, size, most)
	if err != nil {
		return err
	}
	if !plain(all) || !utf8.Valid(all) && !gb18030(all, false) {
		return fmt.Errorf("not text throughout: %w", ErrNotAllowed)
	}
	start := strings.ToLower(string(bytes.TrimLeft(bytes.TrimPrefix(all, []byte("\ufeff")), " \t\r\n\f")[:]))
	if len(start) > sniffed {
		start = start[:sniffed]
	}
	for _, word := range markup {
		if strings.HasPrefix(start, word) {
			return fmt.Errorf("text that begins with %q: %w", word, ErrNotAllowed)
		}
	}
	if kind := http.DetectContentType(all); !strings.HasPrefix(kind, "text/plain") && utf8.Valid(all) {
		return fmt.Errorf("text that is %s: %w", kind, ErrNotAllowed)
	}
	_, err = dst.Write(all)
	return err
}
