package roster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
)

// batchBytes is about how much of a file one processor takes at a time.
const batchBytes = 256 << 10

// lineBatch is a run of lines of a file and what was read from them.
type lineBatch[T any] struct {
	first  int // number of the first line
	text   []byte
	ends   []int // of the lines in text, line breaks included
	err    error // why there are no more lines: io.EOF, usually
	parsed []T
	bad    []error
	done   chan struct{}
}

func (b *lineBatch[T]) line(i int) []byte {
	from := 0
	if i > 0 {
		from = b.ends[i-1]
	}
	return bytes.TrimSpace(b.text[from:b.ends[i]])
}

// eachJSONLineParallel is eachJSONLine on all processors: parser makes one for
// each of them, which reads a line without knowing of others; one gets line and
// result in the order of the file, or the reason why there is none.
func eachJSONLineParallel[T any](ctx context.Context, in Input, what string, parser func() func(line []byte) (T, error), one func(line []byte, v T) error) error {
	if head := strings.TrimLeft(firstBytes(in, 64), " \r\n\t"); !strings.HasPrefix(head, "{") {
		return wrongFormat(in.name, what+" lines begin with {")
	}
	workers := runtime.GOMAXPROCS(0)
	work, inOrder, stop := make(chan *lineBatch[T]), make(chan *lineBatch[T], 2*workers), make(chan struct{})
	var all sync.WaitGroup
	defer all.Wait() // nobody reads the file after this returns
	defer close(stop)
	all.Go(func() {
		defer close(work)
		defer close(inOrder)
		for n, more := 1, true; more; {
			b := &lineBatch[T]{first: n, done: make(chan struct{})}
			b.read(ctx, in)
			n += len(b.ends)
			more = b.err == nil
			select {
			case inOrder <- b:
			case <-stop:
				return
			}
			select {
			case work <- b:
			case <-stop:
				return
			}
		}
	})
	for range workers {
		all.Go(func() {
			parse := parser()
			for b := range work {
				b.parsed, b.bad = make([]T, len(b.ends)), make([]error, len(b.ends))
				for i := range b.ends {
					if line := b.line(i); len(line) > 0 {
						b.parsed[i], b.bad[i] = parse(line)
					}
				}
				close(b.done)
			}
		})
	}
	for b := range inOrder {
		<-b.done
		for i := range b.ends {
			line := b.line(i)
			if len(line) == 0 {
				continue
			}
			bad := b.bad[i]
			if bad == nil {
				bad = one(line, b.parsed[i])
			}
			if bad != nil {
				last := errors.Is(b.err, io.EOF) && i == len(b.ends)-1 && !bytes.HasSuffix(b.text, []byte("\n"))
				return lineError(in, what, b.first+i, line, last, bad)
			}
		}
		if b.err != nil && !errors.Is(b.err, io.EOF) {
			return ReadError(in.name, b.err)
		}
	}
	return nil
}

// read takes in lines until there are enough of them.
func (b *lineBatch[T]) read(ctx context.Context, in Input) {
	b.text = make([]byte, 0, batchBytes+batchBytes/4)
	for len(b.text) < batchBytes {
		if b.err = ctx.Err(); b.err != nil {
			return
		}
		from := len(b.text)
		for more := true; more; {
			part, err := in.r.ReadSlice('\n')
			b.text = append(b.text, part...)
			if len(b.text)-from > maxLineBytes {
				b.text, b.err = b.text[:from], errTooLarge
				return
			}
			if more = errors.Is(err, bufio.ErrBufferFull); !more {
				b.err = err
			}
		}
		if len(b.text) > from && (b.err == nil || errors.Is(b.err, io.EOF)) {
			b.ends = append(b.ends, len(b.text))
		}
		if b.err != nil {
			return
		}
	}
}
