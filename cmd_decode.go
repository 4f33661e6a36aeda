package main

import (
	"os"

	"bonafide/imagefile"
)

// decodePictureCmd is the child in which pictures are opened whose decoders
// cannot be bounded otherwise. Nobody but the document reader starts it.
type decodePictureCmd struct {
	Type   string `arg:"" help:"Content type."`
	Pixels string `arg:"" enum:"grey,colour" help:"What is wanted."`
}

// Run ends with the exit code that document.Reader understands.
func (d decodePictureCmd) Run() error {
	if code := imagefile.DecodeChild(os.Stdin, os.Stdout, d.Type, d.Pixels); code != 0 {
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
