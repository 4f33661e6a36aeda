// Package walk goes through the product as people do: a real server, a real
// Chromium, real clicks. It holds tests only; browser_test.go and server_test.go are
// their helpers around chromedp and the program. Without Chromium or the built
// scripts (`make build`) the tests skip with a sentence.
//
// With BONAFIDE_SCREENS=DIR the pages of screens_test.go leave their pictures
// there (`make screens`); a picture that is missing in the end fails.
package walk
