package imagefile

import (
	"bytes"
	"strings"
	"time"

	"github.com/bep/imagemeta"
)

// Metadata is what a file says about itself.
type Metadata struct {
	Orientation int      // EXIF 1-8
	Software    []string // names of programs, as the file has them
}

// ReadMetadata reads orientation and software out of EXIF and XMP. Broken
// metadata is as good as none: it is no reason to refuse a picture.
func ReadMetadata(b []byte, contentType string) (m Metadata) {
	m.Orientation = 1
	defer func() {
		// The metadata of a hostile file must not take the program with it.
		if recover() != nil {
			m = Metadata{Orientation: 1}
		}
	}()
	format := imagemeta.JPEG
	switch contentType {
	case "image/png":
		format = imagemeta.PNG
	case "image/webp":
		format = imagemeta.WebP
	case "image/tiff":
		format = imagemeta.TIFF
	case "image/heic":
		format = imagemeta.HEIF
	}
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(b), ImageFormat: format, Sources: imagemeta.EXIF | imagemeta.XMP,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			return t.Tag == "Orientation" || t.Tag == "Software" || t.Tag == "CreatorTool" || t.Tag == "ProcessingSoftware"
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			switch v := t.Value.(type) {
			case uint16:
				if t.Tag == "Orientation" && t.Source == imagemeta.EXIF && v >= 1 && v <= 8 {
					m.Orientation = int(v)
				}
			case string:
				if t.Tag != "Orientation" {
					m.Software = append(m.Software, v)
				}
			}
			return nil
		},
		Warnf:   func(string, ...any) {},
		Timeout: 2 * time.Second, LimitNumTags: 2000, LimitTagSize: 4096,
	})
	if contentType == "image/heic" {
		m.Orientation = 1 // its decoder turns the picture itself
	}
	return m
}

// editors are programs that change pictures or make documents. Scanners and
// cameras write their own names, which are not here.
func editors() []string {
	return []string{"photoshop", "gimp", "canva", "paint.net", "pixelmator", "affinity", "snapseed", "picsart", "lightroom",
		"illustrator", "indesign", "inkscape", "krita", "coreldraw", "photopea", "facetune", "acorn", "figma", "pixlr", "fotor"}
}

// Editor names the editing program in the metadata, or "".
func (m Metadata) Editor() string {
	for _, s := range m.Software {
		for _, e := range editors() {
			if strings.Contains(strings.ToLower(s), e) {
				return e
			}
		}
	}
	return ""
}
