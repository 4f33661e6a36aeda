package engine

import (
	"maps"
	"math"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

// Evidence tells recorded questions apart and answers those that need nobody
// (check.Menu).
type Evidence interface {
	// Question names what an answer depends on that another graph could
	// change: the check with its config, and what was known before.
	Question(r kyc.CheckRequest) (config, known string)
	// Again answers a request by nothing but the request; ok is false for a
	// check that would have to ask somebody.
	Again(r kyc.CheckRequest) (a kyc.Answer, ok bool)
	// Rejudge says what a recorded answer, to was, would have been for a
	// request that differs in its config alone; ok is false where the record does
	// not hold what that asks for.
	Rejudge(was kyc.CheckRequest, a kyc.Answer, asked kyc.CheckRequest) (now kyc.Answer, ok bool)
}

// Reasons why it is not known how a run would have ended.
const (
	// NotRecorded: the check was never asked in that session.
	NotRecorded = "check_not_recorded"
	// ConfigChanged: it was asked with another config.
	ConfigChanged = "config_changed"
	// InputsChanged: it was asked when something else was known.
	InputsChanged = "inputs_changed"
	// AttemptNotRecorded: the graph tries once more than the run did, or waits
	// for an answer that the run called off.
	AttemptNotRecorded = "attempt_not_recorded"
	// TimeoutChanged: another time-out might have let another answer in.
	TimeoutChanged = "timeout_changed"
	// GateNotRecorded: nobody decided at a gate of this name.
	GateNotRecorded = "gate_not_recorded"
	// GateInputsChanged: it was decided there when other checks stood in the way.
	GateInputsChanged = "gate_inputs_changed"
	// GateTimeoutChanged: nobody decided in the run's time; the graph waits longer.
	GateTimeoutChanged = "gate_timeout_changed"
	// BeganInTheMiddle: the run was resumed from a node of its own graph.
	BeganInTheMiddle = "began_in_the_middle"
	// NotWalkable: the graph could not be walked to an end with this record.
	NotWalkable = "not_walkable"
)

// Unknown is where the record does not say how it goes on.
type Unknown struct {
	Reason string `json:"reason"`
	Node   string `json:"node"`
	Policy string `json:"policy,omitempty"`
}

// Retold is how a run would have ended on another graph, or where that is not
// known. Status is failed when the graph itself could not be walked on, as a
// live run's would be; Outcome is empty then and with Unknown.
type Retold struct {
	Status  kyc.RunStatus
	Outcome kyc.Outcome
	Unknown *Unknown
	Path    []string
	Edges   []Edge
	// Again are the nodes whose answer was worked out anew.
	Again []string
}

// Retell walks another graph with what a run recorded: its snapshot, its
// answers at the times they came, its gates' decisions. Nobody is asked. A check
// is answered by the record where it was asked the same, or worked out anew
// where that needs nobody; anything else ends the walk as unknown, whatever the
// rest of the graph says. The answers come in the order of the record, so that
// the run's own graph leads to the run's own end. It is pure: the same recording
// and graph give the same answer.
func (r *Recording) Retell(g *flow.Compiled, version int, evidence Evidence) (Retold, error) {
	t := &retelling{r: r, g: g, evidence: evidence, from: map[string]string{}, at: r.at}
	b := r.begin
	if b.From != "" && g.LinkedHash != r.Run.Definition {
		return Retold{Unknown: &Unknown{Reason: BeganInTheMiddle, Node: b.From}}, nil
	}
	b.Definition, b.Version, b.Links, b.Handover = g.LinkedHash, version, g.Links, false
	run := r.Run
	run.Definition, run.Version = g.LinkedHash, version
	t.d = &drive{run: run, g: g}
	if err := t.feed(KindBegin, "", 0, r.at, &b); err != nil {
		return Retold{}, err
	}
	for range maxSimulated {
		if t.d.state.Ended() {
			break
		}
		unknown, err := t.next()
		if err != nil {
			return Retold{}, err
		}
		if unknown != nil {
			return Retold{Unknown: unknown, Path: t.d.state.Path(g), Edges: t.d.state.Edges, Again: t.again}, nil
		}
	}
	s := t.d.state
	out := Retold{Status: s.Status, Outcome: s.Outcome, Path: s.Path(g), Edges: s.Edges, Again: t.again}
	if !s.Ended() {
		out.Status, out.Outcome, out.Unknown = "", "", &Unknown{Reason: NotWalkable, Node: last(out.Path)}
	}
	return out, nil
}

func last(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[len(path)-1]
}

// retelling is one walk under way.
type retelling struct {
	r        *Recording
	g        *flow.Compiled
	d        *drive
	evidence Evidence
	requests map[call]kyc.CheckRequest
	// from says for a check's node by which recorded node it is answered.
	from  map[string]string
	at    time.Time
	again []string
}

// feed lets the walk take one input. Time never goes back.
func (t *retelling) feed(kind, node string, attempt int, at time.Time, payload any) error {
	if at.After(t.at) {
		t.at = at
	}
	in := t.d.input(kind, node, attempt, t.at, payload)
	next, cmds, err := step(t.g, t.d.state, in.Input, in.ready)
	if err != nil {
		return err
	}
	t.d.state = next
	for _, cmd := range cmds {
		if c, ok := cmd.(RunCheck); ok {
			if t.requests == nil {
				t.requests = map[call]kyc.CheckRequest{}
			}
			t.requests[call{c.Node, c.Attempt}] = c.Request
		}
	}
	return nil
}

// move is something that could happen next, and when the record says it did.
type move struct {
	// turn orders moves: twice the place in the record, one more for what is
	// only known not to have happened by then; -1: at once.
	turn    int64
	do      func() error
	unknown *Unknown // in place of do: what comes of it is not known
}

// Turns outside of the record.
const (
	atOnce = -1
	atEnd  = math.MaxInt64 - 1 // when everything that the record knows has happened
)

// next lets the earliest of all that is pending happen, in the order of the
// record. What the record knows nothing of comes first and makes all unknown:
// whatever came of it might have called the others off.
func (t *retelling) next() (*Unknown, error) {
	s := &t.d.state
	best := move{turn: math.MaxInt64, unknown: &Unknown{Reason: NotWalkable, Node: last(s.Path(t.g))}}
	take := func(m move) {
		if m.turn < best.turn {
			best = m
		}
	}
	for _, c := range s.Calls {
		take(t.answer(c))
	}
	for _, w := range s.Waits {
		take(t.wake(w))
	}
	if s.Gate != nil {
		take(t.gate(*s.Gate))
	}
	if best.unknown != nil {
		return best.unknown, nil
	}
	return nil, best.do()
}

// answer finds what answers an attempt.
func (t *retelling) answer(c Call) move {
	asked := t.requests[call{c.Node, c.Attempt}]
	h, judged, reason := t.match(t.g.Nodes[c.Node], c.Attempt, asked)
	switch {
	case h == nil:
	case h.kind == "":
		return move{turn: 2*h.seq + 1, unknown: &Unknown{Reason: AttemptNotRecorded, Node: c.Node, Policy: asked.Policy}}
	default:
		return move{turn: 2 * h.seq, do: func() error {
			a := h.answer
			a.Handover = false
			t.from[c.Node] = h.node
			if judged {
				t.again = append(t.again, c.Node)
			}
			return t.feed(h.kind, c.Node, c.Attempt, h.at, &a)
		}}
	}
	// The answer to what was never asked, or asked otherwise, is worked out
	// where nobody need be asked for it.
	if a, ok := t.evidence.Again(asked); ok {
		return move{turn: atOnce, do: func() error {
			t.again = append(t.again, c.Node)
			return t.feed(KindAnswer, c.Node, c.Attempt, t.at, &Answered{Answer: a, Jitter: 0.5})
		}}
	}
	return move{turn: atOnce, unknown: &Unknown{Reason: reason, Node: c.Node, Policy: asked.Policy}}
}

// match finds the attempt of the record that was asked the same, preferring the
// node of the same name. One that was asked with another config will do where
// what was found then tells what that config says (judged). Otherwise it says why
// there is none.
func (t *retelling) match(n *flow.Node, attempt int, asked kyc.CheckRequest) (_ *heard, judged bool, why string) {
	reason := NotRecorded
	better := func(why string) {
		if rank[why] > rank[reason] {
			reason = why
		}
	}
	var found, other *heard
	config, known := t.evidence.Question(asked)
	bound, isBound := t.from[n.ID]
	for _, h := range t.r.heard {
		if h.request.Policy != asked.Policy {
			continue
		}
		if isBound && attempt > 1 && h.node != bound {
			continue // later attempts are of the node that answered the first
		}
		if h.attempt != attempt {
			better(AttemptNotRecorded)
			continue
		}
		was, knew := t.evidence.Question(h.request)
		switch {
		case config == "" || was != config:
			better(ConfigChanged)
			if config == "" || was == "" || known == "" || knew != known || h.kind != KindAnswer || !t.inTime(n, h) || other != nil && h.node != n.ID {
				continue
			}
			if a, ok := t.evidence.Rejudge(h.request, h.answer.Answer, asked); ok {
				now := *h
				now.answer.Answer, other = a, &now
			}
		case known == "" || knew != known:
			better(InputsChanged)
		case !t.inTime(n, h):
			better(TimeoutChanged)
		case found == nil || found.node != n.ID && h.node == n.ID:
			found = h
		}
	}
	if found == nil && other != nil {
		return other, true, ""
	}
	return found, false, reason
}

// rank orders the reasons by how near the record came.
var rank = map[string]int{NotRecorded: 0, AttemptNotRecorded: 1, ConfigChanged: 2, InputsChanged: 3, TimeoutChanged: 4}

// inTime reports whether an answer would have been the same under a node's
// time-out: one that came must not have taken longer than it allows, one that
// did not come must not have been given longer.
func (t *retelling) inTime(n *flow.Node, h *heard) bool {
	if n.Timeout == h.limit || h.kind == "" {
		return true
	}
	if h.kind == KindNodeTimeout {
		return n.Timeout > 0 && h.limit > 0 && n.Timeout <= h.limit
	}
	took := h.answer.Answer.FinishedAt.Sub(h.answer.Answer.StartedAt)
	if n.Timeout == 0 { // the check's own, which it was not held to then
		return h.limit > 0 && took <= h.limit
	}
	return took <= n.Timeout
}

// wake ends the wait before an attempt: when the record did, else when it is due.
func (t *retelling) wake(w Wait) move {
	m := move{turn: atEnd, do: func() error { return t.feed(KindRetryDue, w.Node, w.Attempt, w.At, Moved{}) }}
	node, recorded := t.from[w.Node]
	if !recorded {
		m.turn = atOnce
	}
	for _, k := range t.r.woken {
		if recorded && k.node == node && k.attempt == w.Attempt {
			m = move{turn: 2 * k.seq, do: func() error { return t.feed(KindRetryDue, w.Node, w.Attempt, k.at, Moved{}) }}
		}
	}
	return m
}

// gate finds what was decided at a gate of this name.
func (t *retelling) gate(g Gate) move {
	reason := GateNotRecorded
	for _, h := range t.gatesNamed(g) {
		waited, allowed := h.at.Sub(h.gate.OpenedAt), time.Duration(math.MaxInt64)
		if !g.Until.IsZero() {
			allowed = g.Until.Sub(g.OpenedAt)
		}
		switch {
		case h.timedOut && waitOf(h.gate) < allowed:
			reason = GateTimeoutChanged
			continue
		case h.timedOut || waitOf(h.gate) != allowed && waited >= allowed:
			return move{turn: 2 * h.seq, do: func() error {
				at := h.at
				if waitOf(h.gate) != allowed {
					at = g.Until
				}
				return t.feed(KindGateTimeout, g.Node, 0, at, Moved{})
			}}
		}
		// Who waved one thing through has said nothing about another.
		if !maps.Equal(h.troubles, t.d.state.troubles()) {
			return move{turn: 2 * h.seq, unknown: &Unknown{Reason: GateInputsChanged, Node: g.Node}}
		}
		return move{turn: 2 * h.seq, do: func() error {
			d := h.decision
			d.Gate, d.Handover = g.Name, false
			return t.feed(KindGateDecision, g.Node, 0, h.at, d)
		}}
	}
	return move{turn: atOnce, unknown: &Unknown{Reason: reason, Node: g.Node}}
}

// troubles are the checks that did not pass by now, with their status.
func (s *State) troubles() map[string]string {
	out := map[string]string{}
	checks, _ := s.Facts["checks"].(map[string]any)
	for policy, fact := range checks {
		one, _ := fact.(map[string]any)
		if status, _ := one["status"].(string); status != Passed {
			out[policy] = status
		}
	}
	return out
}

// gatesNamed are the gates of the record with the name of this one, those of the
// same node first.
func (t *retelling) gatesNamed(g Gate) []gateHeard {
	var same, other []gateHeard
	for _, h := range t.r.gates {
		switch {
		case h.gate.Name != g.Name:
		case h.gate.Node == g.Node:
			same = append(same, h)
		default:
			other = append(other, h)
		}
	}
	return append(same, other...)
}

// waitOf is how long a gate stood open for a decision; the longest time there
// is for one without an end.
func waitOf(g Gate) time.Duration {
	if g.Until.IsZero() {
		return math.MaxInt64
	}
	return g.Until.Sub(g.OpenedAt)
}

// Parting is the first node at which two walks part, with the place of the move
// among the moves; "" when both took the same moves.
func Parting(was, is []Edge) string {
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(was):
			return is[i].From
		case i >= len(is):
			return was[i].From
		case was[i] != is[i]:
			return is[i].From
		}
	}
	return ""
}
