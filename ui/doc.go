// Package ui is what the applicant's and the reviewer's pages share: the layout,
// the style sheet, the language catalogues, the small browser scripts and the
// headers that keep a page safe.
//
// A page is a struct and a template of the same name, both in the room that
// shows it (capture, console). The room gives its templates to [Kit.Pages] once
// and answers a request with [Pages.Render]. Text never stands in a template:
// it comes from the catalogues in lang/, one flat JSON file a language, and a
// key that is missing is an error of the page, found by its tests.
//
// Scripts and the style sheet are built from web/ into dist/ (make build) and
// served under names that carry their content's hash. Without them pages still
// work, the camera and the studio excepted, and the log says how to build them.
package ui
