package vzdump

import (
	"bytes"
	"math"
	"math/bits"
)

// A log writes sizes in three ways:
//
//	archive file size: 1.23GB      binary units (1 GB is 2^30 bytes) in the clothes of decimal ones, no blank, all versions
//	transferred 34359 MB           decimal (1 MB is 10^6 bytes), until PVE 6.2-4
//	transferred 32.00 GiB          what it says, since then, and in the output of the backup server's client
type unit struct {
	name  string
	bytes uint64
}

// A unit must stand before those that it is the beginning of.
var (
	binaryUnits  = []unit{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"PiB", 1 << 50}, {"EiB", 1 << 60}, {"B", 1}}
	decimalUnits = []unit{{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"PB", 1e15}, {"B", 1}}
	archiveUnits = []unit{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"TB", 1 << 40}, {"PB", 1 << 50}}
)

// parseArchiveSize reads the whole of a text like "1.23GB" as bytes.
func parseArchiveSize(text []byte) (int64, bool) {
	size, rest, ok := leadingSize(text, archiveUnits)
	return size, ok && len(rest) == 0
}

// leadingAmount reads a size with a blank before its unit, "3.3 GiB of ..." or "34359 MB in ...", and returns what follows it.
func leadingAmount(text []byte) (size int64, rest []byte, ok bool) {
	if size, rest, ok = leadingSize(text, binaryUnits); ok {
		return size, rest, true
	}
	return leadingSize(text, decimalUnits)
}

func leadingSize(text []byte, units []unit) (size int64, rest []byte, ok bool) {
	mantissa, scale, rest, ok := leadingDecimal(text)
	if !ok {
		return 0, nil, false
	}
	rest = bytes.TrimPrefix(rest, []byte(" "))
	for _, each := range units {
		if hasPrefix(rest, each.name) {
			high, low := bits.Mul64(mantissa, each.bytes)
			if high >= scale {
				return 0, nil, false
			}
			exact, _ := bits.Div64(high, low, scale)
			return int64(exact), rest[len(each.name):], exact <= math.MaxInt64
		}
	}
	return 0, nil, false
}

// leadingDecimal reads a number like "12.345" as 12345 and 1000.
func leadingDecimal(text []byte) (mantissa, scale uint64, rest []byte, ok bool) {
	const mostDigits = 18 // so that neither part overflows
	scale = 1
	digits, point := 0, false
	for i, c := range text {
		switch {
		case isDecimal(c) && digits < mostDigits:
			mantissa = 10*mantissa + uint64(c-'0')
			digits++
			if point {
				scale *= 10
			}
		case c == '.' && !point && digits > 0:
			point = true
		default:
			return mantissa, scale, text[i:], digits > 0
		}
	}
	return mantissa, scale, nil, digits > 0
}

// leadingInt reads a decimal number without sign.
func leadingInt(text []byte) (n int64, rest []byte, ok bool) {
	const mostDigits = 18
	i := 0
	for i < len(text) && isDecimal(text[i]) {
		if i == mostDigits {
			return 0, nil, false
		}
		n = 10*n + int64(text[i]-'0')
		i++
	}
	return n, text[i:], i > 0
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}
