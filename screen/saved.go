package screen

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"bonafide/roster"
)

// A saved index is an image in a file: DIR/<list>/<version>.index beside the
// content of each list, and DIR/dictionary.index for the lists together. It is
// only ever derived. One that is missing, damaged, of other content or of
// another build is passed over and made again from the content, so it can be
// deleted at any time, and one that cannot be written costs nothing but the
// time at the next start.
//
// A file is read once from end to end, to check it against its sum, and then
// mapped into memory where the system knows how; what queries do not touch
// takes no memory then. Reading a mapped file that somebody cuts off would end
// the process (SIGBUS). So nobody ever writes into a saved index: like all
// files of the folder it is replaced by a rename, and who has the old one
// mapped keeps it.

const (
	indexSuffix    = ".index"
	dictionaryName = "dictionary" + indexSuffix
)

// indexName is the file of the index of a content file.
func indexName(content string) string {
	return strings.TrimSuffix(content, contentSuffix) + indexSuffix
}

// listClaim is what the index of a list is of. The sum of the content file is
// part of it, so that damage to the content is noticed at every start, even
// though nobody needs to read it.
func listClaim(list, version, contentSum string) [sha256.Size]byte {
	return claim("list", list, version, contentSum)
}

// dictionaryClaim is what a dictionary of these lists is of.
func dictionaryClaim(d *dictionary) [sha256.Size]byte {
	of := []string{"dictionary"}
	for _, m := range d.sorted() {
		of = append(of, m.list, m.version)
	}
	return claim(of...)
}

// sumFile is the SHA-256 of a file, hex.
func sumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{f}, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// save writes an image so that it is there whole or not at all.
func (m *image) save(dir, name string, of [sha256.Size]byte) error {
	copy(m.data[len(imageMagic):], of[:])
	sum := sha256.Sum256(m.data[imageTable:])
	copy(m.data[imageSums:], sum[:])
	return writeFile(dir, name, m.data)
}

// errNoImage: there is no file, or it is of something else.
var errNoImage = errors.New("no saved index of this content")

// imageOf opens a file that begins as an image with this claim.
func imageOf(path string, of [sha256.Size]byte) (f *os.File, head [imageTable]byte, err error) {
	f, err = os.Open(path)
	if err != nil {
		return nil, head, errNoImage
	}
	_, err = io.ReadFull(f, head[:])
	if err != nil || string(head[:len(imageMagic)]) != imageMagic || [sha256.Size]byte(head[len(imageMagic):]) != of {
		_ = f.Close()
		return nil, head, errNoImage
	}
	return f, head, nil
}

// hasImage reports whether a file claims to be this image.
func hasImage(path string, of [sha256.Size]byte) bool {
	f, _, err := imageOf(path, of)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// openImage opens a saved image and checks it. errNoImage means that there is
// none; any other error that there is a damaged one.
func openImage(path string, of [sha256.Size]byte) (*image, error) {
	f, head, err := imageOf(path, of)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	// The sum is taken by reading and not from the mapping, because pages that
	// were read through a mapping count as memory of the process.
	h := sha256.New()
	n, err := io.CopyBuffer(h, struct{ io.Reader }{f}, make([]byte, 1<<20))
	if err != nil {
		return nil, err
	}
	if [sha256.Size]byte(h.Sum(nil)) != [sha256.Size]byte(head[imageSums:]) {
		return nil, errors.New("its checksum is wrong")
	}
	size := int(n) + imageTable
	return mapFile(f, size)
}

// readImage brings a file into memory where it cannot be mapped.
func readImage(f *os.File, size int) (*image, error) {
	m := &image{data: alignedBytes(size)}
	if _, err := f.ReadAt(m.data, 0); err != nil {
		return nil, err
	}
	return m, nil
}

// openIndex opens the saved index of a list.
func openIndex(path string, of [sha256.Size]byte, m manifest) (*index, error) {
	img, err := openImage(path, of)
	if err != nil {
		return nil, err
	}
	x := &index{list: m.List, version: m.Version, fictional: m.Fictional, image: img}
	var meta []byte
	if !img.lend(x.columns(&meta)) {
		return nil, errors.New("it has other columns")
	}
	if err := json.Unmarshal(meta, &x.indexMeta); err != nil {
		return nil, err
	}
	if x.size() != m.Entries {
		return nil, errors.New("its number of entries is wrong")
	}
	return x, nil
}

// openDictionary opens the saved dictionary of lists.
func openDictionary(path string, lists map[string]*index) (*dictionary, error) {
	d := newDictionary(lists)
	img, err := openImage(path, dictionaryClaim(d))
	if err != nil {
		return nil, err
	}
	if d.image = img; !img.lend(d.columns()) {
		return nil, errors.New("it has other columns")
	}
	return d.ready(), nil
}

// index brings the index of a list into memory: the saved one, or a new one
// from its content, which is saved then. An error says that the content cannot
// be used.
func (s *Screener) index(m manifest) (*index, error) {
	dir := filepath.Join(s.dir, m.List)
	name := indexName(m.File)
	sum, err := sumFile(filepath.Join(dir, m.File))
	of := listClaim(m.List, m.Version, sum)
	if err == nil && filepath.Base(m.File) == m.File {
		x, err := openIndex(filepath.Join(dir, name), of, m)
		if err == nil {
			return x, nil
		}
		s.passedOver(filepath.Join(m.List, name), err)
	}
	entities, err := loadSnapshot(s.dir, m)
	if err != nil {
		return nil, err
	}
	x := buildIndex(m.List, m.Version, m.Fictional, entities)
	if err := x.image.save(dir, name, of); err != nil {
		s.log.Warn("the index of a list cannot be saved; the next start takes longer", "list", m.List, "error", err)
		return x, nil
	}
	if saved, err := openIndex(filepath.Join(dir, name), of, m); err == nil {
		return saved, nil
	}
	return x, nil
}

// saveIndex makes and saves the index of entries that are about to come into
// force, so that no process that loads them has to.
func (s *Screener) saveIndex(m manifest, entities []roster.Entity, content []byte) {
	sum := sha256.Sum256(content)
	of := listClaim(m.List, m.Version, hex.EncodeToString(sum[:]))
	dir, name := filepath.Join(s.dir, m.List), indexName(m.File)
	if hasImage(filepath.Join(dir, name), of) {
		return
	}
	if err := buildIndex(m.List, m.Version, m.Fictional, entities).image.save(dir, name, of); err != nil {
		s.log.Warn("the index of a list cannot be saved; the next start takes longer", "list", m.List, "error", err)
	}
}

// passedOver notes a saved index that is damaged.
func (s *Screener) passedOver(name string, err error) {
	if !errors.Is(err, errNoImage) {
		s.log.Warn("a saved index is damaged and is made again", "file", name, "reason", err.Error())
	}
}

// dictionary joins lists: the saved one, or a new one, which is saved then.
func (s *Screener) dictionary(lists map[string]*index) *dictionary {
	if len(lists) == 0 {
		return buildDictionary(nil)
	}
	path := filepath.Join(s.dir, dictionaryName)
	d, err := openDictionary(path, lists)
	if err == nil {
		return d
	}
	s.passedOver(dictionaryName, err)
	d = buildDictionary(lists)
	dropHalfWritten(s.dir, stampOf(s.dir, d.sorted()[0].list).modified)
	if err := d.image.save(s.dir, dictionaryName, dictionaryClaim(d)); err != nil {
		s.log.Warn("the dictionary of the lists cannot be saved; the next start takes longer", "error", err)
		return d
	}
	if saved, err := openDictionary(path, lists); err == nil {
		return saved
	}
	return d
}
