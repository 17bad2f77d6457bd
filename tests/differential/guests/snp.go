// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"time"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/proto/sevsnp"
	"github.com/google/go-sev-guest/validate"
	"github.com/google/go-sev-guest/verify"
)

// List answers for AMD's service with the one revocation list of a case.
type list []byte

func (l list) Get(string) ([]byte, error) {
	if len(l) == 0 {
		return nil, errors.New("no list")
	}
	return l, nil
}

// What the strict default policy asks for and this library can ask for: no debugging, VMPL 0, what is committed is
// what runs.
func strict() *validate.Options {
	vmpl := 0
	return &validate.Options{
		GuestPolicy: abi.SnpPolicy{SMT: true, CXLAllowed: true},
		VMPL:        &vmpl,
	}
}

func judgeReport(now time.Time, fields [][]byte, whole bool) verdict {
	report, err := abi.ReportToProto(fields[0])
	if err != nil {
		return rejected("parse", err)
	}
	chain := &sevsnp.CertificateChain{AskCert: fields[2], ArkCert: fields[3]}
	info, err := abi.ParseSignerInfo(report.GetSignerInfo())
	if err != nil {
		return rejected("parse", err)
	}
	if info.SigningKey == abi.VlekReportSigner {
		chain.VlekCert = fields[1]
	} else {
		chain.VcekCert = fields[1]
	}
	attestation := &sevsnp.Attestation{Report: report, CertificateChain: chain}
	options := &verify.Options{CheckRevocations: whole, DisableCertFetching: true, Getter: list(fields[4]), Now: now}
	if err := verify.SnpAttestation(attestation, options); err != nil {
		return rejected("verify", err)
	}
	if whole {
		if err := validate.SnpAttestation(attestation, strict()); err != nil {
			return rejected("validate", err)
		}
	}
	return verdict{true, "", ""}
}
