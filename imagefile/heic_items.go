//go:build !noheic

package imagefile

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// heicItems are the pictures of a HEIC file and how they hang together: the
// boxes pitm, iinf, iref, iloc and iprp of ISO/IEC 14496-12 (8.11) and ISO/IEC
// 23008-12.
type heicItems struct {
	file, idat []byte
	primary    uint32
	kinds      map[uint32]string   // hvc1, grid …
	parts      map[uint32][]uint32 // of which pictures one is made (dimg)
	places     map[uint32]extents
	properties map[uint32][]box
}

// extents are where the data of an item stands.
type extents struct {
	inIdat bool
	spans  [][2]uint64 // offset and length
}

// cursor reads big-endian numbers; bad is set when it runs out of bytes, and
// what it gives then is 0.
type cursor struct {
	b   []byte
	bad bool
}

// take gives a number of 0, 1, 2, 4 or 8 bytes.
func (c *cursor) take(size int) uint64 {
	if size < 0 || size > 8 || len(c.b) < size {
		c.b, c.bad = nil, true
		return 0
	}
	n := uint64(0)
	for _, v := range c.b[:size] {
		n = n<<8 | uint64(v)
	}
	c.b = c.b[size:]
	return n
}

// wide is 4 bytes from a version of a box on, and 2 before.
func wide(version, from uint64) int {
	if version >= from {
		return 4
	}
	return 2
}

// heicItemsOf reads the items of a file. It is false where the boxes are
// broken, or larger than any camera writes them.
func heicItemsOf(b []byte) (heicItems, bool) {
	f := heicItems{file: b, kinds: map[uint32]string{}, parts: map[uint32][]uint32{}, places: map[uint32]extents{}, properties: map[uint32][]box{}}
	meta := boxesAt(b, []string{"meta"})
	if len(meta) != 1 || len(meta[0]) < 4 {
		return f, false
	}
	ok := true
	for rest := meta[0][4:]; len(rest) > 0 && ok; {
		var one box
		if one, rest, ok = nextBox(rest); !ok {
			return f, false
		}
		c := cursor{b: one.body}
		switch one.kind {
		case "idat":
			f.idat = one.body
		case "pitm":
			version := c.take(4) >> 24
			f.primary = uint32(c.take(wide(version, 1)))
		case "iinf":
			version := c.take(4) >> 24
			c.take(wide(version, 1))
			f.readKinds(c.b)
		case "iref":
			f.readParts(&c)
		case "iloc":
			f.readPlaces(&c)
		case "iprp":
			ok = f.readProperties(one.body)
		}
		ok = ok && !c.bad
	}
	return f, ok
}

func (f *heicItems) readKinds(entries []byte) {
	for _, infe := range boxesAt(entries, []string{"infe"}) {
		c := cursor{b: infe}
		version := c.take(4) >> 24
		if version < 2 {
			continue
		}
		id := uint32(c.take(wide(version, 3)))
		c.take(2) // protection
		if len(c.b) >= 4 {
			f.kinds[id] = string(c.b[:4])
		}
	}
}

func (f *heicItems) readParts(c *cursor) {
	size := wide(c.take(4)>>24, 1)
	for len(c.b) > 0 {
		one, rest, ok := nextBox(c.b)
		if c.b = rest; !ok {
			c.bad = true
			return
		}
		if one.kind != "dimg" {
			continue
		}
		in := cursor{b: one.body}
		from := uint32(in.take(size))
		n := int(in.take(2))
		if n > len(in.b)/size {
			c.bad = true
			return
		}
		var to []uint32
		for range n {
			to = append(to, uint32(in.take(size)))
		}
		f.parts[from] = to
	}
}

func (f *heicItems) readPlaces(c *cursor) {
	version := c.take(4) >> 24
	sizes := c.take(2)
	offset, length, base, index := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version < 1 {
		index = 0
	}
	items := int(c.take(wide(version, 2)))
	for n := 0; n < items && !c.bad; n++ {
		id := uint32(c.take(wide(version, 2)))
		var at extents
		if version >= 1 {
			method := c.take(2) & 15
			at.inIdat = method == 1
			c.bad = c.bad || method > 1
		}
		c.take(2) // the file itself
		start := c.take(base)
		count := int(c.take(2))
		for k := 0; k < count && !c.bad; k++ {
			c.take(index)
			o := c.take(offset)
			at.spans = append(at.spans, [2]uint64{start + o, c.take(length)})
			// Without sizes there would be no end to what few bytes can say.
			c.bad = c.bad || length == 0 || start+o < start
		}
		f.places[id] = at
	}
}

func (f *heicItems) readProperties(iprp []byte) bool {
	var all []box
	for _, ipco := range boxesAt(iprp, []string{"ipco"}) {
		for len(ipco) > 0 {
			one, rest, ok := nextBox(ipco)
			if ipco = rest; !ok {
				return false
			}
			all = append(all, one)
		}
	}
	for _, ipma := range boxesAt(iprp, []string{"ipma"}) {
		c := cursor{b: ipma}
		head := c.take(4)
		entries := int(c.take(4))
		for n := 0; n < entries && !c.bad; n++ {
			id := uint32(c.take(wide(head>>24, 1)))
			for range int(c.take(1)) {
				var at uint64
				if head&1 != 0 {
					at = c.take(2) & 0x7fff
				} else {
					at = c.take(1) & 0x7f
				}
				if at > uint64(len(all)) || c.bad {
					return false
				}
				if at > 0 {
					f.properties[id] = append(f.properties[id], all[at-1])
				}
			}
		}
		if c.bad {
			return false
		}
	}
	return true
}

