package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/config"

	"bonafide/kyc"
	"bonafide/provider"
)

// newProviders makes whoever else the identity checks may ask. client is
// guarded; secrets sign the calls to organisations' own servers. The local
// engines are put in by whoever makes them.
func newProviders(g *Globals, clock kyc.Clock, client *http.Client, secrets provider.Secrets) (*provider.Router, error) {
	r := &provider.Router{}
	var err error
	if r.HTTP, err = provider.NewHTTP(provider.HTTPOptions{Client: client, Secrets: secrets, Clock: clock}); err != nil {
		return nil, err
	}
	if g.AWSRegion == "" {
		return r, nil
	}
	// The usual chain: environment, shared files, the role of the machine.
	// Nothing is asked of it before the first question.
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRegion(g.AWSRegion))
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	r.AWS = provider.NewAWS(cfg, provider.AWSOptions{Clock: clock})
	return r, nil
}
