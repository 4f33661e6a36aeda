package chip

// surveyBER walks through BER without recursion that the file could drive
// deep, so that the parsers behind it meet nothing that takes long. ok is false
// when the bytes are not one well-formed element, nest too deep or have too
// many parts; open says that some length is open.
func surveyBER(b []byte) (open, ok bool) {
	s := survey{left: maxElements}
	_, rest, ok := s.element(b, 0)
	return s.opens > 0, ok && len(rest) == 0 && s.opens <= maxOpen
}

const (
	maxDepth    = 32
	maxElements = 8000
	maxOpen     = 64 // each is copied by the library with what follows it
)

type survey struct{ left, opens int }

// element reads one element and gives its content and what follows it.
func (s *survey) element(b []byte, depth int) (content, rest []byte, ok bool) {
	if s.left--; s.left < 0 || depth > maxDepth {
		return nil, nil, false
	}
	head, ok := readHead(b)
	if !ok {
		return nil, nil, false
	}
	b = b[head.size:]
	if head.open {
		if !head.constructed {
			return nil, nil, false
		}
		s.opens++
		content = b
		for {
			if len(b) < 2 {
				return nil, nil, false
			}
			if b[0] == 0 && b[1] == 0 {
				return content[:len(content)-len(b)], b[2:], true
			}
			if _, b, ok = s.element(b, depth+1); !ok {
				return nil, nil, false
			}
		}
	}
	if head.length > len(b) {
		return nil, nil, false
	}
	content, rest = b[:head.length], b[head.length:]
	if head.constructed {
		for inner := content; len(inner) > 0; {
			if _, inner, ok = s.element(inner, depth+1); !ok {
				return nil, nil, false
			}
		}
	}
	return content, rest, true
}

// berHead is the tag and the length of an element.
type berHead struct {
	tag         int // as the bytes stand: 0x77, 0x5f1f
	constructed bool
	open        bool
	length      int
	size        int // bytes of the head itself
}

func readHead(b []byte) (h berHead, ok bool) {
	if len(b) < 2 {
		return h, false
	}
	h.tag, h.constructed, h.size = int(b[0]), b[0]&0x20 != 0, 1
	if b[0]&0x1f == 0x1f {
		for more := true; more; h.size++ {
			if h.size >= len(b) || h.size > 3 {
				return h, false
			}
			h.tag = h.tag<<8 | int(b[h.size])
			more = b[h.size]&0x80 != 0
		}
	}
	if h.size >= len(b) {
		return h, false
	}
	first := b[h.size]
	h.size++
	switch {
	case first < 0x80:
		h.length = int(first)
	case first == 0x80:
		h.open = true
	case first <= 0x84:
		n := int(first & 0x7f)
		if h.size+n > len(b) {
			return h, false
		}
		for _, c := range b[h.size : h.size+n] {
			h.length = h.length<<8 | int(c)
		}
		h.size += n
	default:
		return h, false
	}
	return h, h.length >= 0
}

// unwrap gives the content of the one element of a file, which must have the
// tag and a definite length.
func unwrap(b []byte, tag int) (content []byte, ok bool) {
	h, ok := readHead(b)
	if !ok || h.tag != tag || h.open || h.size+h.length != len(b) {
		return nil, false
	}
	return b[h.size:], true
}

// child gives the content of the first element with the tag in a row of
// elements.
func child(b []byte, tag int) (content []byte, ok bool) {
	for range maxElements {
		h, good := readHead(b)
		if !good || h.open || h.size+h.length > len(b) {
			return nil, false
		}
		if h.tag == tag {
			return b[h.size : h.size+h.length], true
		}
		b = b[h.size+h.length:]
	}
	return nil, false
}
