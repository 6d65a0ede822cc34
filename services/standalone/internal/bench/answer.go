package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// answers reads HTTP/1.1 answers from a connection that stays open. It knows what the product sends and no more: a client of the
// library would use as much of the two cores as the product.
type answers struct {
	in      *bufio.Reader
	content []byte
}

func newAnswers(in io.Reader) *answers { return &answers{in: bufio.NewReaderSize(in, 16<<10)} }

var (
	lengthHeader  = []byte("Content-Length:")
	chunkedHeader = []byte("Transfer-Encoding: chunked")
)

// next reads one answer. The content is good until the next call.
func (a *answers) next() (status string, content []byte, err error) {
	line, err := a.line()
	if err != nil {
		return "", nil, err
	}
	_, rest, found := bytes.Cut(line, []byte(" "))
	if !found || len(rest) < 3 {
		return "", nil, fmt.Errorf("not a status line: %q", line)
	}
	status = string(rest[:3])
	length, chunked := 0, false
	for {
		if line, err = a.line(); err != nil {
			return "", nil, err
		}
		if len(line) == 0 {
			break
		}
		if value, found := bytes.CutPrefix(line, lengthHeader); found {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return "", nil, err
			}
		}
		chunked = chunked || bytes.Equal(line, chunkedHeader)
	}
	a.content = a.content[:0]
	if chunked {
		err = a.chunks()
	} else {
		err = a.take(length)
	}
	return status, a.content, err
}

// chunks reads content of which the length was not known when it began.
func (a *answers) chunks() error {
	for {
		line, err := a.line()
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(line), 16, 32)
		if err != nil {
			return err
		}
		if err := a.take(int(size)); err != nil {
			return err
		}
		if _, err := a.line(); err != nil || size == 0 {
			return err
		}
	}
}

func (a *answers) take(n int) error {
	had := len(a.content)
	a.content = append(a.content, make([]byte, n)...)
	_, err := io.ReadFull(a.in, a.content[had:])
	return err
}

func (a *answers) line() ([]byte, error) {
	line, err := a.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}
