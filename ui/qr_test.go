package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skip2/go-qrcode"
)

// The path paints exactly the dark modules of the code.
func TestAQRCodeIsDrawnModuleByModule(t *testing.T) {
	t.Parallel()
	const text = "https://kyc.example.com/capture/6Yw3kQm8"
	q, err := NewQR(text)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	want := code.Bitmap()
	got := make([][]bool, len(want))
	for y := range got {
		got[y] = make([]bool, len(want))
	}
	for run := range strings.SplitSeq(strings.TrimSuffix(q.Path, "z"), "z") {
		var x, y, n, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &n, &back); err != nil || n != back {
			t.Fatalf("the run %q: %v", run, err)
		}
		for i := range n {
			got[y][x+i] = true
		}
	}
	if q.Size != len(want) || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%d modules wide, want %d; or other modules are dark", q.Size, len(want))
	}
	if _, err := NewQR(strings.Repeat("x", 5000)); err == nil {
		t.Error("5000 letters fit into one code")
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{"127.0.0.1:8080": "127.0.0.1", "localhost": "localhost", "a.localhost:1": "a.localhost", "[::1]:80": "::1", "kyc.example.com": "", "192.168.1.4:8080": "", "": ""} {
		if got := Loopback(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}
