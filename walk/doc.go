// Package walk goes through the product as people do: a real server, a real
// Chromium, real clicks. It holds tests only; browser_test.go and server_test.go are
// their helpers around chromedp and the program. Without Chromium or the built
// scripts (`make build`) the tests skip with a sentence.
//
// With BONAFIDE_SCREENS=DIR pages leave their pictures there (`make screens`).
package walk
