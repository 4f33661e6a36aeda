//go:build ignore

// Ceiling serves one stored answer to every request and does nothing else. What
// the measuring program reaches with it is the most that a Go server can reach
// with that client on that machine at that time (scripts/bench-screening.sh).
//
//	ceiling ADDRESS FILE
package main

import (
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("ceiling ADDRESS FILE")
	}
	answer, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Write(answer)
	})))
}
