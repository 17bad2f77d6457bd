// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-tdx-guest/verify"
)

// Collateral answers for Intel's service: the bodies and the issuer chains of one case.
type collateral struct {
	tcbInfo, tcbInfoChain, qeIdentity, qeIdentityChain, rootCrl, pckCrl, pckCrlChain []byte
}

func (c collateral) Get(address string) (map[string][]string, []byte, error) {
	header := func(name string, chain []byte) map[string][]string {
		return map[string][]string{name: {url.QueryEscape(string(chain))}}
	}
	switch {
	case strings.Contains(address, "/tcb?"):
		return header("Tcb-Info-Issuer-Chain", c.tcbInfoChain), c.tcbInfo, nil
	case strings.Contains(address, "/qe/identity"):
		return header("Sgx-Enclave-Identity-Issuer-Chain", c.qeIdentityChain), c.qeIdentity, nil
	case strings.Contains(address, "/pckcrl?"):
		return header("Sgx-Pck-Crl-Issuer-Chain", c.pckCrlChain), c.pckCrl, nil
	case strings.HasSuffix(address, ".der") || strings.HasSuffix(address, ".crl"):
		return nil, c.rootCrl, nil
	}
	return nil, nil, errors.New("no such address: " + address)
}

func judgeQuote(now time.Time, fields [][]byte) verdict {
	from := collateral{fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7]}
	options := &verify.Options{CheckRevocations: true, GetCollateral: true, Getter: from, Now: now}
	if err := verify.RawTdxQuote(fields[0], options); err != nil {
		return rejected("verify", err)
	}
	return verdict{true, "UpToDate", ""}
}
