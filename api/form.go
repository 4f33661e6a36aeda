package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Limits of uploads (api.md section 1.4).
const (
	MaxFile            = 20 << 20 // bytes of one file
	maxText            = 64 << 10 // bytes of one text part
	maxParts           = 60
	maxParallelUploads = 16 // each holds its files in memory while it is served
)

// Upload describes a multipart/form-data body: which files and texts it may
// have. A part that is not named here is refused.
type Upload struct {
	Files  []UploadField
	Values []UploadField
	// MaxFiles in one request; 0 means 1. All files together may have
	// MaxFile bytes times this, at most 100 MiB.
	MaxFiles int
	// MaxBytes of all files together where they are smaller than that; 0 means
	// as above.
	MaxBytes int64
}

// UploadField is one part by name.
type UploadField struct {
	Name     string
	Doc      string
	Required bool
	// Enum are the values allowed; empty: any text.
	Enum []string
}

// File is one uploaded file. Name and ContentType are what the caller claims;
// never use the name as a path or believe the type.
type File struct {
	Field       string
	Name        string
	ContentType string
	Bytes       []byte
	SHA256      string // hex
}

// Form is a multipart body as read.
type Form struct {
	Files  []File
	Values map[string]string
}

// File finds the first file of a field.
func (f *Form) File(field string) (File, bool) {
	for _, file := range f.Files {
		if file.Field == field {
			return file, true
		}
	}
	return File{}, false
}

// FormFrom gives the form of a route with Operation.Upload.
func FormFrom(ctx context.Context) *Form {
	if f := exchangeFrom(ctx).form; f != nil {
		return f
	}
	return &Form{Values: map[string]string{}}
}

func (u *Upload) maxFiles() int { return max(u.MaxFiles, 1) }

func (u *Upload) maxBody() int64 {
	files := min(int64(u.maxFiles())*MaxFile, 100<<20)
	if u.MaxBytes > 0 {
		files = min(files, u.MaxBytes)
	}
	return files + int64(len(u.Values)+1)*maxText + 64<<10
}

// read takes the body apart while it arrives, counting as it goes. Files stay
// in memory: an unencrypted temporary file would outlive a crash. Errors:
// UnsupportedMedia, Malformed, TooLarge, Invalid with every problem.
func (u *Upload) read(r *http.Request) (*Form, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, kyc.Errorf(kyc.UnsupportedMedia, "media_type_unsupported", "send multipart/form-data with a boundary")
	}
	form := &Form{Values: map[string]string{}}
	var problems []kyc.Problem
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, bodyError(err, "multipart_malformed", "the multipart body is malformed or cut off")
		}
		if n >= maxParts {
			return nil, kyc.Errorf(kyc.TooLarge, "too_many_parts", "the body has more than %d parts", maxParts)
		}
		found, err := u.part(form, part)
		if err != nil {
			return nil, err
		}
		problems = append(problems, found...)
	}
	for _, f := range u.Files {
		if _, ok := form.File(f.Name); f.Required && !ok {
			problems = append(problems, kyc.Problem{Path: "/" + f.Name, Code: "required", Message: "this file is missing"})
		}
	}
	for _, f := range u.Values {
		if _, ok := form.Values[f.Name]; f.Required && !ok {
			problems = append(problems, kyc.Problem{Path: "/" + f.Name, Code: "required", Message: "this field is missing"})
		}
	}
	if len(problems) > 0 {
		return nil, invalidBody(problems)
	}
	return form, nil
}

// part reads one part into the form.
func (u *Upload) part(form *Form, part *multipart.Part) ([]kyc.Problem, error) {
	name := part.FormName()
	at := "/" + escapePointer(name)
	isFile := slices.ContainsFunc(u.Files, func(f UploadField) bool { return f.Name == name })
	value := slices.IndexFunc(u.Values, func(f UploadField) bool { return f.Name == name })
	switch {
	case isFile:
		if len(form.Files) >= u.maxFiles() {
			return nil, kyc.Errorf(kyc.TooLarge, "too_many_files", "one request may carry %d file(s)", u.maxFiles())
		}
		data, err := readLimited(part, MaxFile, "file_too_large", fmt.Sprintf("a file may have %d MiB", MaxFile>>20))
		if err != nil {
			return nil, err
		}
		if len(data) == 0 {
			return []kyc.Problem{{Path: at, Code: "file_empty", Message: "the file has no bytes"}}, nil
		}
		sum := sha256.Sum256(data)
		form.Files = append(form.Files, File{Field: name, Name: clip(part.FileName(), 255), ContentType: clip(part.Header.Get("Content-Type"), 255), Bytes: data, SHA256: hex.EncodeToString(sum[:])})
	case value >= 0:
		data, err := readLimited(part, maxText, "string_too_long", "a text may have 64 KiB")
		if err != nil {
			return nil, err
		}
		if _, twice := form.Values[name]; twice {
			return []kyc.Problem{{Path: at, Code: "duplicate_key", Message: "this field is given twice"}}, nil
		}
		text := string(data)
		form.Values[name] = text
		if enum := u.Values[value].Enum; len(enum) > 0 && !slices.Contains(enum, text) {
			return []kyc.Problem{{Path: at, Code: "not_allowed_value", Message: "allowed: " + strings.Join(enum, ", ")}}, nil
		}
	default:
		return []kyc.Problem{{Path: at, Code: "unknown_field", Message: "there is no field of that name"}}, nil
	}
	return nil, nil
}

// fingerprint identifies the content of a form, whatever its boundary was.
func (f *Form) fingerprint() []byte {
	var b strings.Builder
	for _, file := range f.Files {
		fmt.Fprintf(&b, "file %q %q %q %s\n", file.Field, file.Name, file.ContentType, file.SHA256)
	}
	names := make([]string, 0, len(f.Values))
	for name := range f.Values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "value %q %q\n", name, f.Values[name])
	}
	return []byte(b.String())
}

func readLimited(r io.Reader, limit int64, code, message string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, bodyError(err, "multipart_malformed", "the multipart body is malformed or cut off")
	}
	if int64(len(data)) > limit {
		return nil, kyc.Errorf(kyc.TooLarge, code, "%s", message)
	}
	return data, nil
}

// bodyError tells a body that is too large from one that is broken.
func bodyError(err error, code, message string) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return kyc.Errorf(kyc.TooLarge, "body_too_large", "the body is larger than %d bytes", tooLarge.Limit)
	}
	return kyc.Errorf(kyc.Malformed, code, "%s", message)
}

func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "")
	}
	return s
}
