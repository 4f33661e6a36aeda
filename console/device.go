package console

import (
	"crypto/subtle"
	"strings"
	"time"
)

// Pauses of an account alone would let anybody keep a person out for ever: one
// wrong password at the end of each pause is enough. So a browser that somebody
// has signed in with gets a cookie that names it for this account, and its tries
// are counted by themselves, whatever strangers do meanwhile (OWASP, Slow Down
// Online Guessing Attacks with Device Cookies). A stolen cookie opens nothing:
// it has its own five free tries and then the same pauses.
const (
	deviceCookie = "bf_device"
	deviceLife   = 180 * 24 * time.Hour
)

// deviceMark binds a device to an account under the store's key.
func (k *desk) deviceMark(v *Visit, device, email string) (string, error) {
	return k.Store.TriesName(v.Ctx(), "device mark", device+" "+strings.ToLower(strings.TrimSpace(email)))
}

// knowDevice marks the browser as one that this account has signed in with.
func (v *Visit) knowDevice(email string) error {
	device, err := v.desk.knownDevice(v, email)
	if err != nil {
		return err
	}
	if device == "" {
		device, _ = newToken()
	}
	mark, err := v.desk.deviceMark(v, device, email)
	if err != nil {
		return err
	}
	v.cookie(deviceCookie, device+"."+hashOf(mark), deviceLife)
	return nil
}

// knownDevice gives the device of a request that the account has signed in with
// before; "" for a stranger's.
func (k *desk) knownDevice(v *Visit, email string) (string, error) {
	c, err := v.R.Cookie(deviceCookie)
	if err != nil {
		return "", nil //nolint:nilerr // no cookie is an answer
	}
	device, given, ok := strings.Cut(c.Value, ".")
	if !ok || len(device) != 43 {
		return "", nil
	}
	mark, err := k.deviceMark(v, device, email)
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare([]byte(hashOf(mark)), []byte(given)) != 1 {
		return "", nil
	}
	return device, nil
}
