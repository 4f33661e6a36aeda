package procedure

import "testing"

// BenchmarkDecide is what the decision of a five-step workflow costs: reading
// its definition and judging it.
func BenchmarkDecide(b *testing.B) {
	d := parsed(b, def(five, ""))
	f := passing(d)
	raw := d.Canonical()
	b.ReportAllocs()
	for b.Loop() {
		got, err := Read(raw)
		if err != nil {
			b.Fatal(err)
		}
		if v := Judge(got, f, at, ids()); v.Result != Pass {
			b.Fatal(v.Result)
		}
	}
}

// BenchmarkCompile writes the graph of the same workflow.
func BenchmarkCompile(b *testing.B) {
	d := parsed(b, def(five, ""))
	b.ReportAllocs()
	for b.Loop() {
		if g := Compile(d, CompileOptions{Mandatory: []string{"watchlist_screening"}}); len(g) == 0 {
			b.Fatal("no graph")
		}
	}
}
