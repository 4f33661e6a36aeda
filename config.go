package main

import (
	"path/filepath"
	"time"

	"bonafide/api"
)

// Globals are the flags every command takes. Each flag has an environment
// form: BONAFIDE_DATA, BONAFIDE_DATABASE and so on.
type Globals struct {
	Data        string `help:"Folder for the database, keys, files and lists." default:"./data" type:"path"`
	Database    string `help:"postgres://… for PostgreSQL; empty for SQLite in the data folder." default:""`
	Lists       string `help:"Folder of imported watchlists (default: DATA/lists)." default:"" type:"path"`
	Models      string `help:"Folder of OCR and face models (default: DATA/models)." default:"" type:"path"`
	ONNXRuntime string `name:"onnxruntime" help:"Shared library of ONNX Runtime, which the face checks run on (default: looked for in the models folder, beside the program, in .cache/onnxruntime and where systems keep libraries)." default:"" type:"path"`
	Blobs       string `help:"Where encrypted files go: a gocloud.dev/blob URL such as s3://bucket (default: a folder in DATA)." default:""`
	KeyURL      string `name:"key-url" help:"gocloud.dev/secrets URL that wraps the master key (default: a key file in DATA/keys)." default:""`
	AWSRegion   string `name:"aws-region" help:"AWS region whose Rekognition and Textract organisations may choose, with the usual AWS credentials; empty: none." default:""`
	Sync        string `help:"SQLite durability: full or normal." enum:"full,normal" default:"full"`
	Verbose     bool   `help:"Log more."`
}

func (g *Globals) listsDir() string {
	if g.Lists != "" {
		return g.Lists
	}
	return filepath.Join(g.Data, "lists")
}

func (g *Globals) modelsDir() string {
	if g.Models != "" {
		return g.Models
	}
	return filepath.Join(g.Data, "models")
}

// trustDir is the folder of the certificates that sign passports.
func (g *Globals) trustDir() string { return filepath.Join(g.Data, "trust") }

// commands is the command line.
type commands struct {
	Globals

	Serve     serveCmd     `cmd:"" help:"Run the server: API, engine, webhooks."`
	Verify    verifyCmd    `cmd:"" help:"Carry one applicant through a workflow and print path, findings and decision."`
	Workflow  workflowCmd  `cmd:"" help:"Check or draw a workflow definition offline."`
	Lists_    listsCmd     `cmd:"" name:"lists" help:"Watchlists: import, update, status, search."`
	Media     mediaCmd     `cmd:"" help:"Adverse media: import feeds of news, update, status, search."`
	Screen    screenCmd    `cmd:"" help:"Look for the parties of a file in the watchlists."`
	Inspect   inspectCmd   `cmd:"" help:"Show what document intake sees in files."`
	Providers providersCmd `cmd:"" help:"Other people's services that identity checks may ask."`
	Face      faceCmd      `cmd:"" help:"Compare the faces of two pictures."`
	Models_   modelsCmd    `cmd:"" name:"models" help:"Networks and OCR tables: pull, add, status."`
	NFC       nfcCmd       `cmd:"" name:"nfc" help:"Verify passport chip files."`
	Doctor    doctorCmd    `cmd:"" help:"What is missing for the checks of this machine, and the command that installs it; exit 1 when something is."`
	Replay    replayCmd    `cmd:"" help:"Re-run a finished run from its record; exit 1 at the first difference."`
	Bench     benchCmd     `cmd:"" help:"Measure the engine against a raw loop on the same store."`
	Org       orgCmd       `cmd:"" help:"Organisations."`
	Key       keyCmd       `cmd:"" help:"API keys; a key is shown once."`
	User      userCmd      `cmd:"" help:"Console users."`
	Audit     auditCmd     `cmd:"" help:"The audit chain."`
	Retention retentionCmd `cmd:"" help:"What retention withholds."`
	Backup    backupCmd    `cmd:"" help:"Write a consistent copy of the SQLite database, beside a running server too."`
	Version   versionCmd   `cmd:"" help:"Print the version."`

	DecodePicture decodePictureCmd `cmd:"" hidden:"" help:"Open one picture from standard input within limits; the document reader starts it."`
}

// serveCmd is `bonafide serve`.
type serveCmd struct {
	Addr         string        `help:"Listen address." default:"127.0.0.1:8080"`
	Role         string        `help:"all, api (no work done here) or worker (no HTTP besides health)." enum:"all,api,worker" default:"all"`
	Demo         bool          `help:"On an empty store: organisation, keys, workflows and sample cases; then one sample applicant."`
	Dev          bool          `help:"Development: no limits per address, two organisations in DATA/dev.json, webhooks may go to loopback."`
	PublicURL    string        `name:"public-url" help:"Base of the links given to applicants (default: from the request)." default:""`
	KnownFaces   int           `name:"known-faces" help:"How many faces of organisations with many of them lie in memory, 1.3 KB each, so that face_dedup is quick; 0 is 500000. Those that have no room are compared as they are read." default:"0"`
	NoMX         bool          `name:"no-mx" help:"Do not ask the domain name system whether an applicant's mail domain takes mail."`
	WebhookAllow []string      `name:"webhook-allow" help:"Private ranges (CIDR) that webhooks and http checks may reach."`
	RateChecks   string        `name:"rate-checks" help:"Limit of each key on surface B: per second, burst, per UTC day." default:"25/s,35,10000/day"`
	RateKeys     string        `name:"rate-keys" help:"Limit of each key on surfaces C and D: per second, burst." default:"50/s,100"`
	OIDC         oidcFlags     `embed:"" prefix:"oidc-" group:"Single sign-on to the console (OpenID Connect)"`
	Pace         api.Pace      `kong:"-"` // of bodies; zero: the shipped one
	Grace        time.Duration `help:"How long work in flight may take at a stop; the process has ended two seconds later." default:"18s" hidden:""`
}
