package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"bonafide/kyc"
)

// AWSOptions say how Amazon's services are asked. Zero values are good.
type AWSOptions struct {
	// Clock is for the life of liveness sessions and the breaker.
	Clock kyc.Clock
	// Attempts of one question, of which each may take AttemptTimeout;
	// defaults 3 and 8 s.
	Attempts       int
	AttemptTimeout time.Duration
	// Backoff is the wait before attempt n (from 1 on); default: exponential
	// up to two seconds, with full jitter, as the SDK does it.
	Backoff func(n int) time.Duration
}

// AWS asks Rekognition and Textract in one region, with the credentials of this
// node. Its parts are face.Comparer, face.AgeEstimator, face.LivenessProvider
// and document.IDReader.
type AWS struct {
	cfg      aws.Config
	faces    *rekognition.Client
	papers   *textract.Client
	clock    kyc.Clock
	breakers *breakers
}

// NewAWS makes the clients. Nothing is asked yet. The config has the region
// and the credentials; config.LoadDefaultConfig makes it from the usual chain.
func NewAWS(cfg aws.Config, o AWSOptions) *AWS {
	if o.Clock == nil {
		o.Clock = kyc.SystemClock()
	}
	if o.Attempts <= 0 {
		o.Attempts = 3
	}
	if o.AttemptTimeout <= 0 {
		o.AttemptTimeout = 8 * time.Second
	}
	retryer := func() aws.Retryer {
		return retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts, s.MaxBackoff = o.Attempts, 2*time.Second
			if o.Backoff != nil {
				s.Backoff = retry.BackoffDelayerFunc(func(n int, _ error) (time.Duration, error) { return o.Backoff(n), nil })
			}
		})
	}
	client := cfg.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	cfg.HTTPClient = bounded{client, o.AttemptTimeout}
	cfg.Retryer, cfg.RetryMaxAttempts, cfg.Logger, cfg.ClientLogMode = retryer, o.Attempts, nil, 0
	return &AWS{cfg: cfg, faces: rekognition.NewFromConfig(cfg), papers: textract.NewFromConfig(cfg), clock: o.Clock, breakers: newBreakers(o.Clock)}
}

// Region is where it is asked.
func (a *AWS) Region() string { return a.cfg.Region }

// maxAWSAnswer bounds what is read of an answer: five frames of a liveness
// session in Base64, and some.
const maxAWSAnswer = 32 << 20

// bounded limits the time of one attempt and the size of its answer. What is
// larger is cut, and cannot be read then.
type bounded struct {
	client aws.HTTPClient
	limit  time.Duration
}

// Do sends one attempt.
func (b bounded) Do(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), b.limit)
	res, err := b.client.Do(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	res.Body = &boundedBody{Reader: io.LimitReader(res.Body, maxAWSAnswer), body: res.Body, cancel: cancel}
	return res, nil
}

type boundedBody struct {
	io.Reader
	body   io.Closer
	cancel context.CancelFunc
}

// Close ends the attempt.
func (b *boundedBody) Close() error {
	defer b.cancel()
	return b.body.Close()
}

// call asks one operation of a service behind the service's breaker.
func (a *AWS) call(ctx context.Context, service string, operation func(ctx context.Context) error) *kyc.Error {
	return a.breakers.of(service).ask(func() bool { return ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) }, func() *kyc.Error {
		// The chain is walked here, so that an installation without credentials
		// is told from a service that cannot be reached.
		if a.cfg.Credentials == nil {
			return fails(codeDenied, "this node has no AWS credentials")
		}
		if _, err := a.cfg.Credentials.Retrieve(ctx); err != nil {
			if late(err) {
				return fails(codeTimeout, "the AWS credentials of this node could not be had in time")
			}
			return fails(codeDenied, "this node has no AWS credentials that can be used")
		}
		err := operation(ctx)
		if err == nil {
			return nil
		}
		return awsError(err)
	})
}

// awsError tells what an error of the SDK means. What the service wrote is left
// out: it may name accounts and roles.
func awsError(err error) *kyc.Error {
	id := ""
	var response *smithyhttp.ResponseError
	status := 0
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	var identified interface{ ServiceRequestID() string }
	if errors.As(err, &identified) && identified.ServiceRequestID() != "" {
		id = ", request " + word(identified.ServiceRequestID())
	}
	var said smithy.APIError
	if errors.As(err, &said) && said.ErrorCode() != "UnknownError" {
		code := word(said.ErrorCode())
		switch said.ErrorCode() {
		case "ThrottlingException", "ProvisionedThroughputExceededException", "LimitExceededException", "ServiceQuotaExceededException", "TooManyRequestsException", "Throttling":
			return fails(codeThrottled, "AWS asks for fewer questions (%s%s)", code, id)
		case "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException", "MissingAuthenticationTokenException",
			"IncompleteSignature", "InvalidClientTokenId", "SignatureDoesNotMatch", "OptInRequired":
			return fails(codeDenied, "AWS refuses the credentials of this node (%s%s)", code, id)
		case "SessionNotFoundException":
			return kyc.Errorf(kyc.NotFound, "liveness_session_not_found", "AWS knows no such liveness session, or no longer")
		}
		if status >= 500 {
			return fails(codeUnavailable, "AWS could not answer (%s%s)", code, id)
		}
		return fails(codeRefused, "AWS refuses the question (%s%s)", code, id)
	}
	switch {
	case late(err):
		return fails(codeTimeout, "AWS did not answer in time")
	case status == http.StatusTooManyRequests:
		return fails(codeThrottled, "AWS asks for fewer questions (status 429%s)", id)
	case status >= 500:
		return fails(codeUnavailable, "AWS answered %d%s", status, id)
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return fails(codeDenied, "AWS refuses the credentials of this node (status %d%s)", status, id)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fails(codeCut, "the answer of AWS broke off%s", id)
	}
	var unread *smithy.DeserializationError
	switch {
	case status >= 400 || status >= 300 && status < 400:
		return fails(codeRefused, "AWS answered %d%s", status, id)
	case errors.As(err, &unread) || status >= 200:
		return fails(codeInvalid, "the answer of AWS cannot be read%s", id)
	}
	return fails(codeUnavailable, "AWS could not be reached")
}

// word keeps of a name that a service gave what names are made of.
func word(s string) string {
	out := make([]byte, 0, min(len(s), 64))
	for i := 0; i < len(s) && len(out) < 64; i++ {
		if c := s[i]; c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '-' || c == '_' || c == '.' {
			out = append(out, c)
		}
	}
	return string(out)
}
