package document

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestReadingsAreRemembered(t *testing.T) {
	t.Parallel()
	var m memory
	t.Cleanup(m.close)
	a := []File{{Kind: "document_front", Upload: "1", Bytes: []byte("ab")}, {Kind: "document_back", Upload: "2", Bytes: []byte("c")}}
	key := keyOf(a, today())
	want := Reading{Kind: Passport, Fields: []kyc.Field{{Name: "last_name", Value: "X"}}, MRZ: &MRZ{Valid: true}}
	if _, ok := m.get(key); ok {
		t.Error("an empty memory remembers")
	}
	m.put(key, want)
	got, ok := m.get(key)
	if !ok || !reflect.DeepEqual(got.Fields, want.Fields) || got.Kind != Passport {
		t.Fatalf("%+v", got)
	}
	// What a caller does to its copy stays with it.
	got.Fields[0].Value, got.MRZ.Valid = "changed", false
	if again, _ := m.get(key); again.Fields[0].Value != "X" || !again.MRZ.Valid {
		t.Errorf("the memory was changed: %+v", again)
	}
	other := func(change func([]File) []File) readingKey {
		return keyOf(change(append([]File(nil), a...)), today())
	}
	for name, k := range map[string]readingKey{
		"another day":    keyOf(a, today().AddDate(0, 0, 1)),
		"another order":  other(func(f []File) []File { return []File{f[1], f[0]} }),
		"another upload": other(func(f []File) []File { f[0].Upload = "3"; return f }),
		"another kind":   other(func(f []File) []File { f[0].Kind = "document_back"; return f }),
		"another cut":    other(func(f []File) []File { f[0].Bytes, f[1].Bytes = []byte("a"), []byte("bc"); return f }),
		"one file":       other(func(f []File) []File { return f[:1] }),
	} {
		if _, ok := m.get(k); ok {
			t.Errorf("%s is the same question", name)
		}
	}
	if keyOf(a, today()) != keyOf(a, today().Add(time.Hour)) {
		t.Error("the hour matters")
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var m memory
	key := func(i int) readingKey { return keyOf([]File{{Upload: kyc.ID(fmt.Sprint(i))}}, today()) }
	for i := range keptReadings + 10 {
		m.put(key(i), Reading{})
		m.put(key(i), Reading{})
	}
	if len(m.kept) != keptReadings || len(m.order) != keptReadings {
		t.Errorf("%d readings, %d in order", len(m.kept), len(m.order))
	}
	if _, ok := m.get(key(9)); ok {
		t.Error("the oldest ones are still there")
	}
	if _, ok := m.get(key(10)); !ok {
		t.Error("a younger one is gone")
	}
	m.put(key(1000), Reading{VisualText: string(make([]byte, keptText+1))})
	if _, ok := m.get(key(1000)); ok {
		t.Error("a reading of any size is kept")
	}
	m.close()
	m.put(key(2000), Reading{})
	if len(m.kept) != 0 {
		t.Errorf("a closed memory keeps %d readings", len(m.kept))
	}
}

// A document of a run is read once, however many checks ask.
func TestADocumentIsReadOnce(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	r = New(Config{Deadline: patience, ModelsDir: r.cfg.ModelsDir, Decoder: decoder(), CacheDir: pdfCache(t)})
	page, err := DrawSpecimen(Specimen{Surname: "Testperson", GivenNames: "Alba", Number: "X0T4W7Z12", Sex: "F", DateOfBirth: today().AddDate(-30, 0, 0), Expiry: today().AddDate(4, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	files := []File{{Kind: "document_front", Upload: "u1", Bytes: page}}
	first, problem := r.Read(t.Context(), files, today())
	if problem != nil {
		t.Fatal(problem)
	}
	r.tesseract = "" // nothing can be read any more
	again, problem := r.Read(t.Context(), files, today())
	if problem != nil || !reflect.DeepEqual(first, again) {
		t.Errorf("%v: %+v, want %+v", problem, again, first)
	}
	files[0].Upload = "u2"
	if _, problem := r.Read(t.Context(), files, today()); problem == nil {
		t.Error("another upload was read without reading")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
