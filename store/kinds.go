package store

import (
	"strings"
	"time"

	"bonafide/kyc"
)

// kind is how one sort of object lies in its table: the common columns, the
// indexed ones, the document and, for personal data, the sealed part.
type kind struct {
	what  string
	table string
	// fixed says for each indexed column whether it keeps its first value:
	// an update compares it instead of writing it, which spares its indexes.
	fixed  []bool
	sealed bool
	// final says that an object is written once: no later revision is taken
	// and none is removed.
	final bool
	// living says that a new object keeps its subject from being erased, and the
	// other way round; see plan.alive.
	living bool
	// mark is an expression that tells the kyc.Keeping of the session a row
	// belongs to. Whatever is sealed in the row can be read only while it is
	// zero; see opened. Empty: the rows belong to no session.
	mark string

	insert, update, remove *SQL
	// keep is update for an object whose sealed part could not be read: what is
	// withheld is left as it lies there.
	keep *SQL
	// stale and conflict are the errors of a lost compare-and-set and of a
	// unique value. Commit hands out copies.
	stale, conflict error
}

// newKind makes a kind. A column that begins with = is fixed. taken is the code of the error when a unique value
// exists already; without one it can only be the row itself.
func newKind(what, table, taken string, sealed bool, cols ...string) *kind {
	k := &kind{what: what, table: table, fixed: make([]bool, len(cols)), sealed: sealed}
	names := []string{"id", "org_id", "env", "rev", "created_at", "updated_at"}
	sets, same := "rev = ?, updated_at = ?", ""
	for i, c := range cols {
		c, k.fixed[i] = strings.CutPrefix(c, "=")
		names = append(names, c)
		if k.fixed[i] {
			same += " AND " + c + " = ?"
		} else {
			sets += ", " + c + " = ?"
		}
	}
	names, sets = append(names, "doc"), sets+", doc = ?"
	where := " WHERE id = ? AND org_id || '' = ? AND env || '' = ? AND rev = ?" + same
	if sealed {
		names, sets = append(names, "secret"), sets+", secret = ?"
	}
	k.insert = merging(NewSQL("INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + marks(len(names)) + ")"))
	k.update = merging(NewSQL("UPDATE " + table + " SET " + sets + where))
	k.stale = kyc.Stale("the " + what)
	k.conflict = k.stale
	if taken != "" {
		k.conflict = kyc.Errorf(kyc.Conflict, taken, "another %s has this already", what)
	}
	k.remove = NewSQL("DELETE FROM " + table + " WHERE id = ? AND org_id || '' = ? AND env || '' = ?")
	return k
}

// written marks a kind whose objects are evidence: written once, then only
// read.
func written(k *kind) *kind {
	k.final = true
	return k
}

// needs marks a kind whose objects need their subject.
func needs(k *kind) *kind {
	k.living = true
	return k
}

// of says to which session the rows of a kind belong: the expression gives its
// ID.
func (k *kind) of(session string) *kind {
	return k.marked("COALESCE((SELECT s.kept FROM session s WHERE s.id = " + session + "), 0)")
}

// marked says how the rows of a kind tell their kyc.Keeping themselves.
func (k *kind) marked(by string) *kind {
	k.mark = by
	k.keep = merging(NewSQL(strings.Replace(k.update.Text, ", secret = ?", ", secret = CASE WHEN "+by+" = "+withheld+" THEN secret ELSE ? END", 1)))
	return k
}

// withheld is kyc.KeptWithheld in a statement.
const withheld = "1"

// errFinal is the answer to whoever wants to change or remove such an object.
func (k *kind) errFinal() error {
	return kyc.Errorf(kyc.Conflict, "written_once", "a %s is written once; it is neither changed nor removed", k.what)
}

// columns appends the values of the columns that are fixed, or of the others.
func (k *kind) columns(args, values []any, fixed bool) []any {
	for i, v := range values {
		if k.fixed[i] == fixed {
			args = append(args, v)
		}
	}
	return args
}

// place is what sealed bytes are tied to: table, column and object.
func (k *kind) place(id kyc.ID) string { return k.table + "|secret|" + string(id) }

// The kinds. The order of columns is the order of record.cols in encode.go.
var (
	kindOrg      = newKind("organisation", "org", "", false)
	kindUser     = newKind("user", "account", "email_taken", false, "email", "external")
	kindKey      = newKind("API key", "api_key", "prefix_taken", false, "prefix")
	kindWorkflow = newKind("workflow", "workflow", "slug_taken", false, "surface", "slug", "status", "is_default", "name", "template_type", "industry", "entity_types", "tags")
	kindVersion  = newKind("workflow version", "workflow_version", "", false, "=workflow_id", "=number")
	kindSubject  = newKind("subject", "subject", "external_ref_taken", true, "external_ref", "status", "merged_into", "look_at").marked(subjectMark)
	kindSession  = needs(newKind("session", "session", "", true, "status", "=surface", "workflow_id", "external_ref", "=subject_id", "token_hash", "expires_at", "tags",
		"ended_at", "kept", "held").marked("session.kept"))
	kindUpload   = newKind("upload", "upload", "", false, "=session_id", "=subject_id").of("upload.session_id")
	kindRun      = newKind("run", "run", "", false, "=session_id", "status", "due_at", "lease_owner")
	kindCase     = newKind("case", "review_case", "", true, "session_id", "status", "queue", "priority", "assigned_to", "entered_at", "active_at", "due_at", "reason_code", "quality", "drawn_at").of("review_case.session_id")
	kindNote     = newKind("note", "note", "", true, "=case_id", "=subject_id").of("(SELECT c.session_id FROM review_case c WHERE c.id = note.case_id)")
	kindList     = newKind("list", "list", "", false, "type", "mode", "archived_at")
	kindListItem = newKind("list item", "list_item", "", true, "=list_id", "hash")
	kindEndpoint = newKind("webhook endpoint", "endpoint", "", true, "status", "events")
	kindKeySet   = newKind("signature key set", "signature_keys", "", true)
	kindDelivery = newKind("delivery", "delivery", "", true, "=event_id", "=endpoint_id", "=event_name", "state", "attempt", "due_at", "lease_owner").marked(deliveryMark)

	// The onboarding surface.
	kindJourney  = newKind("journey", "journey", "", true, "=subject_id", "=parent_id", "archived").of("journey.id")
	kindTransfer = newKind("transfer", "transfer", "", true, "=session_id", "=subject_id", "expires_at").of("transfer.session_id")
	kindExam     = written(newKind("exam", "exam", "", true, "=session_id", "=subject_id", "=policy", "=input_hash").of("exam.session_id"))
	kindRuling   = written(newKind("ruling", "ruling", "", true, "=session_id", "=subject_id").of("ruling.session_id"))
	kindWatch    = newKind("watchlist", "watch", "", true, "status", "frequency", "next_at", "tags")
	kindWatched  = needs(newKind("watched party", "watched", "", true, "=watch_id", "=subject_id", "session_id", "tags"))
	kindWatchRun = written(newKind("monitoring run", "watch_run", "", false, "=watch_id"))

	kindInquiry = needs(newKind("inquiry", "inquiry", "", true, "=subject_id", "=external_ref", "result", "monitor", "next_at"))

	// The entities surface.
	kindIndividual = needs(newKind("individual", "individual", "", true, "deleted"))
	kindPaper      = newKind("document", "entity_document", "", true, "=subject_id", "deleted")
	kindProfile    = newKind("service profile", "service_profile", "profile_exists", true, "=subject_id", "=service_name", "state", "monitored")
	kindExecution  = newKind("execution", "execution", "execution_running", true, "=subject_id", "=workflow_id", "=service_name", "state", "result", "started_at", "ended_at").of("execution.id")
	kindProcess    = newKind("process result", "process_result", "", true, "=subject_id", "=execution_id", "=service_name", "=step_name", "=step_type", "=object_type",
		"=class", "=result", "=hit", "state", "system_status", "manual_status").of("process_result.execution_id")
	kindMatchlist      = newKind("matchlist", "matchlist", "", false, "deleted")
	kindMatchlistEntry = newKind("matchlist entry", "matchlist_entry", "entry_exists", true, "=matchlist_id", "hash")
)

// deliveryMark finds the session of the event that a delivery tells of, or of
// the case it is about: what the receiver answered may repeat the message.
const deliveryMark = "COALESCE((SELECT s.kept FROM event e JOIN session s ON s.id = e.object_id WHERE e.id = delivery.event_id)," +
	" (SELECT s.kept FROM event e JOIN review_case c ON c.id = e.object_id JOIN session s ON s.id = c.session_id WHERE e.id = delivery.event_id), 0)"

// subjectMark tells of a person who exists only because surface B was given a
// name for a session: withheld with the last of these sessions. Whoever keeps a
// person as such (a customer, an individual) goes on doing so.
const subjectMark = "CASE WHEN EXISTS (SELECT 1 FROM session s WHERE s.org_id = subject.org_id AND s.env = subject.env AND s.subject_id = subject.id AND s.kept = 1 AND s.surface = 'checks')" +
	" AND NOT EXISTS (SELECT 1 FROM session s WHERE s.org_id = subject.org_id AND s.env = subject.env AND s.subject_id = subject.id AND s.kept = 0) THEN 1 ELSE 0 END"

// micros is a time as it is stored; zero stays zero.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment is a stored time.
func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// separator stands between and around the words of a column that holds
// several, so that one word is found as separator+word+separator.
const separator = "\x1f"

func joined(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return separator + strings.Join(words, separator) + separator
}
