package capture

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"bonafide/kyc"
	"bonafide/ui"
)

// frame is what every page knows.
type frame struct {
	Story Story
	Base  string // address of the session's pages
	Here  string // of this page, to come back after the language was changed
	// Closed says that the link opens nothing any more.
	Closed bool
	// Problems are told on top.
	Problems []problem
}

// problem is one thing to mend, with the element it is about.
type problem struct{ Anchor, Text string }

func (v *visit) frame(problems ...problem) frame {
	here := v.r.URL.Path
	if v.r.Method != http.MethodGet {
		here = v.path()
	}
	return frame{Story: v.story, Base: "/capture/" + v.token, Here: here, Problems: problems}
}

// on sends the browser on after something was done (303), so that going back
// and reloading repeat nothing.
func (v *visit) on(parts ...string) error {
	http.Redirect(v.w, v.r, v.path(parts...), http.StatusSeeOther)
	return nil
}

func (v *visit) path(parts ...string) string {
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return "/capture/" + v.token + "/" + strings.Join(parts, "/")
}

// form reads an ordinary form; a larger body is refused before it is read.
func (v *visit) form() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	return bodyError(v.r.ParseForm())
}

// upload reads a form that may carry files; the caller calls the second result
// when it is done with them.
func (v *visit) upload() (done func(), err error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxUpload)
	if err := bodyError(v.r.ParseMultipartForm(memory)); err != nil {
		return func() {}, err
	}
	return func() { _ = v.r.MultipartForm.RemoveAll() }, nil // the operating system clears what is left
}

// sent are the files of one name in a form that upload has read; those that
// were left empty are left out.
func (v *visit) sent(name, kind string) ([]File, error) {
	var out []File
	for _, head := range v.r.MultipartForm.File[name] {
		if head.Size == 0 {
			continue
		}
		f, err := head.Open()
		if err != nil {
			return nil, bodyError(err)
		}
		b, err := io.ReadAll(f)
		_ = f.Close() // it was only read
		if err != nil {
			return nil, bodyError(err)
		}
		out = append(out, File{Name: head.Filename, Type: kind, Bytes: b})
	}
	return out, nil
}

// wantsJSON reports whether one of our scripts asks.
func (v *visit) wantsJSON() bool { return v.r.Header.Get("Accept") == "application/json" }

// answer answers a script.
func (v *visit) answer(status int, body any) {
	ui.Safe(v.w.Header())
	v.w.Header().Set("Content-Type", "application/json")
	v.w.WriteHeader(status)
	_ = json.NewEncoder(v.w).Encode(body) // a reader who has gone away cannot be told
}

// read reads a script's JSON of at most limit bytes.
func (v *visit) read(limit int64, into any) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, limit)
	d := json.NewDecoder(v.r.Body)
	d.DisallowUnknownFields()
	return bodyError(d.Decode(into))
}

func bodyError(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return kyc.Errorf(kyc.TooLarge, "file_too_large", "a file has at most 20 MiB")
	}
	return kyc.Errorf(kyc.Malformed, "form_unreadable", "the form could not be read: %w", err)
}
