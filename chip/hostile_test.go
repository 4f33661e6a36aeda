package chip

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// nested is BER that nests n open elements.
func nested(n int) []byte {
	return append(bytes.Repeat([]byte{0x30, 0x80}, n), make([]byte, 2*n)...)
}

func TestSurveyOfBER(t *testing.T) {
	t.Parallel()
	long := element([]byte{0x30}, bytes.Repeat([]byte{0x05, 0x00}, maxElements))
	for name, c := range map[string]struct {
		raw      []byte
		open, ok bool
	}{
		"null":                       {[]byte{5, 0}, false, true},
		"sequence":                   {[]byte{0x30, 3, 2, 1, 7}, false, true},
		"open sequence":              {[]byte{0x30, 0x80, 2, 1, 7, 0, 0}, true, true},
		"long tag":                   {[]byte{0x5f, 0x1f, 1, 65}, false, true},
		"nothing":                    {nil, false, false},
		"one byte":                   {[]byte{0x30}, false, false},
		"too long":                   {[]byte{0x30, 5, 2, 1, 7}, false, false},
		"length of lengths missing":  {[]byte{0x30, 0x84, 1}, false, false},
		"length of five bytes":       {[]byte{0x30, 0x85, 0, 0, 0, 0, 0}, false, false},
		"tail":                       {[]byte{5, 0, 0}, false, false},
		"open primitive":             {[]byte{4, 0x80, 0, 0}, false, false},
		"open without end":           {[]byte{0x30, 0x80, 2, 1, 7}, true, false},
		"tag without end":            {[]byte{0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0}, false, false},
		"as deep as may be":          {nested(maxDepth), true, true},
		"too deep":                   {nested(maxDepth + 2), true, false},
		"as deep as a file is large": {nested(16000), true, false},
		"too many parts":             {long, false, false},
		"too many open ones":         {element([]byte{0x30}, bytes.Repeat([]byte{0x30, 0x80, 0, 0}, maxOpen+1)), true, false},
	} {
		if open, ok := surveyBER(c.raw); ok != c.ok || c.ok && open != c.open {
			t.Errorf("%s: open %v, ok %v", name, open, ok)
		}
	}
}

// Some states write the signed object with open lengths.
func TestSignedObjectInBER(t *testing.T) {
	t.Parallel()
	de := newState(t, "DE", elliptic256, nil)
	files, trust := de.passport(t, passportOf{}), trusting(t, de)
	content, ok := unwrap(files.SOD, 0x77)
	if !ok {
		t.Fatal("no signed object")
	}
	h, _ := readHead(content)
	open := append([]byte{0x30, 0x80}, content[h.size:]...)
	files.SOD = element([]byte{0x77}, append(open, 0, 0))
	if got := verify(t, files, trust); !got.Authentic {
		t.Errorf("%s", codesOf(got))
	}
}

// hostileChips are files that once would have hurt a parser.
func hostileChips(t testing.TB, s *state) []Files {
	t.Helper()
	good := s.passport(t, passportOf{})
	out := []Files{good, {}, {SOD: []byte{0x77}}, {SOD: element([]byte{0x77}, nested(15000))},
		{SOD: element([]byte{0x77}, bytes.Repeat([]byte{0x30, 0x80, 0, 0}, 15000))}}
	// As many parts, open ones among them, and as many bytes as may be.
	parts := append(bytes.Repeat([]byte{0x30, 0x80}, maxDepth-2), bytes.Repeat([]byte{0x04, 0x06, 1, 2, 3, 4, 5, 6}, maxElements-100)...)
	out = append(out, Files{SOD: element([]byte{0x77}, append(parts, make([]byte, 2*(maxDepth-2))...))})
	for _, part := range [][]byte{{0x61, 0x00}, {0x30, 0x80}, {0x75, 0x83, 0x0f, 0xff, 0xf0}, {0x5f, 0x2e, 0x00}} {
		out = append(out, chipWith(good, 2, element([]byte{0x75}, bytes.Repeat(part, (maxDG-16)/len(part)))))
	}
	for _, at := range []int{0, 5, 20, 60, 100, 200, 300, 400, 500} {
		if at < len(good.SOD) {
			f := chipWith(good, 99, nil)
			f.SOD[at] ^= 0xff
			out = append(out, f)
		}
	}
	return out
}

func TestHostileChipsAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	de := newState(t, "DE", elliptic256, nil)
	trust := trusting(t, de)
	for i, files := range hostileChips(t, de) {
		start := time.Now()
		if got := verify(t, files, trust); got.Authentic != (i == 0) {
			t.Errorf("case %d: authentic %v", i, got.Authentic)
		}
		if took := time.Since(start); took > time.Minute { // a second at most on an idle machine
			t.Errorf("case %d took %v", i, took)
		}
	}
	// Every single changed bit of a chip counts.
	good := de.passport(t, passportOf{})
	for n, raw := range good.DataGroups {
		for at := range raw {
			changed := slices.Clone(raw)
			changed[at] ^= 1 << (at % 8)
			if verify(t, chipWith(good, n, changed), trust).Authentic {
				t.Fatalf("data group %d, byte %d changed, and it is authentic", n, at)
			}
		}
	}
}

func FuzzFiles(f *testing.F) {
	de := newState(f, "DE", elliptic256, nil)
	trust := trusting(f, de)
	good := de.passport(f, passportOf{issued: "20260101"})
	for _, files := range hostileChips(f, de) {
		f.Add(files.SOD, files.DataGroups[1], files.DataGroups[2], good.DataGroups[12])
	}
	f.Add(good.SOD, good.DataGroups[1], good.DataGroups[2], good.DataGroups[12])
	f.Fuzz(func(t *testing.T, sod, dg1, dg2, dg12 []byte) {
		files := Files{SOD: sod, DataGroups: map[int][]byte{1: dg1, 2: dg2}}
		if len(dg12) > 0 {
			files.DataGroups[12] = dg12
		}
		got := verify(t, files, trust)
		if got.Authentic && !bytes.Equal(dg1, good.DataGroups[1]) && !bytes.Contains(sod, de.signer.Raw) {
			t.Errorf("authentic: %x", sod)
		}
		if got.Authentic == (codesOf(got) != "") && !got.Has("dg1_implausible") {
			t.Errorf("authentic %v with reasons %q", got.Authentic, codesOf(got))
		}
	})
}

func FuzzCertificate(f *testing.F) {
	de := newState(f, "DE", elliptic256, nil)
	f.Add(de.csca.Raw)
	f.Add(de.signer.Raw)
	f.Fuzz(func(_ *testing.T, raw []byte) {
		guarded := false
		if !guardedly(func() {
			if c, ok := parseCertificate(raw); ok {
				c.certifiedBy(c)
			}
			guarded = true
		}) || !guarded {
			panic("a certificate stops the program")
		}
	})
}
