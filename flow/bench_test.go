package flow_test

import (
	"encoding/json"
	"testing"

	"bonafide/flow"
)

// twelve is a workflow of twelve nodes such as a bank would draw.
const twelve = `{"entry":"start","nodes":{
	"start":{"type":"start","next":"ocr"},
	"ocr":{"type":"policy","policy":"document_ocr","on_pass":"adult","on_fail":"review"},
	"adult":{"type":"conditional","routes":[{"conditions":[{"field":"extracted.age","operator":"<","value":18}],"next":"no"}],"default":"fan"},
	"fan":{"type":"parallel","branches":["face","aml"],"join":"meet"},
	"face":{"type":"policy","policy":"face_match","config":{"security_level":"strict"},"on_pass":"meet","on_fail":"review"},
	"aml":{"type":"policy","policy":"watchlist_screening","config":{"threshold":0.6},"on_pass":"meet","on_fail":"review"},
	"meet":{"type":"join","mode":"all","next":"risk"},
	"risk":{"type":"policy","policy":"risk_assessment","on_pass":"level","on_fail":"review"},
	"level":{"type":"conditional","routes":[
		{"conditions":[{"field":"risk.score","operator":"<=","value":20},{"field":"session.country","operator":"in","value":["NL","BE","DE"]}],"next":"yes"},
		{"conditions":[{"field":"risk.score","operator":">","value":80}],"next":"no"}],"default":"review"},
	"yes":{"type":"terminal","outcome":"approved"},
	"no":{"type":"terminal","outcome":"rejected"},
	"review":{"type":"terminal","outcome":"needs_review"}}}`

func BenchmarkCompile(b *testing.B) {
	o := flow.Options{Catalog: catalog(), Mandatory: []string{"watchlist_screening"}}
	b.ReportAllocs()
	for b.Loop() {
		if c, report := flow.Compile(json.RawMessage(twelve), o); c == nil {
			b.Fatal(lines(report))
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	c, _ := flow.Compile(json.RawMessage(twelve), flow.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := flow.Load(c.Canonical()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFirstRoute(b *testing.B) {
	c, _ := flow.Compile(json.RawMessage(twelve), flow.Options{})
	facts := map[string]any{"risk": map[string]any{"score": json.Number("35")}, "session": map[string]any{"country": "NL"}}
	b.ReportAllocs()
	for b.Loop() {
		if next, _ := flow.FirstRoute(c.Nodes["level"], facts); next != "review" {
			b.Fatal(next)
		}
	}
}

func BenchmarkChoose(b *testing.B) {
	w := rollout(25, "salt")
	b.ReportAllocs()
	for b.Loop() {
		flow.Choose(w, "0190f000-0000-7000-8000-000000000002")
	}
}
