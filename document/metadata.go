package document

import (
	"bytes"
	"strings"
	"time"

	"github.com/bep/imagemeta"
)

// metadata is what a file says about itself.
type metadata struct {
	orientation int // EXIF 1-8
	software    []string
}

// readMetadata reads orientation and software out of EXIF and XMP. Broken
// metadata is as good as none: it is no reason to refuse a picture.
func readMetadata(b []byte, contentType string) (m metadata) {
	m.orientation = 1
	defer func() {
		// The metadata of a hostile file must not take the program with it.
		if recover() != nil {
			m = metadata{orientation: 1}
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
					m.orientation = int(v)
				}
			case string:
				if t.Tag != "Orientation" {
					m.software = append(m.software, v)
				}
			}
			return nil
		},
		Warnf:   func(string, ...any) {},
		Timeout: 2 * time.Second, LimitNumTags: 2000, LimitTagSize: 4096,
	})
	if contentType == "image/heic" {
		m.orientation = 1 // its decoder turns the picture itself
	}
	return m
}

// editors are programs that change pictures or make documents. Scanners and
// cameras write their own names, which are not here.
func editors() []string {
	return []string{"photoshop", "gimp", "canva", "paint.net", "pixelmator", "affinity", "snapseed", "picsart", "lightroom",
		"illustrator", "indesign", "inkscape", "krita", "coreldraw", "photopea", "facetune", "acorn", "figma", "pixlr", "fotor"}
}

// editor names the editing program in the metadata, or "".
func (m metadata) editor() string {
	for _, s := range m.software {
		for _, e := range editors() {
			if strings.Contains(strings.ToLower(s), e) {
				return e
			}
		}
	}
	return ""
}
