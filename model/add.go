package model

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"bonafide/kyc"
)

// Choose gives what `models pull` fetches for words: slots, names, or none for
// every slot that is not filled. Unknown words are Invalid model_unknown.
func (s *Store) Choose(words []string) ([]Entry, error) {
	if len(words) == 0 {
		for _, slot := range Slots() {
			if _, ok := s.Find(slot); !ok {
				words = append(words, slot)
			}
		}
	}
	var out []Entry
	for _, word := range words {
		named := func(e Entry) bool { return e.Name == word }
		first := func(e Entry) bool { return e.Slot == word && e.Download != "" }
		i := slices.IndexFunc(s.entries, named)
		if i < 0 {
			i = slices.IndexFunc(s.entries, first)
		}
		if i < 0 {
			return nil, kyc.Errorf(kyc.Invalid, "model_unknown", "%q is neither a slot with a public model nor a model's name; see: bonafide models status --all", word)
		}
		out = append(out, s.entries[i])
	}
	return out, nil
}

// Add copies a local file into a folder. A file of the manifest is recognised
// by its checksum; any other needs an entry that describes it, whose file
// name, size and checksum are set here and which is written into the folder's
// own manifest. Such a file is looked into first, and judge, where it is not nil, has
// the last word about a network. Errors, nothing being stored: Invalid model_unknown,
// model_invalid and model_unfit with every problem, model_unreadable; TooLarge
// model_too_large; judge's.
func (s *Store) Add(dir, path string, describe *Entry, judge func(Entry, []byte) error) (Entry, error) {
	sum, err := checksum(path)
	if err != nil {
		return Entry{}, err
	}
	if i := slices.IndexFunc(s.entries, func(e Entry) bool { return e.SHA256 == sum && (describe == nil || describe.Slot == e.Slot) }); i >= 0 {
		e := s.entries[i]
		return e, install(path, filepath.Join(dir, e.File), sum)
	}
	if describe == nil {
		return Entry{}, kyc.Errorf(kyc.Invalid, "model_unknown", "%s (SHA-256 %s) is no file of the manifest; describe it with --slot and its parameters, see: bonafide models add --help", filepath.Base(path), sum)
	}
	e := *describe
	info, err := os.Stat(path)
	if err != nil {
		return Entry{}, fmt.Errorf("looking at the model: %w", err)
	}
	e.SHA256, e.Size = sum, info.Size()
	e.File = e.Slot + "-" + e.Name + ".onnx"
	if e.Slot == MRZ || e.Slot == Eng {
		e.File = e.Slot + ".traineddata"
	}
	if err := e.Validate(); err != nil {
		return Entry{}, err
	}
	b, unreadable := (File{Entry: e, Path: path}).Bytes()
	if unreadable != nil {
		return Entry{}, unreadable
	}
	if err := e.inspect(filepath.Base(path), b); err != nil {
		return Entry{}, err
	}
	if judge != nil && e.Slot != MRZ && e.Slot != Eng {
		if err := judge(e, b); err != nil {
			return Entry{}, err
		}
	}
	local, err := readLocal(dir)
	if err != nil {
		return Entry{}, err
	}
	local = slices.DeleteFunc(local, func(o Entry) bool { return o.Slot == e.Slot && o.Name == e.Name })
	if err := install(path, filepath.Join(dir, e.File), sum); err != nil {
		return Entry{}, err
	}
	return e, writeLocal(dir, append([]Entry{e}, local...))
}

// install copies a file to its place, atomically, and checks what was copied.
func install(from, to, sum string) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("making the models folder: %w", err)
	}
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("opening the model: %w", err)
	}
	defer in.Close()
	return atomically(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	}, func(written string) error {
		got, err := checksum(written)
		if err == nil && got != sum {
			err = kyc.Errorf(kyc.Conflict, "model_differs", "%s changed while it was copied", filepath.Base(from))
		}
		return err
	})
}

func writeLocal(dir string, entries []Entry) error {
	b, err := yaml.Marshal(struct {
		Models []Entry `yaml:"models"`
	}{entries})
	if err != nil {
		return fmt.Errorf("writing the folder's manifest: %w", err)
	}
	return atomically(filepath.Join(dir, LocalManifest), func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}, func(string) error { return nil })
}

// atomically writes a file beside its place, looks at it and puts it there.
func atomically(to string, write func(io.Writer) error, check func(path string) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".new*")
	if err != nil {
		return fmt.Errorf("writing the model: %w", err)
	}
	defer os.Remove(tmp.Name()) // nothing is left of it where it was renamed
	err = write(tmp)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return fmt.Errorf("writing the model: %w", err)
	}
	if err := check(tmp.Name()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), to); err != nil {
		return fmt.Errorf("putting the model into its place: %w", err)
	}
	return nil
}
