package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"bonafide/kyc"
)

// Tree computes the root of a day while its events go by. It keeps one hash for
// each level of the tree only.
type Tree struct {
	r     *compact.Range
	visit compact.VisitFn
}

// NewTree makes an empty tree.
func NewTree() *Tree {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &Tree{r: f.NewEmptyRange(0)}
}

// Add appends an event by its hash (64 hex digits).
func (t *Tree) Add(hash string) error {
	raw, err := hex.DecodeString(hash)
	if err != nil || !isHash(hash) {
		return fmt.Errorf("%q is no hash of an event", hash)
	}
	return t.r.Append(rfc6962.DefaultHasher.HashLeaf(raw), t.visit)
}

// Size is how many events were added.
func (t *Tree) Size() int64 { return int64(t.r.End()) }

// Root is the root over what was added; of nothing it is SHA-256 of nothing.
func (t *Tree) Root() string {
	root, err := t.r.GetRootHash(nil)
	if err != nil || root == nil { // it begins at 0, so there is no error
		root = rfc6962.DefaultHasher.EmptyRoot()
	}
	return hex.EncodeToString(root)
}

// proofType says what a file with a proof is.
const proofType = "bonafide.audit.proof/1"

// Proof shows that one event is part of a day, to somebody who has the day's
// root and nothing else of the chain: the audit path of RFC 6962, section 2.1.1.
type Proof struct {
	Type  string    `json:"type"`
	Day   Day       `json:"day"`
	Event kyc.Event `json:"event"` // as it was sealed, with its place and hashes
	Path  []string  `json:"path"`  // from the leaf's neighbour up
}

// Prover gathers a proof while the hashes of a day go by.
type Prover struct {
	day   Day
	event kyc.Event
	tree  *Tree
	nodes proof.Nodes
	found map[compact.NodeID][]byte
}

// NewProver begins the proof of an event of a day. The error is an event that
// lies outside it.
func NewProver(d Day, e kyc.Event) (*Prover, error) {
	if e.Tenant.Org != d.Org || e.Seq < d.FirstSeq || e.Seq > d.LastSeq {
		return nil, fmt.Errorf("event %d is no part of the root of %s", e.Seq, d.Day)
	}
	nodes, err := proof.Inclusion(uint64(e.Seq-d.FirstSeq), uint64(d.Size))
	if err != nil {
		return nil, fmt.Errorf("event %d of %s: %w", e.Seq, d.Day, err)
	}
	p := &Prover{day: d, event: e, tree: NewTree(), nodes: nodes, found: map[compact.NodeID][]byte{}}
	wanted := map[compact.NodeID]bool{}
	for _, id := range nodes.IDs {
		wanted[id] = true
	}
	p.tree.visit = func(id compact.NodeID, hash []byte) {
		if wanted[id] {
			p.found[id] = bytes.Clone(hash)
		}
	}
	return p, nil
}

// Add takes the hash of the next event of the day.
func (p *Prover) Add(hash string) error { return p.tree.Add(hash) }

// Proof gives the proof once all hashes were added. The error is a day whose
// events do not give its root any more.
func (p *Prover) Proof() (Proof, error) {
	if p.tree.Size() != p.day.Size || p.tree.Root() != p.day.Root {
		return Proof{}, kyc.Errorf(kyc.Conflict, "root_differs", "the events of %s do not give the root that was stored; verify the chain", p.day.Day)
	}
	hashes := make([][]byte, len(p.nodes.IDs))
	for i, id := range p.nodes.IDs {
		hashes[i] = p.found[id]
	}
	hashes, err := p.nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
	if err != nil {
		return Proof{}, fmt.Errorf("proving event %d: %w", p.event.Seq, err)
	}
	out := Proof{Type: proofType, Day: p.day, Event: p.event, Path: make([]string, len(hashes))}
	for i, h := range hashes {
		out.Path[i] = hex.EncodeToString(h)
	}
	return out, nil
}

// Check recomputes a proof from nothing but itself: the event's hash from its
// content, and the root from that hash and the path. What it says of the day is
// to be compared with a root that was kept elsewhere.
func (p Proof) Check() error {
	if p.Type != proofType {
		return fmt.Errorf("this is no %s", proofType)
	}
	if problem := p.Day.valid(); problem != "" {
		return fmt.Errorf("the root of %s cannot be used: %s", p.Day.Day, problem)
	}
	e := p.Event
	if e.Tenant.Org != p.Day.Org || e.Seq < p.Day.FirstSeq || e.Seq > p.Day.LastSeq {
		return fmt.Errorf("event %d is no part of the root of %s", e.Seq, p.Day.Day)
	}
	draft, err := Prepare(e)
	if err != nil {
		return fmt.Errorf("event %d cannot be read: %w", e.Seq, err)
	}
	if draft.Seal(e.Seq, e.PrevHash) != e.Hash {
		return fmt.Errorf("event %d is not what its hash was made of", e.Seq)
	}
	leaf, err := hex.DecodeString(e.Hash)
	if err != nil {
		return fmt.Errorf("event %d has no hash", e.Seq)
	}
	path := make([][]byte, len(p.Path))
	for i, h := range p.Path {
		if path[i], err = hex.DecodeString(h); err != nil || !isHash(h) {
			return fmt.Errorf("place %d of the path is no hash", i)
		}
	}
	root, err := hex.DecodeString(p.Day.Root)
	if err != nil {
		return fmt.Errorf("the root of %s is no hash", p.Day.Day)
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(e.Seq-p.Day.FirstSeq), uint64(p.Day.Size), rfc6962.DefaultHasher.HashLeaf(leaf), path, root); err != nil {
		return fmt.Errorf("event %d is not in the tree of %s: %w", e.Seq, p.Day.Day, err)
	}
	return nil
}

// ReadProof reads a proof from its file; Check is still to be asked.
func ReadProof(raw []byte) (Proof, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var p Proof
	if err := dec.Decode(&p); err != nil {
		return Proof{}, fmt.Errorf("this is no proof: %w", err)
	}
	if dec.More() {
		return Proof{}, fmt.Errorf("this is no proof: something follows it")
	}
	return p, nil
}
