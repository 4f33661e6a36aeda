package main

import (
	"os"

	"bonafide/document"
)

// decodePictureCmd is the child in which files are opened whose decoders
// cannot be bounded otherwise. Nobody but the document reader starts it.
type decodePictureCmd struct {
	Type   string   `arg:"" help:"Content type."`
	Pixels string   `arg:"" enum:"grey,colour,warm" help:"What is wanted; warm only prepares for PDF files."`
	Cache  []string `arg:"" optional:"" help:"Folder for what is compiled to open PDF files."`
}

// Run ends with the exit code that document.Reader understands.
func (d decodePictureCmd) Run() error {
	args := append([]string{d.Type, d.Pixels}, d.Cache...)
	if code := document.DecodeChild(os.Stdin, os.Stdout, args...); code != 0 {
		return exitCode{code: code}
	}
	return nil
}

// decoder is the command that runs it, or nothing where the program cannot
// find itself; then the reader does without.
func decoder() []string {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return []string{self, "decode-picture"}
}
