// Bonafide is self-hosted identity verification: workflows, checks, decisions
// and their proof in one program. See README.md; `bonafide help` lists the
// commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes of the running contract.
const (
	exitOK       = 0
	exitError    = 1
	exitUsage    = 2
	exitReview   = 3
	exitRejected = 4
)

// exitCode carries an exit code other than 1 out of a command.
type exitCode struct {
	code int
	err  error
}

func (e exitCode) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exitCode) Unwrap() error { return e.err }

func main() {
	// The program hands its log to whoever may write to it. What libraries write
	// to the default one (the chip library: keys and digests) goes nowhere.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program: arguments in, exit code out. Tests start it too.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var cli commands
	exited := -1
	parser, err := kong.New(&cli,
		kong.Name("bonafide"),
		kong.Description("Self-hosted identity verification: define a workflow, let applicants pass it, prove every decision."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.DefaultEnvars("BONAFIDE"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&console{out: stdout, err: stderr}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "bonafide:", err)
		return exitError
	}
	if len(args) == 0 || args[0] == "help" {
		args = append(append([]string{}, args[min(1, len(args)):]...), "--help")
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "bonafide: %s (see bonafide help)\n", oneLine(err))
		return exitUsage
	}
	err = parsed.Run(&cli.Globals)
	var coded exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &coded):
		if coded.err != nil {
			fmt.Fprintln(stderr, "bonafide:", oneLine(coded.err))
		}
		return coded.code
	default:
		fmt.Fprintln(stderr, "bonafide:", oneLine(err))
		return exitError
	}
}

// console is where commands write.
type console struct{ out, err io.Writer }

func (c *console) printf(format string, args ...any) { fmt.Fprintf(c.out, format, args...) }

// oneLine keeps an error on one line, as scripts expect it.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
