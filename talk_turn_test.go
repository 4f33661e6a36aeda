package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sets are the values of Each, one for each time the turn is taken.
func (turn turn) sets() []map[string]string {
	out := []map[string]string{{}}
	for name, values := range turn.Each {
		var more []map[string]string
		for _, v := range values {
			for _, have := range out {
				one := maps.Clone(have)
				one[name] = v
				more = append(more, one)
			}
		}
		out = more
	}
	return out
}

// take makes one turn and answers what is wrong with it, or "".
func (r *conversation) take(t *testing.T, turn turn) string {
	t.Helper()
	r.provide(t, turn)
	switch {
	case turn.Call == "" && (turn.Let != nil || turn.Serve != nil):
		if turn.Serve != nil {
			r.server.serve(turn.Serve)
		}
		return ""
	case turn.Never != "":
		if r.hook != nil && slices.Contains(r.hook.seen(), turn.Never) {
			return "the webhook came"
		}
		return ""
	case turn.Hook != "":
		return r.listen(t, turn)
	}
	deadline := time.Now().Add(patience)
	for {
		a := r.ask(t, turn)
		problem := r.check(t, turn, a)
		if problem == "" || !turn.Until || time.Now().After(deadline) || t.Context().Err() != nil {
			return problem
		}
		pause(t)
	}
}

// provide makes what a turn speaks of for the first time.
func (r *conversation) provide(t *testing.T, turn turn) {
	t.Helper()
	text := turn.Call + turn.Raw + string(turn.Body) + string(r.bodies[turn.Send])
	if r.hook == nil && (strings.Contains(text, "{hook}") || turn.Hook != "") {
		r.hook = receiver(t)
		r.vars["hook"] = r.hook.URL
	}
	if r.server == nil && (strings.Contains(text, "{server}") || turn.Serve != nil) {
		r.server = newCheckServer(t)
		r.vars["server"] = r.server.URL
	}
	if r.vars["photo"] == "" && strings.Contains(text, "{photo}") {
		r.vars["photo"] = base64.StdEncoding.EncodeToString(picture(t, t.Name()))
	}
	if strings.Contains(text, "{mebibyte}") {
		r.vars["mebibyte"] = strings.Repeat("x", 1<<20)
	}
}

func (r *conversation) ask(t *testing.T, turn turn) answer {
	t.Helper()
	who := r.who[turn.As]
	if who == nil {
		t.Fatalf("who is %q?", turn.As)
	}
	method, path, _ := strings.Cut(r.fill(turn.Call), " ")
	header := map[string]string{}
	for name, value := range turn.Header {
		header[name] = r.fill(value)
	}
	body := string(turn.Body)
	switch {
	case turn.Send != "":
		if body = string(r.bodies[turn.Send]); body == "" {
			t.Fatalf("there is no body %q", turn.Send)
		}
	case turn.Raw != "":
		body = turn.Raw
	}
	switch {
	case turn.File != "":
		return r.hand(t, who, method, path, turn, header)
	case turn.Picture != "":
		return who.send(t, method, path, "image/jpeg", bytes.NewReader(picture(t, r.fill(turn.Picture))), header)
	case body != "":
		return who.send(t, method, path, "application/json", strings.NewReader(r.fill(body)), header)
	}
	return who.send(t, method, path, "", nil, header)
}

