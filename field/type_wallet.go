package field

import (
	"fmt"
	"slices"
	"strings"

	"bonafide/wallet"
)

type walletKind struct{}

func (walletKind) spec() TypeSpec {
	return TypeSpec{
		Name: "wallet", Category: "semantic",
		Summary: "A crypto-asset address whose checksum is verified offline; see Networks for what each network verifies.",
		Stored:  "{address,network}",
		Options: []OptionSpec{
			opt("network", "string", "any", strings.Join(wallet.Networks(), ", ")+", or any: the network is detected"),
			opt("networks_allowed", "string[]", nil, "networks accepted with network any; absent: all"),
			opt("validate_crypto", "boolean", nil, "the address is screened; absent: as run_crypto of the workflow says"),
		},
		Rules: textRules(),
	}
}

func (walletKind) define(d *definer, f *Field, at string) {
	if f.Network != "any" && !slices.Contains(wallet.Networks(), f.Network) {
		d.add(at+"/network", "network_invalid", "network is any or one of %s", strings.Join(wallet.Networks(), ", "))
	}
	for i, n := range f.NetworksAllowed {
		if !slices.Contains(wallet.Networks(), n) {
			d.add(fmt.Sprintf("%s/networks_allowed/%d", at, i), "network_invalid", "a network is one of %s", strings.Join(wallet.Networks(), ", "))
		}
	}
	if f.NetworksAllowed != nil && len(f.NetworksAllowed) == 0 {
		d.add(at+"/networks_allowed", "range_invalid", "an empty list allows no network at all; leave it out to allow all")
	}
	if len(f.NetworksAllowed) > 0 && f.Network != "any" && !slices.Contains(f.NetworksAllowed, f.Network) {
		d.add(at+"/networks_allowed", "option_conflict", "networks_allowed leaves out the field's own network %s", f.Network)
	}
}

func (walletKind) read(c *call, f *Field, at string, v any) (any, bool) {
	address, network, ok := walletParts(c, at, v)
	if !ok {
		return nil, false
	}
	fail := func(at, code, format string, args ...any) (any, bool) {
		c.add(at, code, format, args...)
		return nil, false
	}
	if network != "" && !slices.Contains(wallet.Networks(), network) {
		return fail(at+"/network", "network_invalid", "a network is one of %s", strings.Join(wallet.Networks(), ", "))
	}
	if f.Network != "any" && f.Network != "" {
		if network != "" && network != f.Network {
			return fail(at+"/network", "network_not_allowed", "only addresses of %s are accepted", f.Network)
		}
		network = f.Network
	}
	allowed := f.NetworksAllowed
	if allowed == nil {
		allowed = wallet.Networks()
	}
	if network != "" && !slices.Contains(allowed, network) {
		return fail(at+"/network", "network_not_allowed", "only addresses of %s are accepted", strings.Join(allowed, ", "))
	}
	var fits []string
	for _, n := range wallet.Networks() {
		if network != "" && n != network {
			continue
		}
		if normal, ok := wallet.OnNetwork(n, address, network != ""); ok {
			fits, address = append(fits, n), normal
		}
	}
	if len(fits) == 0 {
		of := ""
		if network != "" {
			of = " of " + network
		}
		return fail(at, "wallet_invalid", "this is no address%s: the characters, the length or the checksum are wrong", of)
	}
	fits = slices.DeleteFunc(fits, func(n string) bool { return !slices.Contains(allowed, n) })
	if len(fits) == 0 {
		return fail(at, "network_not_allowed", "only addresses of %s are accepted", strings.Join(allowed, ", "))
	}
	if len(fits) > 1 {
		c.warn(at, "wallet_network_ambiguous", "the address is valid on %s; it is taken for %s", strings.Join(fits, " and "), fits[0])
	}
	return map[string]any{"address": address, "network": fits[0]}, true
}

// walletParts takes an address, or {address,network}.
func walletParts(c *call, at string, v any) (address, network string, ok bool) {
	m, isObject := v.(map[string]any)
	if !isObject {
		address, ok = c.text(at, v)
		return strings.TrimSpace(address), "", ok
	}
	if !c.members(at, m, "address", "network") {
		return "", "", false
	}
	if blank(m["address"]) {
		c.add(at+"/address", "required", "an address is needed")
		return "", "", false
	}
	address, ok = c.text(at+"/address", m["address"])
	if ok && !blank(m["network"]) {
		network, ok = c.text(at+"/network", m["network"])
	}
	return strings.TrimSpace(address), strings.ToUpper(strings.TrimSpace(network)), ok
}
