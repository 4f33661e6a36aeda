package screen

import "unsafe"

// column is one slice of an index or a dictionary. All of them together are
// what a saved index holds: they have no pointers, so that they can lie in a
// file as they lie in memory.
type column interface {
	bytes() []byte
	// view makes the slice one of these bytes; false when they are no whole
	// number of elements.
	view(raw []byte) bool
}

type columnOf[T any] struct{ slice *[]T }

// col names a slice whose elements have no pointers.
func col[T any](slice *[]T) column { return columnOf[T]{slice} }

func (c columnOf[T]) bytes() []byte {
	s := *c.slice
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}

func (c columnOf[T]) view(raw []byte) bool {
	var one T
	size := int(unsafe.Sizeof(one))
	if len(raw)%size != 0 || uintptr(unsafe.Pointer(unsafe.SliceData(raw)))%unsafe.Alignof(one) != 0 {
		return false
	}
	if len(raw) == 0 {
		*c.slice = nil
		return true
	}
	*c.slice = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(raw))), len(raw)/size)
	return true
}

// image is a run of bytes that columns lie in: a header, a table of where each
// column is, and the columns. It begins at an address that divides by eight.
//
//	0   magic, 16 bytes
//	16  claim, 32 bytes: what the image is of (rules.go)
//	48  SHA-256 of everything from byte 80 on, 32 bytes
//	80  number of columns, 8 bytes; for each column begin and length, 8 bytes each
//	    the columns, each beginning at a multiple of 64
//
// Numbers stand in the byte order of the machine; the claim names the machine.
type image struct {
	data []byte
	// mapped says that data is a file of which the system brings in the parts
	// that are read. It is unmapped when nobody holds the image any more;
	// runtime.KeepAlive keeps it for those who hold nothing but its bytes.
	mapped bool
}

const (
	imageMagic = "bonafide index 1"
	imageSums  = 48 // where the checksum stands
	imageTable = 80
	imageAlign = 64
)

// layOut puts columns into a new image; the checksum stays open.
func layOut(claim [32]byte, columns []column) *image {
	table := make([]uint64, 1, 1+2*len(columns))
	table[0] = uint64(len(columns))
	at := uint64(imageTable + 8*(1+2*len(columns)))
	for _, c := range columns {
		at = (at + imageAlign - 1) / imageAlign * imageAlign
		n := uint64(len(c.bytes()))
		table = append(table, at, n)
		at += n
	}
	data := alignedBytes(int(at))
	copy(data, imageMagic)
	copy(data[len(imageMagic):], claim[:])
	copy(data[imageTable:], col(&table).bytes())
	for i, c := range columns {
		copy(data[table[1+2*i]:], c.bytes())
	}
	return &image{data: data}
}

// alignedBytes makes bytes that begin where a number of eight bytes may.
func alignedBytes(n int) []byte {
	words := make([]uint64, (n+7)/8)
	return col(&words).bytes()[:n:n]
}

// lend makes the columns slices of the image; false when it holds others.
func (m *image) lend(columns []column) bool {
	var table []uint64
	head := imageTable + 8*(1+2*len(columns))
	if len(m.data) < head || !col(&table).view(m.data[imageTable:head]) || table[0] != uint64(len(columns)) {
		return false
	}
	for i, c := range columns {
		at, n := table[1+2*i], table[2+2*i]
		if at < uint64(head) || at > uint64(len(m.data)) || n > uint64(len(m.data))-at || at%8 != 0 || !c.view(m.data[at:at+n:at+n]) {
			return false
		}
	}
	return true
}