func (r *conversation) check(t *testing.T, turn turn, a answer) string {
	t.Helper()
	if turn.Status == 0 && a.status >= 300 || turn.Status != 0 && a.status != turn.Status {
		return fmt.Sprintf("the status is %d, want %d\n%.4000s", a.status, turn.Status, a.raw)
	}
	var got any
	if len(a.raw) > 0 && json.Unmarshal(a.raw, &got) != nil && (turn.Code != "" || turn.Want != nil) {
		return "the answer is no JSON: " + string(a.raw)
	}
	if turn.Code != "" {
		code, _ := lookUp(got, "code").(string)
		if code == "" {
			code, _ = lookUp(got, "details.0.issueType").(string)
		}
		if code != turn.Code {
			return fmt.Sprintf("the code is %q, want %q\n%.4000s", code, turn.Code, a.raw)
		}
	}
	if turn.Want != nil {
		var want any
		if err := json.Unmarshal([]byte(r.fill(string(turn.Want))), &want); err != nil {
			t.Fatalf("%v in %s", err, turn.Want)
		}
		if d := differences("", want, got); len(d) > 0 {
			return strings.Join(d, "\n") + fmt.Sprintf("\n%.6000s", a.raw)
		}
	}
	for path, want := range turn.At {
		if text, ok := want.(string); ok {
			want = r.fill(text)
		}
		if d := differences(path, want, lookUp(got, r.fill(path))); len(d) > 0 {
			return strings.Join(d, "\n") + fmt.Sprintf("\n%.6000s", a.raw)
		}
	}
	for _, path := range turn.Not {
		if found := lookUp(got, path); found != nil {
			return fmt.Sprintf("%s is there: %v", path, found)
		}
	}
	if problem := r.speak(turn, a); problem != "" {
		return problem
	}
	for name, path := range turn.Keep {
		name = r.fill(name)
		if header, ok := strings.CutPrefix(path, "@"); ok {
			r.vars[name] = a.header.Get(header)
			continue
		}
		switch v := lookUp(got, path).(type) {
		case string:
			r.vars[name] = v
		case float64:
			r.vars[name] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			return fmt.Sprintf("there is no %s to keep in\n%.4000s", path, a.raw)
		}
	}
	return ""
}

// listen waits for a webhook.
func (r *conversation) listen(t *testing.T, turn turn) string {
	t.Helper()
	deadline := time.Now().Add(patience)
	var last []string
	for {
		count := 0
		last = nil
		found := turn.Want == nil && turn.Path == ""
		for _, m := range r.hook.heard() {
			if m.event != turn.Hook {
				continue
			}
			count++
			last = nil
			if turn.Want != nil {
				var want, got any
				if err := json.Unmarshal([]byte(r.fill(string(turn.Want))), &want); err != nil {
					t.Fatalf("%v in %s", err, turn.Want)
				}
				if err := json.Unmarshal(m.data, &got); err != nil {
					t.Fatalf("a webhook is no JSON: %s", m.data)
				}
				last = differences("", want, got)
			}
			if path := r.fill(turn.Path); !strings.HasSuffix(m.path, path) {
				last = append(last, fmt.Sprintf("it went to %s, want %s", m.path, path))
			}
			found = found || len(last) == 0
		}
		if count > 0 && found && (turn.Count == 0 || count == turn.Count) {
			return ""
		}
		if time.Now().After(deadline) || t.Context().Err() != nil {
			return fmt.Sprintf("%d came, want %d; heard %v\n%s", count, turn.Count, r.hook.seen(), strings.Join(last, "\n"))
		}
		pause(t)
	}
}

// fill replaces {name} and {name|path} by what is known under the name.
func (r *conversation) fill(text string) string {
	names := slices.Sorted(maps.Keys(r.vars))
	if len(r.files) > 0 { // {{shown}.size} is about the file that shown names
		names = slices.Concat(names, names)
	}
	for _, name := range names {
		text = strings.ReplaceAll(text, "{"+name+"}", r.vars[name])
		text = strings.ReplaceAll(text, "{"+name+"|path}", url.PathEscape(r.vars[name]))
	}
	return dates(text)
}

// lookUp finds a value by a path of names and places: a.b.0. In a list
// name=value is the first item whose name has that value (with ~ for a dot), and
// # is how many items there are.
func lookUp(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			if name == "#" {
				return float64(len(in))
			}
			if key, value, ok := strings.Cut(name, "="); ok {
				value = strings.ReplaceAll(value, "~", ".")
				at := slices.IndexFunc(in, func(item any) bool {
					o, _ := item.(map[string]any)
					return fmt.Sprint(o[key]) == value
				})
				if at < 0 {
					return nil
				}
				v = in[at]
				continue
			}
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// heard are all webhooks that came, in their order of arrival.
func (h *hook) heard() []told {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.messages)
}
