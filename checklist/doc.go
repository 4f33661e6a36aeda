// Package checklist owns the definition of surface B: an ordered, flat list of
// named checks with resolved configuration (api.md section 4, seed 001).
package checklist
