package office

import (
	"bonafide/console"
	"bonafide/kyc"
	"bonafide/webhook"
)

// schemes is the menu of how messages are signed.
func schemes(of kyc.SignatureScheme) []choice {
	if of == "" {
		of = kyc.SchemeHMAC
	}
	return choices(string(of), string(kyc.SchemeHMAC), "the secret of this endpoint (v1)", string(kyc.SchemeEd25519), "the published keys (v1a): the receiver needs no secret", string(kyc.SchemeBoth), "both")
}

type publicKeyRow struct{ Public, Until string }

// showSigning puts how an endpoint's messages are signed on its page.
func (o *office) showSigning(v *console.Visit, scheme kyc.SignatureScheme, page *endpointPage) error {
	page.Schemes, page.Asymmetric, page.Symmetric, page.KeySet = schemes(scheme), scheme.Asymmetric(), scheme.Symmetric(), webhook.KeySetPath(v.Tenant())
	keys, err := o.Webhooks.Keys(v.Ctx(), v.Tenant())
	if err != nil {
		return err
	}
	for _, k := range keys {
		until := "no end"
		if !k.Until.IsZero() {
			until = "signs beside the new one until " + clock(k.Until)
		}
		page.Keys = append(page.Keys, publicKeyRow{webhook.PublicKey(k), until})
	}
	return nil
}

// chooseScheme changes how an endpoint's messages are signed.
func (o *office) chooseScheme(v *console.Visit) error {
	return o.onEndpoint(v, func(id kyc.ID) (string, error) {
		e, err := o.Webhooks.Update(v.Ctx(), v.Tenant(), v.Who.Actor, id, 0, webhook.Patch{Scheme: kyc.SignatureScheme(v.R.PostFormValue("scheme"))})
		if e.Scheme.Symmetric() {
			return "Messages are signed so from now on. If the receiver does not have the secret, make a new one.", err
		}
		return "Messages are signed so from now on.", err
	})
}

// rotateKeys gives the environment a new key pair; the page of the endpoint it
// was asked on shows it.
func (o *office) rotateKeys(v *console.Visit) error {
	return o.onEndpoint(v, func(id kyc.ID) (string, error) {
		if _, err := o.Webhooks.Get(v.Ctx(), v.Tenant(), id); err != nil {
			return "", err
		}
		_, err := o.Webhooks.RotateKeys(v.Ctx(), v.Tenant(), v.Who.Actor, webhook.DefaultOverlap)
		return "There is a new key pair; the old one goes on signing beside it, and stays published, for 24 hours.", err
	})
}

// signatureOf says what the signature header of a message holds.
func signatureOf(s kyc.SignatureScheme) string {
	const secret, keys = "v1, HMAC-SHA-256 by each secret in force", "v1a, Ed25519 by each published key"
	switch {
	case !s.Asymmetric():
		return secret
	case !s.Symmetric():
		return keys
	}
	return secret + "; " + keys
}
