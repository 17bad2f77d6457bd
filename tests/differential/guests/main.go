// SPDX-License-Identifier: Apache-2.0

// Google's go-tdx-guest and go-sev-guest behind the protocol of tests/differential/protocol.py: cases on standard
// input, one line an answer on standard output.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A verdict says what kind of acceptance it is, or at which stage the evidence was rejected and why.
type verdict struct {
	accepted bool
	stage    string
	reason   string
}

func rejected(stage string, err error) verdict { return verdict{false, stage, err.Error()} }

var judges = map[string]func(now time.Time, fields [][]byte) verdict{
	"tdx":      judgeQuote,
	"snp":      func(now time.Time, fields [][]byte) verdict { return judgeReport(now, fields, true) },
	"snp-bare": func(now time.Time, fields [][]byte) verdict { return judgeReport(now, fields, false) },
}

func cpuNanoseconds() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// A panic of a library is no verdict of its own: it rejects, and is seen.
func judge(fields [][]byte) (result verdict, nanoseconds int64) {
	defer func() {
		if panicked := recover(); panicked != nil {
			result = verdict{false, "panic", fmt.Sprint(panicked)}
		}
	}()
	number := func(field []byte) int64 {
		value, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			panic(err)
		}
		return value
	}
	now, repeat := time.Unix(number(fields[1]), 0).UTC(), number(fields[2])
	judge, ok := judges[string(fields[0])]
	if !ok {
		return rejected("kind", errors.New("no such kind")), 0
	}
	start := cpuNanoseconds()
	for range repeat {
		result = judge(now, fields[3:])
	}
	return result, cpuNanoseconds() - start
}

func readCase(from io.Reader) ([][]byte, error) {
	var count uint32
	if err := binary.Read(from, binary.BigEndian, &count); err != nil {
		return nil, err
	}
	fields := make([][]byte, count)
	for i := range fields {
		var size uint32
		if err := binary.Read(from, binary.BigEndian, &size); err != nil {
			return nil, err
		}
		fields[i] = make([]byte, size)
		if _, err := io.ReadFull(from, fields[i]); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// The libraries log to standard output: from here on that is nowhere, and answers go where it was.
func answers() *os.File {
	kept, err := syscall.Dup(1)
	if err == nil {
		var nowhere *os.File
		if nowhere, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
			err = syscall.Dup3(int(nowhere.Fd()), 1, 0)
		}
	}
	if err != nil {
		panic(err)
	}
	return os.NewFile(uintptr(kept), "answers")
}

func main() {
	output := answers()
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	oneLine := strings.NewReplacer("\n", " ", "\t", " ")
	for {
		fields, err := readCase(input)
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		result, nanoseconds := judge(fields)
		word := "reject"
		if result.accepted {
			word = "accept"
		}
		fmt.Fprintf(output, "%s\t%s\t%s\t%d\n", word, result.stage, oneLine.Replace(result.reason), nanoseconds)
	}
}
