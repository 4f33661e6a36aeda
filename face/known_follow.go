package face

import (
	"context"
	"sync"
	"time"

	"bonafide/kyc"
)

// knownPage is how many templates or changes are read at one time.
const knownPage = 500

// known are the faces of one tenant and model.
type known struct {
	store Kept
	name  knownName

	ready chan struct{} // closed once they were read
	// failed and tooMany say how that ended; whoever waited for ready may look.
	failed  error
	tooMany bool

	// turn lets one follow the store at a time; whoever has it owns pos, mark.
	turn chan struct{}
	pos  int64 // of the last change that was taken in
	mark string

	mu    sync.RWMutex
	gone  bool // cleared: whoever still holds it must open anew
	index *Index
	lives map[kyc.ID]life
	// odd are templates that the index cannot hold; they are always proposed,
	// so that whoever compares says what is wrong.
	odd    map[kyc.ID]bool
	oldest int64 // no face was stored before
	ends   int64 // no face's time is over before
	asked  time.Time
}

// life is from when until when a template is kept, in microseconds since 1970.
type life struct{ from, until int64 }

func newKnown(store Kept, name knownName) *known {
	h := &known{store: store, name: name, ready: make(chan struct{}), turn: make(chan struct{}, 1)}
	h.reset()
	return h
}

func (h *known) reset() {
	h.index, h.lives, h.odd = NewIndex(h.name.model), map[kyc.ID]life{}, map[kyc.ID]bool{}
	h.oldest, h.ends = never, never
}

const never = 1<<63 - 1

// read takes all faces in. The place in the order of changes is taken first:
// what happens while the faces are read is read again afterwards.
func (h *known) read(ctx context.Context, now time.Time, room func() bool) error {
	last, err := h.store.LastFaceChange(ctx, h.name.tenant)
	if err != nil {
		return err
	}
	for after := kyc.ID(""); ; {
		page, err := h.store.FaceTemplates(ctx, h.name.tenant, kyc.FaceFilter{Model: h.name.model, Now: now}, after, knownPage)
		if err != nil {
			return err
		}
		for i := range page {
			h.add(&page[i], now)
		}
		if !room() {
			h.tooMany = true
			return nil
		}
		if len(page) < knownPage {
			break
		}
		after = page[len(page)-1].ID
	}
	h.pos, h.mark = last.Seq, last.Mark
	return nil
}

// follow takes in what happened since. errAnew says that the place it stands at
// is in no order any more.
func (h *known) follow(ctx context.Context, now time.Time) error {
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		page, err := h.store.FaceChanges(ctx, h.name.tenant, h.pos, knownPage)
		switch {
		case err != nil:
			return err
		case h.pos == 0 && len(page) == 0:
			h.expire(now)
			return nil
		case h.pos == 0, len(page) == 0, page[0].Seq != h.pos, page[0].Mark != h.mark:
			return errAnew
		}
		if err := h.take(ctx, page[1:], now); err != nil {
			return err
		}
		h.pos, h.mark = page[len(page)-1].Seq, page[len(page)-1].Mark
		if len(page) < knownPage {
			h.expire(now)
			return nil
		}
	}
}

// take brings changes in: what of them is still stored is read, the rest goes.
func (h *known) take(ctx context.Context, page []kyc.FaceChange, now time.Time) error {
	state := map[kyc.ID]bool{} // stored at the end of the page
	for _, c := range page {
		state[c.TemplateID] = !c.Gone
	}
	var ids []kyc.ID
	for id, stored := range state {
		if stored {
			ids = append(ids, id)
		}
	}
	found, err := h.store.FaceTemplatesOf(ctx, h.name.tenant, ids)
	if err != nil {
		return err
	}
	here := map[kyc.ID]bool{}
	for i := range found {
		here[found[i].ID] = h.add(&found[i], now)
	}
	for id := range state {
		if !here[id] {
			h.remove(id)
		}
	}
	return nil
}

// add takes a face in; false where it is not one to compare with.
func (h *known) add(t *kyc.FaceTemplate, now time.Time) bool {
	if t.Tenant != h.name.tenant || t.Model != h.name.model || t.Unreadable || len(t.Vector) == 0 || !t.ExpiresAt.After(now) {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone {
		return false
	}
	delete(h.odd, t.ID)
	if err := h.index.Add(t.ID, Template{Model: t.Model, Vector: t.Vector}); err != nil {
		h.index.Remove(t.ID)
		h.odd[t.ID] = true
	}
	l := life{t.CreatedAt.UnixMicro(), t.ExpiresAt.UnixMicro()}
	h.lives[t.ID] = l
	h.oldest, h.ends = min(h.oldest, l.from), min(h.ends, l.until)
	return true
}

func (h *known) remove(id kyc.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.index.Remove(id)
	delete(h.odd, id)
	delete(h.lives, id)
}

// expire takes out whose time is over, before the store is swept.
func (h *known) expire(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := now.UnixMicro()
	if at < h.ends {
		return
	}
	h.ends = never
	for id, l := range h.lives {
		if l.until <= at {
			h.index.Remove(id)
			delete(h.odd, id)
			delete(h.lives, id)
			continue
		}
		h.ends = min(h.ends, l.until)
	}
}

// clear takes all out and overwrites their numbers.
func (h *known) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
	h.index.Clear()
	h.reset()
}

func (h *known) size() (faces int, asked time.Time) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.lives), h.asked
}

// look answers a question from memory.
func (h *known) look(q Question) (Found, error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.gone {
		return Found{}, errAnew
	}
	now, since := q.Now.UnixMicro(), int64(0)
	if !q.Since.IsZero() {
		since = q.Since.UnixMicro()
	}
	allow := func(id kyc.ID) bool {
		l, ok := h.lives[id]
		return ok && l.from >= since && l.until > now && !q.Except[id]
	}
	var out Found
	if h.index.Len() > 0 {
		found, nearest, err := h.index.Look(q.Template, leastOf(q), allow)
		if err != nil {
			return out, err
		}
		for _, m := range found {
			out.Alike = append(out.Alike, m.ID)
		}
		out.Nearest = nearest.ID
	}
	for id := range h.odd {
		if allow(id) {
			out.Alike = append(out.Alike, id)
		}
	}
	if since <= h.oldest && now < h.ends {
		out.Compared = len(h.lives)
		for id := range q.Except {
			if _, ok := h.lives[id]; ok {
				out.Compared--
			}
		}
		return out, nil
	}
	for id := range h.lives {
		if allow(id) {
			out.Compared++
		}
	}
	return out, nil
}