// data gives the bytes of an item.
func (f *heicItems) data(id uint32) ([]byte, bool) {
	at, ok := f.places[id]
	from := f.file
	if at.inIdat {
		from = f.idat
	}
	var out []byte
	for _, span := range at.spans {
		if span[0] > uint64(len(from)) || span[1] > uint64(len(from))-span[0] || uint64(len(out))+span[1] > MaxFileBytes {
			return nil, false
		}
		piece := from[span[0] : span[0]+span[1]]
		if len(at.spans) == 1 {
			return piece, ok
		}
		out = append(out, piece...)
	}
	return out, ok && len(out) > 0
}

// size is how large an HEVC picture of the file says it is, in pixels.
func (f *heicItems) size(id uint32) (w, h int, ok bool) {
	size := f.property(id, "ispe")
	if f.kinds[id] != "hvc1" || len(f.property(id, "hvcC")) == 0 || len(size) < 12 {
		return 0, 0, false
	}
	w, h = int(binary.BigEndian.Uint32(size[4:])), int(binary.BigEndian.Uint32(size[8:]))
	return w, h, w >= 1 && h >= 1 && w <= MaxSide && h <= MaxSide
}

func (f *heicItems) property(id uint32, kind string) []byte {
	at := slices.IndexFunc(f.properties[id], func(p box) bool { return p.kind == kind })
	if at < 0 {
		return nil
	}
	return f.properties[id][at].body
}

// alone writes a file that holds one HEVC picture of this one. In colour it is
// laid on an empty canvas of its own size (iovl, ISO/IEC 23008-12, 6.6.2.2): the
// decoder mixes canvases in red, green and blue, and so gives them out. The
// planes of brightness and colour that it gives otherwise are not to be used:
// that of the red difference is not copied (v0.5.0).
func (f *heicItems) alone(id uint32, colour bool) ([]byte, bool) {
	data, found := f.data(id)
	w, h, ok := f.size(id)
	if !found || !ok || len(data) == 0 {
		return nil, false
	}
	none, size, config := []byte{0, 0, 0, 0}, f.property(id, "ispe"), f.property(id, "hvcC")
	properties := [][]byte{boxOfKind("hvcC", config), boxOfKind("ispe", size)}
	own := []byte{0, 1, 2, 0x81, 2} // item 1: two properties, hvcC and ispe
	if at := f.property(id, "colr"); at != nil {
		properties = append(properties, boxOfKind("colr", at))
		own = []byte{0, 1, 3, 0x81, 2, 3}
	}
	kinds := [][]byte{boxOfKind("infe", []byte{2, 0, 0, 0, 0, 1, 0, 0}, []byte("hvc1\x00"))}
	uses := append([]byte{0, 0, 0, 1}, own...)
	primary, canvas, parts := byte(1), []byte(nil), []byte(nil)
	if colour {
		// Version 0, wide numbers, a black canvas, its size, the picture at its
		// origin.
		canvas = append([]byte{0, 1}, make([]byte, 8)...)
		canvas = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(canvas, uint32(w)), uint32(h))
		canvas = append(canvas, make([]byte, 8)...)
		kinds = append(kinds, boxOfKind("infe", []byte{2, 0, 0, 0, 0, 2, 0, 0}, []byte("iovl\x00")))
		parts = boxOfKind("iref", none, boxOfKind("dimg", []byte{0, 2, 0, 1, 0, 1}))
		uses = append(append([]byte{0, 0, 0, 2}, own...), 0, 2, 1, 2)
		primary = 2
	}
	head := func(at int) []byte {
		place := func(id byte, from, n int) []byte {
			out := binary.BigEndian.AppendUint32([]byte{0, id, 0, 0, 0, 1}, uint32(from))
			return binary.BigEndian.AppendUint32(out, uint32(n))
		}
		places := append([]byte{0, byte(len(kinds))}, place(1, at, len(data))...)
		if colour {
			places = append(places, place(2, at+len(data), len(canvas))...)
		}
		return append(boxOfKind("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")), boxOfKind("meta", none,
			boxOfKind("hdlr", none, none, []byte("pict"), make([]byte, 13)),
			boxOfKind("pitm", none, []byte{0, primary}),
			boxOfKind("iloc", none, []byte{0x44, 0}, places),
			boxOfKind("iinf", none, []byte{0, byte(len(kinds))}, bytes.Join(kinds, nil)),
			parts,
			boxOfKind("iprp", boxOfKind("ipco", properties...), boxOfKind("ipma", none, uses)))...)
	}
	start := len(head(0)) + 8
	return append(head(start), boxOfKind("mdat", data, canvas)...), true
}

// boxOfKind writes one box.
func boxOfKind(kind string, parts ...[]byte) []byte {
	size := 8
	for _, p := range parts {
		size += len(p)
	}
	out := append(binary.BigEndian.AppendUint32(make([]byte, 0, size), uint32(size)), kind...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
