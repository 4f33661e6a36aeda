package chip

import (
	"encoding/asn1"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gmrtd/gmrtd/cms"
)

// maxListed bounds the certificates of one master list; all states together
// have about 600.
const maxListed = 5000

// loadAnchors reads the files. Certificates come first, because the lists are
// verified with them.
func loadAnchors(files []trustFile) *anchors {
	out := noAnchors()
	var roots []*certificate
	for _, f := range files {
		if f.problem != "" {
			out.problem(f, f.problem)
			continue
		}
		if trustKind(f.path) != "certificate" {
			continue
		}
		certificates, problem := readCertificates(f.path)
		if problem != "" {
			if f.named {
				out.problem(f, problem)
			}
			continue
		}
		roots = append(roots, certificates...)
		if f.named {
			out.add(certificates)
			out.state.Sources = append(out.state.Sources, TrustSource{File: filepath.Base(f.path), Kind: "certificate",
				Certificates: len(certificates), Country: certificates[0].country, AsOf: f.info.ModTime().UTC()})
		}
	}
	for _, f := range files {
		if f.problem != "" || trustKind(f.path) != "master_list" {
			continue
		}
		source, certificates, problem := readList(f.path, roots)
		if problem != "" {
			out.problem(f, problem)
			continue
		}
		if source.AsOf.IsZero() {
			source.AsOf = f.info.ModTime().UTC()
		}
		out.add(certificates)
		out.state.Sources = append(out.state.Sources, source)
		out.state.AsOf = later(out.state.AsOf, source.AsOf)
	}
	for _, f := range files {
		if f.problem != "" || trustKind(f.path) != "revocation_list" {
			continue
		}
		source, by, serials, problem := out.readRevocations(f.path)
		if problem != "" {
			out.problem(f, problem)
			continue
		}
		out.revoke(by, serials)
		out.state.Sources = append(out.state.Sources, source)
	}
	out.close()
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (a *anchors) problem(f trustFile, code string) {
	message := map[string]string{
		"unreadable": "the file cannot be read", "too_large": "the file is too large", "too_many_files": "there are too many files; the rest is left out",
		"not_a_certificate": "the file holds no certificate", "not_an_authority": "the certificate is not one of a state that certifies signers",
		"revocations_malformed": "the file is no revocation list", "revocations_not_trusted": "no trusted state signed the revocation list",
		"list_malformed": "the file is no master list", "list_not_trusted": "no certificate beside the list belongs to its publisher, or its signature does not verify",
	}[code]
	a.state.Problems = append(a.state.Problems, TrustProblem{File: filepath.Base(f.path), Code: code, Message: message})
}

func (a *anchors) add(list []*certificate) {
	for _, c := range list {
		key := string(c.ski)
		// The lists of several states overlap.
		if !slices.ContainsFunc(a.byKey[key], func(have *certificate) bool { return string(have.raw.Raw) == string(c.raw.Raw) }) {
			a.byKey[key] = append(a.byKey[key], c)
			a.state.Certificates++
		}
	}
}

// close fills in what the sum says.
func (a *anchors) close() {
	countries := map[string]bool{}
	for _, list := range a.byKey {
		for _, c := range list {
			countries[c.country] = true
		}
	}
	a.state.Countries = append(a.state.Countries, slices.Sorted(maps.Keys(countries))...)
}

// readCertificates reads a file of one certificate in DER or of several in
// PEM; problem is a code of TrustProblem.
func readCertificates(path string) (out []*certificate, problem string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, "unreadable"
	}
	var blocks [][]byte
	for rest := raw; len(blocks) < maxListed; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if b.Type == "CERTIFICATE" {
			blocks = append(blocks, b.Bytes)
		}
	}
	if len(blocks) == 0 {
		blocks = [][]byte{raw}
	}
	for _, der := range blocks {
		c, ok := parseCertificate(der)
		if !ok {
			return nil, "not_a_certificate"
		}
		if !c.certifies() {
			return nil, "not_an_authority"
		}
		out = append(out, c)
	}
	return out, ""
}

func parseCertificate(der []byte) (*certificate, bool) {
	if open, ok := surveyBER(der); !ok || open {
		return nil, false
	}
	var one cms.Certificate
	if rest, err := asn1.Unmarshal(der, &one); err != nil || len(rest) > 0 {
		return nil, false
	}
	c, err := readCertificate(one)
	return c, err == nil
}

// readList reads a master list (Doc 9303 part 12, 9): signed data whose signer
// may sign lists and was certified by one of the roots.
func readList(path string, roots []*certificate) (s TrustSource, out []*certificate, problem string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return s, nil, "unreadable"
	}
	// Lists are trusted files of the operator's; the limits of what applicants
	// send do not fit them.
	signed, err := cms.ParseSignedData(raw)
	if err != nil || signed.Content.EContentType.String() != oidMasterList || len(signed.SignerInfos) == 0 {
		return s, nil, "list_malformed"
	}
	s = TrustSource{File: filepath.Base(path), Kind: "master_list"}
	for i := range signed.SignerInfos {
		info := &signed.SignerInfos[i]
		signer, ok := signerOf(signed, info)
		if !ok || !slices.Contains(signer.purposes, oidListSigner) {
			return s, nil, "list_not_trusted"
		}
		if !slices.ContainsFunc(roots, func(root *certificate) bool {
			return string(root.ski) == string(signer.aki) && signedBy(signed, info, signer, root)
		}) {
			return s, nil, "list_not_trusted"
		}
		s.Country, s.AsOf = signer.country, later(s.AsOf, signingTime(info))
	}
	var list struct {
		Version int
		Certs   []asn1.RawValue `asn1:"set"`
	}
	if rest, err := asn1.Unmarshal(signed.Content.EContent, &list); err != nil || len(rest) > 0 || len(list.Certs) > maxListed {
		return s, nil, "list_malformed"
	}
	for _, one := range list.Certs {
		c, ok := parseCertificate(one.FullBytes)
		if !ok || !c.certifies() {
			s.Skipped++
			continue
		}
		out = append(out, c)
	}
	s.Certificates = len(out)
	if len(out) == 0 {
		return s, nil, "list_malformed"
	}
	return s, out, ""
}
